import Glibc
import SutureCheckpoints
import SutureKernels

/// Packs the frames of a file one after another, through memory that it keeps; for one thread.
final class FrameWorkshop {
    private let packer: ZstdPacker
    private let restorer = FrameRestorer()
    private var content: [UInt8] = []
    private var planes: [UInt8] = []
    private var restored: [UInt8] = []

    /// Creates a workshop.
    ///
    /// - Parameter level: zstd's level.
    init(level: Int) { packer = ZstdPacker(level: level) }

    /// What became of a frame.
    enum Outcome {
        /// Its bytes.
        case packed(Int)
        /// zstd has no memory for it.
        case noMemory
        /// It does not restore to what was read.
        case packsWrongly
    }

    /// Packs a frame, restores it, and compares.
    ///
    /// - Parameters:
    ///   - frame: What is in it.
    ///   - file: The file that has the content.
    ///   - target: Where it goes; as long as zstd may need.
    /// - Returns: What became of it.
    /// - Throws: ``FileError`` where the content cannot be read.
    func pack(
        _ frame: FrameCutting.Frame,
        of file: InputFile,
        into target: inout [UInt8]
    ) throws(FileError) -> Outcome {
        let count = frame.content.count
        if content.count < count {
            (content, restored) = ([UInt8](repeating: 0, count: count), [UInt8](repeating: 0, count: count))
        }
        if frame.isSplit, planes.count < count { planes = [UInt8](repeating: 0, count: count) }
        return try unsafe content.withUnsafeMutableBufferPointer { (buffer) throws(FileError) in
            let bytes = unsafe UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
            try unsafe file.read(into: bytes, at: frame.content.lowerBound)
            let content = UnsafeRawBufferPointer(bytes)
            return unsafe restored.withUnsafeMutableBytes { buffer in
                let restored = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
                guard frame.isSplit else { return unsafe pack(content, into: &target, restoring: restored) }
                return unsafe planes.withUnsafeMutableBytes { buffer in
                    let planes = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
                    unsafe splitPlanes(content, into: planes)
                    let plain = UnsafeRawBufferPointer(planes)
                    let outcome = unsafe pack(plain, into: &target, restoring: restored)
                    unsafe joinPlanes(plain, into: restored)
                    return unsafe Self.areSame(content, restored) ? outcome : .packsWrongly
                }
            }
        }
    }

    private func pack(
        _ content: UnsafeRawBufferPointer,
        into target: inout [UInt8],
        restoring restored: UnsafeMutableRawBufferPointer
    ) -> Outcome {
        unsafe target.withUnsafeMutableBytes { target in
            guard let size = unsafe packer.pack(content, into: target) else { return .noMemory }
            let frame = unsafe UnsafeRawBufferPointer(rebasing: target[..<size])
            let fault = unsafe restorer.unpack(frame, into: restored)
            return unsafe fault == nil && Self.areSame(content, restored) ? .packed(size) : .packsWrongly
        }
    }

    private static func areSame(_ a: UnsafeRawBufferPointer, _ b: UnsafeMutableRawBufferPointer) -> Bool {
        guard a.count == b.count else { return false }
        guard let first = a.baseAddress, let second = b.baseAddress else { return unsafe a.isEmpty }
        return unsafe memcmp(first, second, a.count) == 0
    }
}
