/// Takes numbers of two bytes apart: first all upper bytes, then all lower ones.
///
/// - Parameters:
///   - content: The numbers, little-endian; an even number of bytes.
///   - planes: As many bytes.
package func splitPlanes(_ content: UnsafeRawBufferPointer, into planes: UnsafeMutableRawBufferPointer) {
    let half = content.count / 2
    precondition(content.count == planes.count && content.count % 2 == 0, "planes need pairs of bytes")
    for i in 0..<half {
        let number = unsafe UInt16(littleEndian: content.loadUnaligned(fromByteOffset: 2 * i, as: UInt16.self))
        unsafe planes[i] = UInt8(truncatingIfNeeded: number >> 8)
        unsafe planes[half + i] = UInt8(truncatingIfNeeded: number)
    }
}

/// Puts numbers of two bytes together again.
///
/// - Parameters:
///   - planes: All upper bytes, then all lower ones; an even number.
///   - content: As many bytes.
package func joinPlanes(_ planes: UnsafeRawBufferPointer, into content: UnsafeMutableRawBufferPointer) {
    let half = planes.count / 2
    precondition(content.count == planes.count && content.count % 2 == 0, "planes need pairs of bytes")
    for i in 0..<half {
        let number = unsafe UInt16(planes[i]) << 8 | UInt16(planes[half + i])
        unsafe content.storeBytes(of: number.littleEndian, toByteOffset: 2 * i, as: UInt16.self)
    }
}
