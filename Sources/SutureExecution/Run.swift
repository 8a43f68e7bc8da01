import SutureCheckpoints
import SuturePlanning
import SystemPackage

/// One run of a plan in a staged folder, from the first byte to the last sync.
struct Run {
    let plan: Plan
    let sources: SourceFiles
    let isCancelled: @Sendable () -> Bool
    let onEvent: @Sendable (ExecutionEvent) -> Void
    let budget: MemoryBudget

    /// The bytes that share their blocks with a source.
    private(set) var sharedBytes = 0

    /// The bytes that an earlier run left.
    private(set) var resumedBytes = 0

    /// Where the result is not mergekit's, as far as this run has computed it.
    private(set) var decisions = AppliedDecisions()

    /// The bytes of the manifest, once it is written.
    private var manifestBytes = 0

    private let options: ExecutionOptions
    private let computed: ComputedTensors

    /// Prepares a run, and reads nothing yet.
    ///
    /// - Throws: ``ExecutionError`` where tensors cannot be computed or not in the memory there is.
    init(
        plan: Plan,
        options: ExecutionOptions,
        sources: SourceFiles,
        isCancelled: @escaping @Sendable () -> Bool,
        onEvent: @escaping @Sendable (ExecutionEvent) -> Void
    ) throws(ExecutionError) {
        self.plan = plan
        self.sources = sources
        self.isCancelled = isCancelled
        self.onEvent = onEvent
        computed = try ComputedTensors(plan)
        // A header's text is made from parts of its own size; the plan itself is some words for each tensor.
        let header = plan.shards.map(\.dataStart).max() ?? 0
        let needs = MemoryBudget.Needs(
            fixed: 3 * header + plan.tensors.count * 512 + 2 * computed.factorByteCount
                + sources.frameByteCount,
            workspace: computed.workspaceByteCount + computed.scratchByteCount + computed.factorByteCount,
            statistics: computed.statisticsByteCount
        )
        budget = try MemoryBudget(options, needs: needs)
        var options = options
        options.windowByteCount = budget.windowByteCount
        self.options = options
    }

    /// The bytes of all the output's files.
    var totalBytes: Int {
        plan.shards.reduce(0) { $0 + $1.byteCount } + plan.documents.reduce(0) { $0 + $1.text.utf8.count }
            + plan.companions.reduce(0) { $0 + $1.byteCount } + manifestBytes
    }

    /// Writes everything, and sees it to the disk.
    mutating func write(into staged: borrowing StagedFolder) throws(ExecutionError) {
        let calls = options.calls
        let journalPath = staged.path(Journal.name)
        let journal =
            try staged.isResumed
            ? Journal.resume(journalPath, for: plan, calls: calls) : Journal.begin(journalPath, for: plan, calls: calls)
        if staged.isResumed { try removeStrays(staged) }
        let tensors = try writeShards(staged, journal)
        let companions = try writeSmallFiles(staged)
        try sources.verify()
        let headers = try plan.shards.map { (shard) throws(ExecutionError) in
            let path = staged.path(shard.name)
            return try shard.headerHash(in: plan, writtenAt: path)
        }
        let hashes = Manifest.Hashes(headers: headers, tensors: tensors, companions: companions)
        let manifest = Manifest(plan, hashes: hashes).text
        manifestBytes = manifest.utf8.count
        try ExecutionError.system { () throws(FileError) in
            try FileSystem.write(manifest, to: staged.path(DocumentNames.manifest), calls: options.calls)
        }
        try journal.end()
    }

