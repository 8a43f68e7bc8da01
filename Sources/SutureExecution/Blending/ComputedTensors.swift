import SutureDiagnostics
import SutureMerging
import SuturePlanning
import SutureTensors

/// The tensors of a part of a plan whose numbers are computed, in the order in which they lie in the output.
struct ComputedTensors: Sendable {
    /// Their numbers in the plan, ascending.
    let indices: [Int]

    /// The most bytes of memory that a thread needs to compute one of them.
    private(set) var workspaceByteCount = 0

    /// The most bytes of memory that a thread needs beside it while it reads what an adapter changed.
    private(set) var scratchByteCount = 0

    /// The most bytes of statistics that one of them needs.
    private(set) var statisticsByteCount = 0

    /// The most bytes that a survey of one of them collects from all threads together.
    private(set) var collectedByteCount = 0

    /// The most bytes that the factor of an adapter takes that is held while a tensor is computed.
    private(set) var factorByteCount = 0

    /// Looks at some tensors of a plan, and reads none of their numbers.
    ///
    /// - Throws: ``ExecutionError`` with each tensor that cannot be computed.
    init(_ plan: Plan, _ tensors: Range<Int>) throws(ExecutionError) {
        indices = tensors.filter {
            let tensor = plan.tensors[$0]
            return tensor.movedBytes == nil && tensor.gatheredBytes == nil && !tensor.isZeroBytes
                && tensor.spec.byteCount > 0
        }
        if plan.tensors[tensors].contains(where: { !$0.expression.gatherings.isEmpty }) {
            workspaceByteCount = GatheredBytes.scratchByteCount
        }
        var diagnostics = Diagnostics()
        for index in indices {
            let tensor = ComputedTensor(plan.tensors[index], of: plan)
            do throws(ExecutionError) {
                let cost = try tensor.makeEvaluator(settings: plan.settings).cost
                let scratch = tensor.gathersBlocks ? GatheredBytes.scratchByteCount : 0
                workspaceByteCount = max(workspaceByteCount, cost.workspaceByteCount + scratch)
                statisticsByteCount = max(statisticsByteCount, cost.statisticsByteCount)
                collectedByteCount = max(collectedByteCount, cost.collectedByteCount)
                // Rows that are not stored as they are read are widened on the way.
                if tensor.sources.contains(where: { if case .rows = $0 { true } else { false } }) {
                    scratchByteCount = max(scratchByteCount, GatheredRows.scratchByteCount)
                }
                for (base, adaptation) in tensor.sources.flatMap(\.adaptations) {
                    let needs = AdaptedNumbers.needs(of: base, adaptation)
                    scratchByteCount = max(scratchByteCount, needs.scratch)
                    factorByteCount = max(factorByteCount, needs.factor)
                }
            } catch { diagnostics.append(contentsOf: error.diagnostics) }
        }
        if diagnostics.hasErrors { throw ExecutionError(.model, diagnostics.all) }
    }
}
