import SutureCheckpoints
import SutureDiagnostics
import SuturePlanning
import SutureTensors
import Synchronization
import SystemPackage

/// One run of a part of a plan in a staged folder, from the first byte to the receipt.
struct Run {
    let plan: Plan
    let part: Part
    let stretches: [Stretch]
    let sources: SourceFiles
    let isCancelled: @Sendable () -> Bool
    let onEvent: @Sendable (ExecutionEvent) -> Void
    let budget: MemoryBudget

    /// The bytes that share their blocks with a source.
    private(set) var sharedBytes = 0

    /// The bytes that an earlier run left.
    private(set) var resumedBytes = 0

    /// Whether an earlier run had written all of the part.
    private(set) var wasDone = false

    /// Where the result of a mergekit file is not mergekit's, as far as this run has computed it.
    private(set) var decisions = AppliedDecisions()

    private let options: ExecutionOptions
    private let computed: ComputedTensors
    private let fingerprint: String
    private let cut: PartCut
    private let tensors: Range<Int>

    /// Prepares a run, and reads nothing yet.
    ///
    /// - Throws: ``ExecutionError`` where tensors cannot be computed or not in the memory there is.
    init(
        _ part: Part,
        of checked: CheckedPlan,
        options: ExecutionOptions,
        isCancelled: @escaping @Sendable () -> Bool,
        onEvent: @escaping @Sendable (ExecutionEvent) -> Void
    ) throws(ExecutionError) {
        plan = checked.plan
        fingerprint = checked.fingerprint
        self.part = part
        cut = try PartCut(plan, count: part.count)
        tensors = cut.tensors[part.number - 1]
        let stretches = cut.stretches(of: part, in: plan)
        self.stretches = stretches
        sources = SourceFiles(plan, tensors, in: options.sourceStore)
        self.isCancelled = isCancelled
        self.onEvent = onEvent
        computed = try ComputedTensors(plan, tensors)
        let shards = stretches.map { checked.plan.shards[$0.shard] }
        budget = try MemoryBudget(options, needs: .init(plan, shards, computed, sources))
        var options = options
        options.windowByteCount = budget.windowByteCount
        self.options = options
    }

    /// The bytes of the part.
    var totalBytes: Int { stretches.reduce(0) { $0 + $1.range.count } }

    /// Writes the part, sees it to the disk and leaves a receipt; where there is one already, nothing is left to do.
    ///
    /// - Throws: ``ExecutionError``, also where another run writes the part, or the folder is another plan's.
    mutating func write(into staged: borrowing StagedFolder) throws(ExecutionError) {
        try PartMarker(plan, fingerprint: fingerprint, cut).claim(staged.work)
        let lock = try takeLock(staged)
        defer { lock.removeFile() }
        let receiptPath = staged.work.receipt(part)
        if let receipt = try PartReceipt.read(receiptPath), try isValid(receipt, in: staged) {
            sharedBytes = receipt.sharedBytes
            resumedBytes = totalBytes
            wasDone = true
            onEvent(.started(totalBytes: totalBytes, doneBytes: totalBytes))
            return
        }
        try sources.verify()
        let journal = try Journal.open(
            staged.work.journal(part),
            of: part,
            fingerprint: fingerprint,
            byteCounts: stretches.map(\.range.count),
            calls: options.calls
        )
        let hashes = try writeStretches(staged, journal)
        try sources.verify()
        let partial = staged.place.partial
        try ExecutionError.system { () throws(FileError) in try FileSystem.syncFolder(partial) }
        try PartReceipt(
            fingerprint: fingerprint,
            part: part,
            stretches: stretches,
            hashes: hashes,
            sharedBytes: sharedBytes,
            writer: Host.process
        ).write(to: receiptPath, of: plan, calls: options.calls)
        try journal.end()
    }

    private func takeLock(_ staged: borrowing StagedFolder) throws(ExecutionError) -> FolderLock {
        let path = staged.work.lock(part)
        let outcome = try ExecutionError.system { () throws(FileError) in
            try FolderLock.take(path, holder: Host.process)
        }
        switch consume outcome {
        case .taken(let lock): return lock
        case .held(let holder): throw ExecutionError(.retry, .partHeld(part, staged.place.folder, by: holder))
        }
    }

    /// Whether a receipt speaks of this part, and the files that it speaks of are there.
    private func isValid(_ receipt: PartReceipt, in staged: borrowing StagedFolder) throws(ExecutionError) -> Bool {
        guard receipt.fingerprint == fingerprint, receipt.part == part, receipt.stretches == stretches,
            receipt.hashes.count == tensors.count
        else {
            return false
        }
        for stretch in stretches {
            // A run that was interrupted later may have packed it.
            guard try ShardContent.written(plan.shards[stretch.shard], in: staged.place.partial) != nil else {
                return false
            }
        }
        return true
    }

    /// Whether the file of a stretch is there with its final length.
    private func isWhole(_ stretch: Stretch, in staged: borrowing StagedFolder) throws(ExecutionError) -> Bool {
        let shard = plan.shards[stretch.shard]
        let path = staged.path(shard.name)
        return try ExecutionError.system { () throws(FileError) in
            try FileSystem.identity(of: path)?.byteCount == shard.byteCount
        }
    }

