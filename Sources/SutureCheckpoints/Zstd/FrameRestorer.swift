import CZstd
import SutureKernels

/// Restores frames, through memory that it keeps; for one thread.
@safe package final class FrameRestorer {
    private let context: OpaquePointer?
    private var packed: [UInt8] = []
    private var planes: [UInt8] = []

    /// Creates a restorer.
    package init() {
        unsafe context = ZSTD_createDCtx()
    }

    deinit {
        unsafe _ = ZSTD_freeDCtx(context)
    }

    /// Restores a frame of a file, planes put together.
    ///
    /// - Parameters:
    ///   - frame: The frame.
    ///   - file: The packed file.
    ///   - target: Where to; exactly as long as the frame's content.
    /// - Throws: ``FileError`` with `corrupt` where the frame is no good.
    package func restore(
        _ frame: SeekableLayout.Frame,
        of file: any ByteSource,
        into target: UnsafeMutableRawBufferPointer
    ) throws(FileError) {
        // Asked first, so that a wild range cannot ask for wild memory.
        guard frame.packed.upperBound <= file.byteCount else {
            throw FileError(.read, file.path, .endsEarly(byteCount: file.byteCount))
        }
        if packed.count < frame.packed.count { packed = [UInt8](repeating: 0, count: frame.packed.count) }
        if frame.isSplit, planes.count < target.count { planes = [UInt8](repeating: 0, count: target.count) }
        let fault = try unsafe packed.withUnsafeMutableBufferPointer { (buffer) throws(FileError) -> String? in
            let bytes = unsafe UnsafeMutableRawBufferPointer(
                UnsafeMutableBufferPointer(rebasing: buffer[..<frame.packed.count])
            )
            try unsafe file.read(into: bytes, at: frame.packed.lowerBound)
            let source = UnsafeRawBufferPointer(bytes)
            guard frame.isSplit else { return unsafe unpack(source, into: target) }
            return unsafe planes.withUnsafeMutableBytes { buffer -> String? in
                let planes = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[..<target.count])
                if let fault = unsafe unpack(source, into: planes) { return fault }
                unsafe joinPlanes(UnsafeRawBufferPointer(planes), into: target)
                return nil
            }
        }
        if let fault {
            throw FileError(.read, file.path, .corrupt("the frame at byte \(frame.packed.lowerBound): \(fault)"))
        }
    }

    /// Restores a frame of a known length.
    ///
    /// - Parameters:
    ///   - frame: The frame.
    ///   - target: Where to; exactly as long as the content must be.
    /// - Returns: What is wrong with the frame; `nil` where nothing is.
    package func unpack(_ frame: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> String? {
        let size = unsafe ZSTD_decompressDCtx(
            context,
            target.baseAddress,
            target.count,
            frame.baseAddress,
            frame.count
        )
        guard ZSTD_isError(size) == 0 else { return unsafe String(cString: ZSTD_getErrorName(size)).lowercased() }
        return size == target.count ? nil : "it holds \(size) bytes and its table says \(target.count)"
    }
}
