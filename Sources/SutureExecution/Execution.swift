package import SuturePlanning
package import SystemPackage
import SutureCheckpoints
import SutureDiagnostics

/// Runs plans: all at once, or in parts that any machine takes, and a last step when all are done.
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
        let checked = try CheckedPlan(plan, options)
        let place = try OutputPlace(folder)
        try place.check(checked.plan, replacesExisting: options.replacesExisting)
        var run = try Run(.whole, of: checked, options: options, isCancelled: isCancelled, onEvent: onEvent)
        try run.sources.verify()
        let finishing = try Finishing(checked, options: options, isCancelled: isCancelled)
        let staged = try StagedFolder.open(place, resumes: options.resumes)
        let outcome: Finishing.Outcome
        do throws(ExecutionError) {
            try run.write(into: staged)
            onEvent(.publishing)
            outcome = try finishing.complete(staged, finishing.receipts(in: staged.work))
        } catch {
            guard options.resumes || options.keepsCancelled && error.kind == .retry else { throw error }
            staged.keep()
            throw error.keeping("go on with it: --resume")
        }
        try options.beforePublishing()
        try staged.publish(replacesExisting: options.replacesExisting)
        return Receipt(
            folder: place.folder,
            logicalBytes: outcome.byteCount,
            physicalBytes: outcome.byteCount - outcome.sharedBytes,
            resumedBytes: run.resumedBytes,
            duration: .now - start,
            peakMemory: ProcessMemory.peak,
            threads: run.budget.threads,
            decisions: run.decisions
        )
    }

    /// Writes one part of what a plan describes, beside others that do the same with theirs.
    ///
    /// Nothing is under the folder's name afterwards: that is for ``finish(_:into:options:isCancelled:onEvent:)``. A part
    /// that is done already is left as it is, and one that was interrupted is gone on with.
    ///
    /// - Parameters:
    ///   - part: Which part.
    ///   - plan: What to write.
    ///   - folder: The output's final name; the same for all parts.
    ///   - options: How; nothing in them changes a byte.
    ///   - isCancelled: Asked before each window; called from any thread.
    ///   - onEvent: Told of progress; called from any thread.
    /// - Returns: What was made.
    /// - Throws: ``ExecutionError``.
    @discardableResult
    package static func run(
        _ part: Part,
        of plan: Plan,
        into folder: FilePath,
        options: ExecutionOptions = ExecutionOptions(),
        isCancelled: @escaping @Sendable () -> Bool = { false },
        onEvent: @escaping @Sendable (ExecutionEvent) -> Void = { _ in }
    ) throws(ExecutionError) -> Receipt {
        let start = ContinuousClock.now
        let checked = try CheckedPlan(plan, options)
        let place = try OutputPlace(folder)
        if try place.holds(plan) { return .done(place, start, byteCount: 0) }
        try place.check(checked.plan, replacesExisting: true)
        var run = try Run(part, of: checked, options: options, isCancelled: isCancelled, onEvent: onEvent)
        let staged = try StagedFolder.join(place)
        do throws(ExecutionError) { try run.write(into: staged) } catch {
            throw error.keeping("run the part again: it goes on from there")
        }
        return Receipt(
            folder: place.folder,
            logicalBytes: run.totalBytes,
            physicalBytes: run.totalBytes - run.sharedBytes,
            resumedBytes: run.resumedBytes,
            wasDone: run.wasDone,
            duration: .now - start,
            peakMemory: ProcessMemory.peak,
            threads: run.budget.threads,
            decisions: run.decisions
        )
    }

    /// Makes an output of parts that have all been written: adds its small files and gives it its name.
    ///
    /// - Parameters:
    ///   - plan: The plan that the parts were run of.
    ///   - folder: The output's final name.
    ///   - options: How; nothing in them changes a byte of the weights.
    ///   - isCancelled: Asked now and then; called from any thread.
    ///   - onEvent: Told of progress; called from any thread.
    /// - Returns: What was made.
    /// - Throws: ``ExecutionError``, also where a part is missing or was made from another plan.
    @discardableResult
    package static func finish(
        _ plan: Plan,
        into folder: FilePath,
        options: ExecutionOptions = ExecutionOptions(),
        isCancelled: @escaping @Sendable () -> Bool = { false },
        onEvent: @escaping @Sendable (ExecutionEvent) -> Void = { _ in }
    ) throws(ExecutionError) -> Receipt {
        let start = ContinuousClock.now
        let checked = try CheckedPlan(plan, options)
        let place = try OutputPlace(folder)
        if try place.holds(plan) {
            try place.checkForm(of: plan, options.packing)
            return .done(place, start, byteCount: plan.outputByteCount)
        }
        try place.check(checked.plan, replacesExisting: options.replacesExisting)
        let finishing = try Finishing(checked, options: options, isCancelled: isCancelled)
        // Before the lock, so that whoever is not done yet is named.
        _ = try finishing.receipts(in: WorkFolder(in: place.partial))
        let staged = try StagedFolder.openToFinish(place)
        let receipts = try finishing.receipts(in: staged.work)
        onEvent(.publishing)
        let outcome = try finishing.complete(staged, receipts)
        try options.beforePublishing()
        try staged.publish(replacesExisting: options.replacesExisting)
        return Receipt(
            folder: place.folder,
            logicalBytes: outcome.byteCount,
            physicalBytes: outcome.byteCount - outcome.sharedBytes,
            resumedBytes: 0,
            duration: .now - start,
            peakMemory: ProcessMemory.peak,
            threads: 1
        )
    }
}