    /// Writes the part's bytes.
    ///
    /// - Returns: The hash of each of its tensors, where its bytes passed by.
    private mutating func writeStretches(
        _ staged: borrowing StagedFolder,
        _ journal: Journal
    ) throws(ExecutionError) -> [ContentHash?] {
        let neighbours = Neighbours(cut: cut, part: part, plan: plan, fingerprint: fingerprint)
        for (number, stretch) in stretches.enumerated() where try !isWhole(stretch, in: staged) {
            try neighbours.checkNotLost(stretch.shard, in: staged)
            try journal.forget(number)
        }
        let numbering = SourceNumbering(plan)
        let maps = stretches.map { ShardMap(plan.shards[$0.shard], of: plan, files: numbering) }
        let shared = try Reservation.make(
            for: stretches,
            of: plan,
            maps: maps,
            in: staged,
            sources: sources,
            options: options
        )
        for number in shared.renewed { try journal.forget(number) }
        let files = stretches.enumerated().map { number, stretch in
            ShardFile(
                stretch,
                number: number,
                of: plan,
                map: maps[number],
                at: staged.path(plan.shards[stretch.shard].name),
                journal: journal,
                options: options,
                isReadOnly: shared.linked.contains(number)
            )
        }
        sharedBytes = shared.byteCount
        resumedBytes = files.reduce(0) { $0 + $1.start - $1.stretch.range.lowerBound }
        onEvent(.started(totalBytes: totalBytes, doneBytes: resumedBytes))
        let grid = WindowGrid(stretches.map(\.range), windowByteCount: budget.windowByteCount)
        let hashes = stretches.enumerated().map { number, stretch in
            ShardHashes(
                tensors.clamped(to: plan.shards[stretch.shard].tensors),
                of: plan,
                in: stretch.range,
                at: staged.path(plan.shards[stretch.shard].name),
                start: files[number].start,
                skipping: options.hashes.skipped(in: stretch.range, shared: shared.shared[number]),
                calls: options.calls
            )
        }
        let writer = WindowWriter(
            files: files,
            hashes: hashes,
            grid: grid,
            sources: sources,
            numbering: numbering,
            sharing: shared,
            buffers: BufferPool(byteCount: budget.windowByteCount),
            mover: options.mover
        )
        do throws(ExecutionError) { try writeWindows(with: writer, numbering) } catch {
            // What is written counts for a later run; the failure itself matters more than one of this.
            if error.kind == .retry { for file in files { try? file.settle() } }
            throw error
        }
        let isCancelled = isCancelled
        try Crew(width: budget.threads).forEach(hashes.indices, state: {}) { number, _ throws(ExecutionError) in
            try hashes[number].finish(isCancelled: isCancelled)
        }
        return gathered(hashes)
    }

    /// The hashes of the part's tensors; those without a byte lie in no stretch for sure.
    private func gathered(_ hashes: [ShardHashes]) -> [ContentHash?] {
        var result: [ContentHash?] = tensors.map { plan.tensors[$0].spec.byteCount == 0 ? ContentHash(of: "") : nil }
        for (stretch, found) in zip(stretches, hashes) {
            let own = tensors.clamped(to: plan.shards[stretch.shard].tensors)
            for (index, hash) in zip(own, found.hashes) { result[index - tensors.lowerBound] = hash }
        }
        return result
    }

    private mutating func writeWindows(
        with writer: WindowWriter,
        _ numbering: SourceNumbering
    ) throws(ExecutionError) {
        let (plan, sources, isCancelled, onEvent) = (plan, sources, isCancelled, onEvent)
        let (shards, stretches) = (plan.shards, stretches)
        let factors = FactorCache(byteLimit: 2 * computed.factorByteCount)
        let schedule = Schedule(
            writer.grid.count,
            tensors(in: writer),
            Schedule.Limits(
                ahead: max(1, Self.surveyedAhead / budget.windowByteCount),
                statisticsByteCount: budget.statisticsByteCount
            ),
            settings: plan.settings,
            on: Crew(width: budget.threads),
            isCancelled: isCancelled
        ) { StoredNumbers(of: $0, in: plan, sources, numbering, factors) }
        let decisions = Mutex(AppliedDecisions())
        try schedule.run(onSurveyed: { tensor in
            if plan.recipe.dialect == "mergekit" { decisions.withLock { $0.add(tensor, of: plan) } }
        }) { index, prepared, workspaces throws(ExecutionError) in
            guard let outcome = try writer.write(index, prepared, workspaces) else { return }
            if outcome.written > 0 { onEvent(.wrote(bytes: outcome.written)) }
            if outcome.shared > 0 { onEvent(.shared(bytes: outcome.shared)) }
            if let number = outcome.finishedStretch {
                onEvent(.shardFinished(name: shards[stretches[number].shard].name))
            }
        }
        self.decisions = decisions.withLock { $0 }
    }

    /// What is surveyed ahead of the windows is still in the page cache when it is read again.
    private static let surveyedAhead = 128 << 20

    /// The computed tensors of the part, and the windows in which they have bytes.
    private func tensors(in writer: WindowWriter) -> [Schedule.Tensor] {
        let numbered = stretches.enumerated().map { ($1.shard, $0) }
        let stretchOfShard = Dictionary(numbered, uniquingKeysWith: { first, _ in first })
        return computed.indices.compactMap { index in
            let tensor = plan.tensors[index]
            let range = tensor.offset..<tensor.offset + tensor.spec.byteCount
            // An earlier run may have written it.
            guard let stretch = stretchOfShard[tensor.shard], range.upperBound > writer.files[stretch].start else {
                return nil
            }
            return Schedule.Tensor(index: index, pieces: writer.grid.windows(of: range, in: stretch))
        }
    }
}

extension Diagnostic {
    fileprivate static func partHeld(_ part: Part, _ folder: FilePath, by holder: String) -> Diagnostic {
        Diagnostic(
            code: "part-held",
            "another run writes part \(part): \(holder.isEmpty ? "it has not said who it is" : holder)",
            at: .file(folder.string, tensor: nil),
            fix: FixIt("run another part, or wait for it")
        )
    }
}
