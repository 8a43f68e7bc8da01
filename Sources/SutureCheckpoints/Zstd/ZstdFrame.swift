import CZstd

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

    /// Packs some bytes into a frame.
    ///
    /// - Returns: The frame, or `nil` where zstd has no memory for it.
    package func pack(_ content: [UInt8]) -> [UInt8]? {
        var isGood = false
        let frame = unsafe [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(content.count)) { target, count in
            let size = unsafe content.withUnsafeBytes { source in
                unsafe ZSTD_compress2(context, target.baseAddress, target.count, source.baseAddress, source.count)
            }
            isGood = ZSTD_isError(size) == 0
            count = isGood ? size : 0
        }
        return isGood ? frame : nil
    }
}

/// Restores frames.
package enum ZstdFrame {
    /// Restores a frame of a known length.
    ///
    /// - Parameters:
    ///   - frame: The frame.
    ///   - target: Where to; exactly as long as the content must be.
    /// - Returns: What is wrong with the frame; `nil` where nothing is.
    package static func unpack(_ frame: [UInt8], into target: UnsafeMutableRawBufferPointer) -> String? {
        let size = unsafe frame.withUnsafeBytes { source in
            unsafe ZSTD_decompress(target.baseAddress, target.count, source.baseAddress, source.count)
        }
        guard ZSTD_isError(size) == 0 else { return unsafe String(cString: ZSTD_getErrorName(size)).lowercased() }
        return size == target.count ? nil : "it holds \(size) bytes and its table says \(target.count)"
    }

    /// Takes numbers of two bytes apart: first all upper bytes, then all lower ones.
    package static func split(_ content: [UInt8]) -> [UInt8] {
        let half = content.count / 2
        var planes = [UInt8](repeating: 0, count: content.count)
        for i in 0..<half {
            planes[i] = content[2 * i + 1]
            planes[half + i] = content[2 * i]
        }
        return planes
    }

    /// Puts numbers of two bytes together again.
    package static func joined(_ planes: [UInt8]) -> [UInt8] {
        let half = planes.count / 2
        var content = [UInt8](repeating: 0, count: planes.count)
        for i in 0..<half {
            content[2 * i + 1] = planes[i]
            content[2 * i] = planes[half + i]
        }
        return content
    }
}
