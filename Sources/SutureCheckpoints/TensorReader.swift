import Synchronization
import SutureTensors
import SystemPackage

/// Reads the tensors of a checkpoint in ranges of bytes, from any number of threads.
///
/// Who reads does not learn in which format the bytes are stored. Files are opened when they are
/// first read, a few are kept open, and one that is not what it was when its header was read is refused.
package final class TensorReader: Sendable {
    /// Where a tensor's bytes lie as they are, for those who would move them without looking.
    package struct PlainExtent: Hashable, Sendable {
        /// The place of the file in ``Checkpoint/files``.
        package let file: Int

        /// The first byte in the file.
        package let offset: Int

        /// How many there are.
        package let byteCount: Int
    }

    private struct OpenFiles {
        var files: [Int: ContentFile] = [:]
        var order: [Int] = []
    }

    private let checkpoint: Checkpoint
    private let openLimit: Int
    private let calls: FileCalls
    private let open = Mutex(OpenFiles())
    private let frames = FrameCache()

    /// Creates a reader.
    ///
    /// - Parameters:
    ///   - checkpoint: Whose tensors to read.
    ///   - openLimit: The most files to keep open; at least 1.
    ///   - calls: The system calls to use.
    package init(_ checkpoint: Checkpoint, openLimit: Int = 32, calls: FileCalls = .system) {
        self.checkpoint = checkpoint
        self.openLimit = max(1, openLimit)
        self.calls = calls
    }

    /// Fills a buffer with a part of a tensor's bytes.
    ///
    /// - Parameters:
    ///   - tensor: A tensor of the checkpoint.
    ///   - bytes: Which of its bytes, counted from its first.
    ///   - buffer: As many bytes.
    /// - Throws: ``FileError``; with `changed` where the file is another than when it was opened.
    /// - Precondition: `bytes` lies inside the tensor and `buffer` is as long.
    package func read(
        _ tensor: StoredTensor,
        bytes: Range<Int>,
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(FileError) {
        precondition(bytes.lowerBound >= 0 && bytes.upperBound <= tensor.spec.byteCount, "range is past the tensor")
        precondition(bytes.count == buffer.count, "buffer and range differ in length")
        guard !bytes.isEmpty else { return }
        try unsafe content(tensor.file)
            .read(tensor.spec, at: tensor.offset, strides: tensor.strides, bytes: bytes, into: buffer)
    }

    /// Fills a span with a part of a tensor's bytes.
    ///
    /// - Throws: ``FileError``; with `changed` where the file is another than when it was opened.
    /// - Precondition: `bytes` lies inside the tensor and `span` is as long.
    package func read(
        _ tensor: StoredTensor,
        bytes: Range<Int>,
        into span: inout MutableRawSpan
    ) throws(FileError) {
        try unsafe span.withUnsafeMutableBytes { (buffer) throws(FileError) in
            try unsafe read(tensor, bytes: bytes, into: buffer)
        }
    }

    /// The bytes of a tensor; for small ones.
    package func bytes(of tensor: StoredTensor) throws(FileError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: tensor.spec.byteCount)
        var span = bytes.mutableSpan
        var target = unsafe span.mutableBytes
        try read(tensor, bytes: 0..<tensor.spec.byteCount, into: &target)
        return bytes
    }

    /// Where a tensor's bytes lie, or `nil` where the file does not hold them as they are.
    package func plainExtent(of tensor: StoredTensor) -> PlainExtent? {
        guard tensor.strides == nil, checkpoint.files[tensor.file].isPlain else { return nil }
        return PlainExtent(file: tensor.file, offset: tensor.offset, byteCount: tensor.spec.byteCount)
    }

    /// A file of the checkpoint, open and unchanged.
    ///
    /// - Parameter number: The place in ``Checkpoint/files``.
    /// - Returns: The file; it stays open for as long as it is held.
    /// - Throws: ``FileError``; with `changed` where it is another than when its header was read.
    package func file(_ number: Int) throws(FileError) -> InputFile { try content(number).file }

    private func content(_ number: Int) throws(FileError) -> ContentFile {
        if let file = open.withLock({ $0.files[number] }) { return file }
        let known = checkpoint.files[number]
        let input = try InputFile(known.path, calls: calls)
        guard input.identity == known.identity else { throw FileError(.open, known.path, .changed) }
        let file = try known.isPlain ? ContentFile(input) : ContentFile(packed: input, keeping: frames)
        return open.withLock { open in
            if let other = open.files[number] { return other }
            if open.order.count >= openLimit { open.files[open.order.removeFirst()] = nil }
            open.files[number] = file
            open.order.append(number)
            return file
        }
    }

    /// Checks that every file of the checkpoint is still what it was when its header was read.
    ///
    /// - Throws: ``FileError`` for the first that vanished or changed.
    package func checkUnchanged() throws(FileError) {
        for file in checkpoint.files {
            guard let now = try FileSystem.identity(of: file.path) else {
                throw FileError(.inspect, file.path, .noSuchFileOrDirectory)
            }
            guard now == file.identity else { throw FileError(.inspect, file.path, .changed) }
        }
    }
}
