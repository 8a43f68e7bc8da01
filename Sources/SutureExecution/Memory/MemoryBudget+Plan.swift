package import SuturePlanning

extension MemoryBudget.Needs {
    /// What writing some shards of a plan needs.
    init(_ plan: Plan, _ shards: [Plan.Shard], _ computed: ComputedTensors, _ sources: SourceFiles) {
        // A header's text is made from parts of its own size; the plan itself is some words for each tensor.
        let header = shards.map(\.dataStart).max() ?? 0
        self.init(
            fixed: 3 * header + plan.tensors.count * 512 + 2 * computed.factorByteCount + sources.frameByteCount,
            workspace: computed.workspaceByteCount + computed.scratchByteCount + computed.factorByteCount,
            statistics: computed.statisticsByteCount,
            collected: computed.collectedByteCount
        )
    }
}

extension Execution {
    /// About how much memory running a plan with some options makes use of, in bytes.
    ///
    /// - Throws: ``ExecutionError`` where the plan cannot be run.
    package static func memoryUsed(_ plan: Plan, options: ExecutionOptions) throws(ExecutionError) -> Int {
        try PlanGuard.run(plan)
        let computed = try ComputedTensors(plan, plan.tensors.indices)
        let sources = SourceFiles(plan, plan.tensors.indices, in: options.sourceStore)
        let needs = MemoryBudget.Needs(plan, plan.shards, computed, sources)
        let budget = try MemoryBudget(options, needs: needs)
        // Windows are no longer than what there is to write.
        let window = min(budget.windowByteCount, plan.outputByteCount / budget.threads + 1)
        return min(
            budget.byteCount,
            MemoryBudget.wanted(needs, threads: budget.threads, windowByteCount: window)
        )
    }

    /// The memory that so many threads make use of when they run a plan, in bytes; with less, windows are smaller or
    /// threads fewer.
    ///
    /// - Throws: ``ExecutionError`` where the plan cannot be run.
    package static func memoryWanted(_ plan: Plan, threads: Int) throws(ExecutionError) -> Int {
        let options = ExecutionOptions()
        try PlanGuard.run(plan)
        let computed = try ComputedTensors(plan, plan.tensors.indices)
        let sources = SourceFiles(plan, plan.tensors.indices, in: options.sourceStore)
        let needs = MemoryBudget.Needs(plan, plan.shards, computed, sources)
        let wanted = MemoryBudget.wanted(needs, threads: threads, windowByteCount: options.windowByteCount)
        return max(128_000_000, wanted)
    }
}
