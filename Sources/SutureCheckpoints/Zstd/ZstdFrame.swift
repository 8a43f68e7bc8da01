import CZstd
import SutureKernels

/// Packs frames, each with a checksum of its content; for one thread.
@safe package final class ZstdPacker {
    private let context: OpaquePointer?

    /// The levels that zstd knows.
    package static let levels = 1...22

    /// Creates a packer.
    ///
    /// - Parameter level: How hard to try; weights gain nothing above 1.
    package init(level: Int) {
        unsafe context = ZSTD_createCCtx()
        unsafe _ = ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Int32(clamping: level))
        unsafe _ = ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
    }

    deinit {
        unsafe _ = ZSTD_freeCCtx(context)
    }

    /// The most bytes that a frame of a content takes.
    package static func bound(_ contentByteCount: Int) -> Int { ZSTD_compressBound(contentByteCount) }

    /// Packs some bytes into a frame.
    ///
    /// - Parameters:
    ///   - content: The bytes.
    ///   - target: Where the frame goes; at least ``bound(_:)`` bytes.
    /// - Returns: The bytes of the frame, or `nil` where zstd has no memory for it.
    package func pack(_ content: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Int? {
        let size = unsafe ZSTD_compress2(
            context,
            target.baseAddress,
            target.count,
            content.baseAddress,
            content.count
        )
        return ZSTD_isError(size) == 0 ? size : nil
    }

    /// Packs some bytes into a frame.
    ///
    /// - Returns: The frame, or `nil` where zstd has no memory for it.
    package func pack(_ content: [UInt8]) -> [UInt8]? {
        var isGood = false
        let frame = unsafe [UInt8](unsafeUninitializedCapacity: Self.bound(content.count)) { target, count in
            let size = unsafe content.withUnsafeBytes { source in
                unsafe pack(source, into: UnsafeMutableRawBufferPointer(target))
            }
            (isGood, count) = (size != nil, size ?? 0)
        }
        return isGood ? frame : nil
    }
}

/// Bytes of 16-bit numbers in planes, for small ones.
package enum ZstdFrame {
    /// Takes numbers of two bytes apart: first all upper bytes, then all lower ones.
    package static func split(_ content: [UInt8]) -> [UInt8] {
        unsafe filled(content.count) { planes in
            unsafe content.withUnsafeBytes { unsafe splitPlanes($0, into: planes) }
        }
    }

    /// Puts numbers of two bytes together again.
    package static func joined(_ planes: [UInt8]) -> [UInt8] {
        unsafe filled(planes.count) { content in
            unsafe planes.withUnsafeBytes { unsafe joinPlanes($0, into: content) }
        }
    }

    private static func filled(_ count: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            unsafe fill(UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: count))
            filled = count
        }
    }
}
