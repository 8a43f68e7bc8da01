import CZstd
import Glibc
import SutureKernels

/// Packs frames, each with a checksum of its content; for one thread.
@safe package final class ZstdPacker {
    private let context: OpaquePointer?
    private let restoring: OpaquePointer?
    private var restored: [UInt8] = []

    /// The levels that zstd knows.
    package static let levels = 1...22

    /// Creates a packer.
    ///
    /// - Parameter level: How hard to try; weights gain nothing above 1.
    package init(level: Int) {
        unsafe context = ZSTD_createCCtx()
        unsafe restoring = ZSTD_createDCtx()
        unsafe _ = ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Int32(clamping: level))
        unsafe _ = ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
    }

    deinit {
        unsafe _ = ZSTD_freeCCtx(context)
        unsafe _ = ZSTD_freeDCtx(restoring)
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

    /// Whether a frame restores to what was packed.
    package func restores(_ frame: [UInt8], to content: [UInt8]) -> Bool {
        if restored.count < content.count { restored = [UInt8](repeating: 0, count: content.count) }
        return unsafe restored.withUnsafeMutableBytes { target in
            let size = unsafe frame.withUnsafeBytes { source in
                unsafe ZSTD_decompressDCtx(
                    restoring,
                    target.baseAddress,
                    content.count,
                    source.baseAddress,
                    source.count
                )
            }
            return unsafe content.withUnsafeBytes { wanted in
                guard size == wanted.count else { return false }
                guard let a = target.baseAddress, let b = wanted.baseAddress else { return unsafe wanted.isEmpty }
                return unsafe memcmp(a, b, wanted.count) == 0
            }
        }
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
