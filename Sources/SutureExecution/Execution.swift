package import SuturePlanning
package import SystemPackage
import SutureCheckpoints
import SutureDiagnostics

/// Runs plans.
package enum Execution {
    /// Writes what a plan describes into a folder.
    ///
    /// The folder is there whole under its name when this returns, and not at all when it throws. Blocks the calling
    /// thread until then; the work is done on it and on threads of its own.
    ///
    /// - Parameters:
    ///   - plan: What to write.
    ///   - folder: Where to.
    ///   - options: How; nothing in them changes a byte.
    ///   - isCancelled: Asked before each window; called from any thread.
    ///   - onEvent: Told of progress; called from any thread.
    /// - Returns: What was made.
    /// - Throws: ``ExecutionError``.
    @discardableResult
    package static func run(
        _ plan: Plan,
        into folder: FilePath,
        options: ExecutionOptions = ExecutionOptions(),
        isCancelled: @escaping @Sendable () -> Bool = { false },
        onEvent: @escaping @Sendable (ExecutionEvent) -> Void = { _ in }
    ) throws(ExecutionError) -> Receipt {
        let start = ContinuousClock.now
        try PlanCheck.run(plan)
        let place = try OutputPlace(folder)
        try place.check(plan, replacesExisting: options.replacesExisting)
        let sources = SourceFiles(plan, calls: options.calls)
        try sources.verify()
        var run = try Run(plan: plan, options: options, sources: sources, isCancelled: isCancelled, onEvent: onEvent)
        let staged = try StagedFolder.open(place, resumes: options.resumes)
        do throws(ExecutionError) {
            try run.write(into: staged)
            onEvent(.publishing)
        } catch {
            if options.keepsPartial || options.resumes { staged.keep() }
            throw error
        }
        let packed = try pack(plan, in: staged, options, isCancelled)
        try staged.publish(replacesExisting: options.replacesExisting)
        return Receipt(
            folder: place.folder,
            logicalBytes: run.totalBytes - packed.contentBytes + packed.packedBytes,
            physicalBytes: run.totalBytes - run.sharedBytes - packed.contentBytes + packed.packedBytes,
            resumedBytes: run.resumedBytes,
            duration: .now - start,
            peakMemory: ProcessMemory.peak,
            threads: run.budget.threads,
            decisions: run.decisions
        )
    }

    /// Packs each shard and removes it as it was; the disk holds one of them twice at most.
    private static func pack(
        _ plan: Plan,
        in staged: borrowing StagedFolder,
        _ options: ExecutionOptions,
        _ isCancelled: @escaping @Sendable () -> Bool
    ) throws(ExecutionError) -> FilePacker.Outcome {
        var total = FilePacker.Outcome()
        guard let packing = options.packing else { return total }
        let packer = FilePacker(packing, isCancelled: isCancelled)
        for shard in plan.shards {
            let path = staged.path(shard.name)
            let name = PackedName.make(shard.name, splitsPlanes: packing.splitsPlanes)
            let outcome = try packer.pack(path, to: staged.path(name))
            try ExecutionError.system { () throws(FileError) in try FileSystem.remove(path) }
            total.contentBytes += outcome.contentBytes
            total.packedBytes += outcome.packedBytes
        }
        return total
    }
}
