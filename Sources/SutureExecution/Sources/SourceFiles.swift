import SutureCheckpoints
import SutureDiagnostics
import SuturePlanning
import SutureTensors
import Synchronization
import SystemPackage

/// The files that a plan reads, opened when they are first wanted and held to what the plan knows of them.
final class SourceFiles: Sendable {
    /// The most files that are open at once; the usual limit of a process is 1024.
    private static let openLimit = 200

    /// All files of the plan's sources, by their number in ``SourceNumbering``.
    let files: [Plan.Source.File]

    /// The numbers of those that are read from.
    let used: [Int]

    private let store: any ByteStore
    private let open = Mutex(OpenFiles())
    private let frames = FrameCache()

    private struct OpenFiles {
        var files: [Int: any ByteSource] = [:]
        /// The numbers of the files, the one opened first in front.
        var order: [Int] = []
    }

    /// The memory that packed files take while they are read.
    var frameByteCount: Int { files.contains { $0.unpackedByteCount != nil } ? FrameCache.usualByteLimit : 0 }

    /// Knows files, and opens none.
    ///
    /// - Parameters:
    ///   - files: The files, under the numbers by which they are asked for.
    ///   - used: The numbers of those that will be.
    ///   - store: Where they are read from.
    init(_ files: [Plan.Source.File], used: [Int], in store: any ByteStore) {
        self.files = files
        self.used = used
        self.store = store
    }

    /// Knows the files that some tensors of a plan are made of, and opens none.
    convenience init(_ plan: Plan, _ tensors: Range<Int>, in store: any ByteStore) {
        let numbering = SourceNumbering(plan)
        let used = Set(plan.tensors[tensors].flatMap { $0.expression.leaves.map(numbering.number(of:)) })
        self.init(plan.sources.flatMap(\.files), used: used.sorted(), in: store)
    }

    /// A file, open for reading.
    ///
    /// - Throws: ``ExecutionError`` where it cannot be opened or is not the file that was planned with.
    func plainFile(_ number: Int) throws(ExecutionError) -> InputFile? { try content(number).plainFile }

    private func content(_ number: Int) throws(ExecutionError) -> any ByteSource {
        if let known = open.withLock({ $0.files[number] }) { return known }
        let expected = files[number]
        let file: any ByteSource
        do throws(FileError) {
            let stored = try store.open(FilePath(expected.path))
            guard expected.isUnchanged(stored.byteCount, stored.version) else {
                throw FileError(.open, stored.path, .changed)
            }
            let name = stored.path.lastComponent?.string ?? ""
            file = try WeightPackings.content(of: stored, called: name, keeping: frames)
        } catch {
            if error.cause == .changed { throw ExecutionError(.model, .sourceChanged(expected.path)) }
            throw error.isAbsence ? ExecutionError(.model, .sourceVanished(expected.path)) : ExecutionError(error)
        }
        return open.withLock { open in
            // Another thread may have been faster.
            if let known = open.files[number] { return known }
            if open.order.count >= Self.openLimit { open.files[open.order.removeFirst()] = nil }
            open.files[number] = file
            open.order.append(number)
            return file
        }
    }

    /// Fills a buffer with bytes of a file.
    ///
    /// - Throws: ``ExecutionError``; where the file has become shorter, it is told as a change and not as a read that failed.
    func read(_ number: Int, at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(ExecutionError) {
        let file = try content(number)
        try checking(number, file) { () throws(FileError) in try unsafe file.read(into: buffer, at: offset) }
    }

    /// Fills a buffer with a part of a tensor's bytes, in the order of its elements.
    ///
    /// - Throws: ``ExecutionError`` as ``read(_:at:into:)`` does.
    func read(
        _ bytes: Range<Int>,
        of reference: StoredTensorReference,
        _ numbering: SourceNumbering,
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(ExecutionError) {
        let tensor = StoredTensor(
            spec: reference.spec,
            file: reference.file,
            offset: reference.offset,
            strides: reference.strides
        )
        try unsafe read(bytes, of: tensor, inFile: numbering.number(of: reference), into: buffer)
    }

    /// Fills a buffer with a part of a tensor's bytes, in the order of its elements.
    ///
    /// - Throws: ``ExecutionError`` as ``read(_:at:into:)`` does.
    func read(
        _ bytes: Range<Int>,
        of tensor: StoredTensor,
        inFile number: Int,
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(ExecutionError) {
        let file = try content(number)
        try checking(number, file) { () throws(FileError) in
            try unsafe file.read(
                tensor.spec,
                at: tensor.offset,
                strides: tensor.strides,
                bytes: bytes,
                into: buffer
            )
        }
    }

    private func checking(
        _ number: Int,
        _ file: any ByteSource,
        _ read: () throws(FileError) -> Void
    ) throws(ExecutionError) {
        do throws(FileError) { try read() } catch {
            if let now = try? file.currentVersion(), files[number].version != now {
                throw ExecutionError(.model, .sourceChanged(files[number].path))
            }
            throw ExecutionError(error)
        }
    }

    /// Fills a span with a run of a tensor's elements, as they are stored.
    func read(
        _ elements: Range<Int>,
        of reference: StoredTensorReference,
        _ numbering: SourceNumbering,
        into span: inout MutableRawSpan
    ) throws(ExecutionError) {
        let bytes = reference.spec.dtype.block.bytes(of: elements)
        try unsafe span.withUnsafeMutableBytes { (buffer) throws(ExecutionError) in
            try unsafe read(bytes, of: reference, numbering, into: buffer)
        }
    }

    /// Looks at every file that is read.
    ///
    /// - Throws: ``ExecutionError`` naming each file that is gone or not what it was.
    func verify() throws(ExecutionError) {
        var diagnostics = Diagnostics()
        for number in used {
            let expected = files[number]
            let state = try ExecutionError.system { () throws(FileError) in
                try store.state(of: FilePath(expected.path))
            }
            guard let state else {
                diagnostics.append(.sourceVanished(expected.path))
                continue
            }
            if !expected.isUnchanged(state.byteCount, state.version) {
                diagnostics.append(.sourceChanged(expected.path))
            }
        }
        if diagnostics.hasErrors { throw ExecutionError(.model, diagnostics.all) }
    }
}

extension Plan.Source.File {
    /// Whether a file is still the one that was planned with.
    func isUnchanged(_ byteCount: Int, _ version: ByteVersion) -> Bool {
        self.byteCount == byteCount && self.version == version
    }
}

extension FileError {
    fileprivate var isAbsence: Bool { errno == .noSuchFileOrDirectory }
}
