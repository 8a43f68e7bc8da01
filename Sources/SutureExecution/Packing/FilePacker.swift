import SutureCheckpoints
import SutureDiagnostics
package import SystemPackage

/// Packs weight files into seekable zstd, and restores them; several threads, one frame each.
package struct FilePacker: Sendable {
    /// How files are packed.
    package struct Options: Hashable, Sendable {
        /// zstd's level; weights gain nothing above 1.
        package var level = 1

        /// Whether numbers of two bytes are taken apart into planes, which plain zstd cannot put together again.
        package var splitsPlanes = false

        /// The number of threads; `nil` for one a core.
        package var threads: Int?

        /// Creates the usual options.
        package init() {}
    }

    /// What became of a file.
    package struct Outcome: Hashable, Sendable {
        /// Its bytes as they are.
        package var contentBytes = 0

        /// Its bytes when packed.
        package var packedBytes = 0
    }

    private let options: Options
    private let crew: Crew
    private let isCancelled: @Sendable () -> Bool

    /// Creates a packer.
    package init(_ options: Options = Options(), isCancelled: @escaping @Sendable () -> Bool = { false }) {
        self.options = options
        self.isCancelled = isCancelled
        crew = Crew(width: max(1, min(options.threads ?? MemoryBudget.coreCount, 64)))
    }

    /// Packs a safetensors file; every frame is restored and compared before it counts.
    ///
    /// - Parameters:
    ///   - source: The file.
    ///   - target: The file to make; nothing may be there.
    /// - Returns: What became of it.
    /// - Throws: ``ExecutionError``; the target is then not there.
    package func pack(_ source: FilePath, to target: FilePath) throws(ExecutionError) -> Outcome {
        let weights: WeightFile
        do throws(Diagnostics) {
            weights = try WeightFile.read(source, called: source.lastComponent?.string ?? "")
        } catch { throw ExecutionError(.model, error.all) }
        let file = try ExecutionError.system { () throws(FileError) in try InputFile(source) }
        let cutting = FrameCutting(weights, byteCount: file.byteCount, splitsPlanes: options.splitsPlanes)
        let output = try ExecutionError.system { () throws(FileError) in
            try OutputFile.create(target, byteCount: 0, isSparse: true)
        }
        let row = FrameRow(output.writer, mostAhead: crew.width * 8)
        if options.splitsPlanes {
            try row.begin(with: SeekableLayout.planes([false] + cutting.frames.map(\.isSplit)))
        }
        let (level, isCancelled) = (options.level, isCancelled)
        let frames = cutting.frames
        try crew.forEach(frames.indices, state: { FrameWorkshop(level: level) }) {
            index,
            workshop throws(ExecutionError) in
            do throws(ExecutionError) {
                if isCancelled() { throw .cancelled() }
                let content = frames[index].content
                if index + crew.width < frames.count { file.prefetch(frames[index + crew.width].content) }
                var memory = row.memory(ZstdPacker.bound(content.count))
                let outcome = try ExecutionError.system { () throws(FileError) in
                    try workshop.pack(frames[index], of: file, into: &memory)
                }
                switch outcome {
                case .packed(let count):
                    try row.add(FrameRow.Frame(bytes: memory, packed: count, content: content.count), at: index)
                case .noMemory: throw ExecutionError(.system, .cannotPack(file.path))
                case .packsWrongly: throw ExecutionError(.system, .packsWrongly(file.path))
                }
            } catch {
                row.giveUp()
                throw error
            }
        }
        let end = try row.end()
        do throws(FileError) { try output.finish() } catch { throw ExecutionError(error) }
        return Outcome(contentBytes: file.byteCount, packedBytes: end)
    }

    /// Restores a packed file; every frame's checksum is compared.
    ///
    /// - Parameters:
    ///   - source: The packed file.
    ///   - target: The file to make; nothing may be there.
    /// - Returns: What became of it.
    /// - Throws: ``ExecutionError``; the target is then not there.
    package func unpack(_ source: FilePath, to target: FilePath) throws(ExecutionError) -> Outcome {
        let content = try ExecutionError.system { () throws(FileError) in
            try PackedFile(try InputFile(source), keeping: FrameCache(byteLimit: 0))
        }
        let output = try ExecutionError.system { () throws(FileError) in
            try OutputFile.create(target, byteCount: content.byteCount)
        }
        let writer = output.writer
        let frames = content.layout.frames
        let isCancelled = isCancelled
        let buffers = BufferPool(byteCount: frames.map(\.content.count).max() ?? 0)
        try crew.forEach(frames.indices, state: { FrameRestorer() }) { index, restorer throws(ExecutionError) in
            if isCancelled() { throw .cancelled() }
            let range = frames[index].content
            try ExecutionError.system { () throws(FileError) in
                try unsafe buffers.withBuffer { (buffer) throws(FileError) in
                    let bytes = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[..<range.count])
                    try unsafe restorer.restore(frames[index], of: content.file, into: bytes)
                    try unsafe writer.write(UnsafeRawBufferPointer(bytes), at: range.lowerBound)
                }
                try writer.startWriteback(at: range.lowerBound, byteCount: range.count)
            }
        }
        do throws(FileError) { try output.finish() } catch { throw ExecutionError(error) }
        return Outcome(contentBytes: content.byteCount, packedBytes: content.file.byteCount)
    }
}

extension Diagnostic {
    fileprivate static func cannotPack(_ path: FilePath) -> Diagnostic {
        Diagnostic(
            code: "cannot-pack",
            "zstd has no memory for a frame",
            at: .file(path.string, tensor: nil),
            fix: FixIt("choose a lower level or fewer threads")
        )
    }

    fileprivate static func packsWrongly(_ path: FilePath) -> Diagnostic {
        Diagnostic(
            code: "packs-wrongly",
            "a frame that was packed does not restore to what was read: memory or disk is at fault",
            at: .file(path.string, tensor: nil)
        )
    }
}
