import SutureTensors

/// Formats that are read and not written.
extension Loops {
    /// Widens powers of two of which the exponent is stored (OCP E8M0).
    static func widenExponents(_ source: RawSpan, into destination: inout MutableSpan<Float>) {
        precondition(source.byteCount == destination.count, "source and destination differ in length")
        for i in destination.indices {
            destination[i] = unsafe scaleOfExponent(source.unsafeLoad(fromUncheckedByteOffset: i, as: UInt8.self))
        }
    }

    /// Widens ggml's Q8_0: a scale in binary16, then 32 signed bytes that it multiplies.
    static func widenQ80(_ source: RawSpan, into destination: inout MutableSpan<Float>) {
        let block = DType.ggmlQ80.block
        precondition(source.byteCount == block.bytes(of: destination.count), "source and destination differ in length")
        for place in 0..<destination.count / block.elementCount {
            let scale = scaleQ80(source, place).widened
            let (start, first) = (place * block.elementCount, place * block.byteCount + MemoryLayout<Half>.size)
            for i in 0..<block.elementCount {
                let level = unsafe source.unsafeLoad(fromUncheckedByteOffset: first &+ i, as: Int8.self)
                destination[start + i] = scale * Float(level)
            }
        }
    }

    /// The first element of the first block whose scale is no finite number.
    static func firstNonfiniteQ80(_ source: RawSpan) -> Int? {
        let block = DType.ggmlQ80.block
        let place = (0..<source.byteCount / block.byteCount).first { !scaleQ80(source, $0).widened.isFinite }
        return place.map { $0 * block.elementCount }
    }

    private static func scaleQ80(_ source: RawSpan, _ place: Int) -> Half {
        unsafe source.unsafeLoadUnaligned(fromByteOffset: place * DType.ggmlQ80.block.byteCount, as: Half.self)
    }

    /// The power of two that an exponent of eight bits stands for (OCP E8M0): `2^(e - 127)`, and NaN for 255.
    private static func scaleOfExponent(_ exponent: UInt8) -> Float {
        switch exponent {
        case 0: Float(bitPattern: 0x0040_0000)
        case 255: .nan
        default: Float(bitPattern: UInt32(exponent) << 23)
        }
    }
}