    /// Writes the weight files.
    ///
    /// - Returns: The hash of each tensor, where its bytes passed by.
    private mutating func writeShards(
        _ staged: borrowing StagedFolder,
        _ journal: Journal
    ) throws(ExecutionError) -> [ContentHash?] {
        let numbering = SourceNumbering(plan)
        let maps = plan.shards.map { ShardMap($0, of: plan, files: numbering) }
        let shared = try Reservation.make(for: plan, maps: maps, in: staged, sources: sources, options: options)
        let shards = plan.shards.indices.map { number in
            let path = staged.path(plan.shards[number].name)
            return ShardFile(
                number,
                of: plan,
                map: maps[number],
                at: path,
                journal: journal,
                options: options,
                isReadOnly: shared.linked.contains(number)
            )
        }
        sharedBytes = shared.byteCount
        resumedBytes = shards.reduce(0) { $0 + $1.start }
        onEvent(.started(totalBytes: plan.shards.reduce(0) { $0 + $1.byteCount }, doneBytes: resumedBytes))
        let grid = WindowGrid(byteCounts: maps.map(\.byteCount), windowByteCount: budget.windowByteCount)
        let hashes = plan.shards.indices.map { number in
            ShardHashes(
                plan.shards[number].tensors,
                of: plan,
                in: 0..<plan.shards[number].byteCount,
                at: staged.path(plan.shards[number].name),
                start: shards[number].start,
                skipping: options.hashes.skipped(
                    in: 0..<plan.shards[number].byteCount,
                    shared: shared.shared[number]
                ),
                calls: options.calls
            )
        }
        let writer = WindowWriter(
            shards: shards,
            hashes: hashes,
            grid: grid,
            sources: sources,
            numbering: numbering,
            sharing: shared,
            buffers: BufferPool(byteCount: budget.windowByteCount),
            mover: options.mover
        )
        var batches = Batches(plan, computed, shards: shards, grid: grid)
        let crew = Crew(width: budget.threads)
        let factors = FactorCache(byteLimit: 2 * computed.factorByteCount)
        let surveys = Surveys(crew: crew, isCancelled: isCancelled, statisticsLimit: budget.statisticsByteCount)
        var prepared: [Int: PreparedTensor] = [:]
        while let batch = batches.next() {
            let numbers = batch.begins.map { index in
                let tensor = ComputedTensor(plan.tensors[index], of: plan)
                return StoredNumbers(tensor: tensor, files: sources, numbering: numbering, factors: factors)
            }
            let begun = try surveys.prepare(numbers, settings: plan.settings)
            for (index, tensor) in zip(batch.begins, begun) {
                prepared[index] = tensor
                decisions.add(tensor)
            }
            try write(batch.windows, with: writer, on: crew, prepared)
            for index in batch.ends { prepared[index] = nil }
        }
        let isCancelled = isCancelled
        try crew.forEach(hashes.indices, state: {}) { number, _ throws(ExecutionError) in
            try hashes[number].finish(isCancelled: isCancelled)
        }
        return hashes.flatMap(\.hashes)
    }

    private func write(
        _ windows: Range<Int>,
        with writer: WindowWriter,
        on crew: Crew,
        _ prepared: [Int: PreparedTensor]
    ) throws(ExecutionError) {
        let (isCancelled, onEvent, shards) = (isCancelled, onEvent, plan.shards)
        try crew.forEach(windows, state: { Workspaces() }) { index, workspaces throws(ExecutionError) in
            if isCancelled() { throw .cancelled() }
            guard let outcome = try writer.write(index, prepared, workspaces) else { return }
            if outcome.written > 0 { onEvent(.wrote(bytes: outcome.written)) }
            if outcome.shared > 0 { onEvent(.shared(bytes: outcome.shared)) }
            if let shard = outcome.finishedShard { onEvent(.shardFinished(name: shards[shard].name)) }
        }
    }

    /// Writes all other files but the manifest.
    ///
    /// - Returns: The hash of each companion.
    private func writeSmallFiles(_ staged: borrowing StagedFolder) throws(ExecutionError) -> [ContentHash] {
        var folders: Set<FilePath> = []
        var hashes: [ContentHash] = []
        for companion in plan.companions {
            if isCancelled() { throw .cancelled() }
            let path = staged.path(companion.name)
            try createFolder(of: path, in: staged, &folders)
            hashes.append(
                try ExecutionError.system { () throws(FileError) in
                    try FileSystem.copy(FilePath(companion.path), to: path, calls: options.calls)
                }
            )
        }
        for document in plan.documents {
            if isCancelled() { throw .cancelled() }
            let path = staged.path(document.name)
            try createFolder(of: path, in: staged, &folders)
            try ExecutionError.system { () throws(FileError) in
                try FileSystem.write(document.text, to: path, calls: options.calls)
            }
        }
        for folder in folders {
            try ExecutionError.system { () throws(FileError) in try FileSystem.syncFolder(folder) }
        }
        return hashes
    }

    /// Creates the folders between the staged folder and a file, and remembers them for the final sync.
    private func createFolder(
        of path: FilePath,
        in staged: borrowing StagedFolder,
        _ folders: inout Set<FilePath>
    ) throws(ExecutionError) {
        var folder = path.removingLastComponent()
        try ExecutionError.system { () throws(FileError) in try FileSystem.createFolders(folder) }
        while folder != staged.place.partial, folders.insert(folder).inserted { folder.removeLastComponent() }
    }

    /// Removes what an earlier run left beside its shards: small files, which are written anew, and torn ones.
    private func removeStrays(_ staged: borrowing StagedFolder) throws(ExecutionError) {
        let known = Set(plan.shards.map(\.name) + [Journal.name])
        let folder = staged.place.partial
        try ExecutionError.system { () throws(FileError) in
            for name in try FileSystem.list(folder) where !known.contains(name) {
                try FileSystem.removeTree(folder.appending(name))
            }
        }
    }
}
