import SutureCheckpoints
package import SutureDiagnostics
package import SuturePlanning
import SutureTensors
import Synchronization
package import SystemPackage

/// Compares a folder with its manifest: which files there are, what lies in them, and their hashes.
///
/// Weights are read once, in small pieces, tensor by tensor on several threads; packed files are read as their
/// content.
package struct Verification: Sendable {
    /// How a folder is verified.
    package struct Options: Hashable, Sendable {
        /// The number of threads; `nil` for one a core.
        package var threads: Int?

        /// Whether the tensors' bytes are read.
        package var readsTensors = true

        /// Creates the usual options.
        package init() {}
    }

    /// What was found.
    package struct Outcome: Sendable {
        /// What is wrong.
        package var diagnostics = Diagnostics()

        /// The files that have a fault of their own; what else is said of them would only repeat it.
        package var faultyFiles: Set<String> = []

        /// The tensors whose hash is that of the manifest.
        package var tensorCount = 0

        /// Their bytes.
        package var byteCount = 0

        /// The tensors that the manifest has no hash of, by their places in it, where their file can be read.
        package var unhashed: [Int] = []
    }

    let folder: FilePath
    let manifest: Manifest
    let options: Options
    let isCancelled: @Sendable () -> Bool
    let onEvent: @Sendable (ExecutionEvent) -> Void

    /// Prepares to verify a folder; nothing is read yet.
    package init(
        _ folder: FilePath,
        against manifest: Manifest,
        options: Options = Options(),
        isCancelled: @escaping @Sendable () -> Bool = { false },
        onEvent: @escaping @Sendable (ExecutionEvent) -> Void = { _ in }
    ) {
        self.folder = folder
        self.manifest = manifest
        self.options = options
        self.isCancelled = isCancelled
        self.onEvent = onEvent
    }

    /// Looks at everything.
    ///
    /// - Returns: What was found, wrong or right.
    /// - Throws: ``ExecutionError`` where the system refuses to read, or when cancelled.
    package func run() throws(ExecutionError) -> Outcome {
        var outcome = Outcome()
        let names = try ExecutionError.system { () throws(FileError) in try FolderListing.files(in: folder) }
        let present = Set(names)
        try checkFiles(present, &outcome)
        let shards = try manifest.shards.indices.map { (number) throws(ExecutionError) in
            try checkShard(number, present, &outcome)
        }
        var known = Set(manifest.files.map(\.name) + [DocumentNames.manifest]).union(outcome.faultyFiles)
        for (shard, weights) in zip(manifest.shards, shards) { known.insert(weights?.name ?? shard.name) }
        for name in names where !known.contains(name) { outcome.diagnostics.append(.extraFile(folder.appending(name))) }
        if options.readsTensors { try hashTensors(of: shards, &outcome) }
        return outcome
    }

    private func checkFiles(_ present: Set<String>, _ outcome: inout Outcome) throws(ExecutionError) {
        for file in manifest.files {
            if isCancelled() { throw .cancelled() }
            let path = folder.appending(file.name)
            guard present.contains(file.name) else {
                outcome.note(.missingFile(path), about: file.name)
                continue
            }
            let fault = try ExecutionError.system { () throws(FileError) -> Diagnostic? in
                let input = try InputFile(path)
                guard input.byteCount == file.byteCount else {
                    return .changedFile(path, "its length is \(input.byteCount)", of: "\(file.byteCount)")
                }
                let hash = try input.contentHash(of: 0..<file.byteCount)
                return hash == file.hash ? nil : .changedFile(path, "its hash is \(hash)", of: "\(file.hash)")
            }
            if let fault { outcome.note(fault, about: file.name) }
        }
    }

    /// Reads the tensors of the files that can be read, a tensor a thread, and compares their hashes.
    private func hashTensors(of shards: [ShardContent?], _ outcome: inout Outcome) throws(ExecutionError) {
        var jobs: [(tensor: Int, content: any ByteSource, range: Range<Int>)] = []
        for (index, range) in zip(manifest.tensors.indices, manifest.ranges) {
            let tensor = manifest.tensors[index]
            guard let shard = shards[tensor.shard], range.upperBound <= shard.content.byteCount else { continue }
            if tensor.hash == nil {
                outcome.unhashed.append(index)
            } else {
                jobs.append((index, shard.content, range))
            }
        }
        onEvent(.started(totalBytes: jobs.reduce(0) { $0 + $1.range.count }, doneBytes: 0))
        let work = jobs
        let found = Mutex<[Int: Diagnostic]>([:])
        let crew = Crew(width: max(1, min(options.threads ?? MemoryBudget.coreCount, 64)))
        let (isCancelled, onEvent, manifest) = (isCancelled, onEvent, manifest)
        try crew.forEach(work.indices, state: {}) { place, _ throws(ExecutionError) in
            let job = work[place]
            let tensor = manifest.tensors[job.tensor]
            var fault: Diagnostic?
            do throws(FileError) {
                var hasher = ContentHasher()
                try unsafe job.content.forEachPiece(of: job.range, isCancelled: isCancelled) { piece in
                    unsafe hasher.update(piece)
                    onEvent(.wrote(bytes: piece.count))
                }
                let hash = hasher.finish()
                if let wanted = tensor.hash, hash != wanted {
                    fault = .damagedTensor(tensor.spec.name, in: job.content.path, hash, of: wanted)
                }
            } catch {
                // A packed frame that cannot be restored is damage; anything else is the system's refusal.
                guard case .corrupt(let words) = error.cause else { throw ExecutionError(error) }
                fault = .unreadableTensor(tensor.spec.name, in: job.content.path, words)
            }
            if isCancelled() { throw .cancelled() }
            if let fault { found.withLock { $0[job.tensor] = fault } }
        }
        let faults = found.withLock { $0 }
        for job in work where faults[job.tensor] == nil {
            outcome.tensorCount += 1
            outcome.byteCount += job.range.count
        }
        outcome.diagnostics.append(contentsOf: faults.sorted { $0.key < $1.key }.map(\.value))
    }
}

extension Verification.Outcome {
    /// Takes a fault of a file down.
    mutating func note(_ diagnostic: Diagnostic, about file: String) {
        diagnostics.append(diagnostic)
        faultyFiles.insert(file)
    }
}
