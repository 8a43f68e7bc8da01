import SutureCheckpoints
import SutureDiagnostics
import Synchronization
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
        let writer = output.writer
        var lengths: [(packed: Int, content: Int)] = []
        var end = 0
        func write(_ bytes: [UInt8], content: Int?) throws(ExecutionError) {
            try ExecutionError.system { () throws(FileError) in try writer.write(bytes, at: end) }
            end += bytes.count
            if let content { lengths.append((bytes.count, content)) }
        }
        if options.splitsPlanes {
            try write(SeekableLayout.planes([false] + cutting.frames.map(\.isSplit)), content: 0)
        }
        let batchCount = crew.width * 4
        var first = 0
        while first < cutting.frames.count {
            let batch = first..<min(first + batchCount, cutting.frames.count)
            for (frame, packed) in zip(cutting.frames[batch], try pack(cutting.frames[batch], of: file)) {
                try write(packed, content: frame.content.count)
            }
            first = batch.upperBound
        }
        try write(SeekableLayout.table(of: lengths), content: nil)
        do throws(FileError) { try output.finish() } catch { throw ExecutionError(error) }
        return Outcome(contentBytes: file.byteCount, packedBytes: end)
    }

    private func pack(
        _ frames: ArraySlice<FrameCutting.Frame>,
        of file: InputFile
    ) throws(ExecutionError) -> [[UInt8]] {
        let results = Mutex([[UInt8]](repeating: [], count: frames.count))
        let (level, isCancelled) = (options.level, isCancelled)
        try crew.forEach(frames.indices, state: { ZstdPacker(level: level) }) { index, packer throws(ExecutionError) in
            if isCancelled() { throw .cancelled() }
            let frame = frames[index]
            let content = try ExecutionError.system { () throws(FileError) in try file.read(frame.content) }
            let plain = frame.isSplit ? ZstdFrame.split(content) : content
            guard let packed = packer.pack(plain) else { throw ExecutionError(.system, .cannotPack(file.path)) }
            var restored = [UInt8](repeating: 0, count: plain.count)
            let fault = unsafe restored.withUnsafeMutableBytes { unsafe ZstdFrame.unpack(packed, into: $0) }
            guard fault == nil, (frame.isSplit ? ZstdFrame.joined(restored) : restored) == content else {
                throw ExecutionError(.system, .packsWrongly(file.path))
            }
            results.withLock { $0[index - frames.startIndex] = packed }
        }
        return results.withLock { $0 }
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
            try ContentFile(packed: try InputFile(source), keeping: FrameCache(byteLimit: 0))
        }
        let output = try ExecutionError.system { () throws(FileError) in
            try OutputFile.create(target, byteCount: content.byteCount)
        }
        let writer = output.writer
        let frames = content.layout?.frames ?? []
        let isCancelled = isCancelled
        try crew.forEach(frames.indices, state: {}) { index, _ throws(ExecutionError) in
            if isCancelled() { throw .cancelled() }
            try ExecutionError.system { () throws(FileError) in
                let range = frames[index].content
                try writer.write(try content.read(range), at: range.lowerBound)
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
