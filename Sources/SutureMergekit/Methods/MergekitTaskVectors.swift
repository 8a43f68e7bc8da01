import SutureKernels
import SutureMerging

/// The task-arithmetic family with every step rounded to the numbers in which mergekit computes.
struct MergekitTaskVectors: TensorMerge {
    private let electsSigns: Bool
    private let rounding: StepRounding
    private let weights: [Float]
    private let normalizes: Bool
    private let lambda: Float
    private var thinning: Thinning
    private var torch: TorchSelection?
    let appliedDecisions: [MergeDecision]

    /// Takes the values of one of the family's methods.
    ///
    /// - Throws: ``MergeParameterError`` when the method does not take them.
    init(
        _ method: any TaskVectorMethod.Type,
        _ values: MergeValues,
        _ layout: MergeLayout,
        _ random: RandomKey,
        _ steps: MergekitSteps
    ) throws(MergeParameterError) {
        if method.rule == .ranked { try TaskVectors.checkProbabilities(of: method.descriptor, values) }
        let rounding = steps.rounding
        self.rounding = rounding
        electsSigns = method.electsSigns
        weights = values.each("weight").map { rounding($0) }
        normalizes = values.flag("normalize")
        lambda = Float(values.number("lambda"))
        var habits = ThinningShares.Habits()
        habits.keepsOne = !steps.isOld
        habits.needsOutliers = steps.isOld
        let kept = ThinningShares(method.rule, values, layout, habits)
        appliedDecisions = kept.decisions(of: method.descriptor, layout)

        var searches: [TorchSelection.Search] = []
        let shares = kept.all.enumerated().map { input, share -> Thinning.Share in
            switch share {
            case .random(let density) where rounding == .bfloat16: return .random(density: Double(rounding(density)))
            case .window(let top, let count) where layout.elementCount <= TorchSelection.largestCount:
                // The largest stand in front for TIES, and at the end for breadcrumbs.
                let start = method.rule == .outliers ? layout.elementCount - top - count : 0
                searches.append(TorchSelection.Search(tensor: input, kept: start..<(start + count)))
                return .chosen(nil)
            default: return share
            }
        }
        if !searches.isEmpty {
            let order: TorchSelection.Order = method.rule == .outliers ? .ascending : .descending
            torch = TorchSelection(searches, order, elementCount: layout.elementCount)
        }
        // What is drawn, mergekit draws and rescales in float32, of binary16 too.
        let isWidened = rounding == .float16 && (method.rule == .random || method.rule == .ranked)
        let measured = isWidened ? .none : rounding
        let ratios = kept.needsMeasuring ? nil : shares.map { _ in Float(1) }
        thinning = Thinning(shares, divides: false, ratios: ratios, layout, random) { before, after in
            let (a, b) = (measured(before), measured(after))
            // Written so that infinite sums, which binary16 gives for large tensors, become NaN as in mergekit.
            return a < 1e-7 || b < 1e-7 ? 1 : measured(a / b)
        }
    }

    var granularity: MergeGranularity { thinning.needsRows ? .rows : .elements }
    var usesDifferences: Bool { true }
    var scratchRowCount: Int { electsSigns ? 2 : (thinning.needsRows ? 1 : 0) }
    var maximumSurveyCount: Int { (torch?.passCount ?? 0) + thinning.maximumSurveyCount }
    var statisticsByteCount: Int { thinning.statisticsByteCount }
    var collectedByteCount: Int { torch?.collectedByteCount ?? thinning.collectedByteCount }
    var pendingSurvey: SurveyPass? { torch?.pending ?? thinning.pending }

    func survey(_ block: inout MergeBlock, scratch: inout MergeScratch, adding statistics: inout MergeStatistics) {
        guard let torch, torch.pending != nil else { return thinning.survey(&block, &scratch, adding: &statistics) }
        torch.survey(block.input(torch.pendingTensor), at: block.elements, adding: &statistics)
    }

    mutating func absorb(_ statistics: MergeStatistics) {
        guard let input = torch?.pending.flatMap({ _ in torch?.pendingTensor }) else {
            return thinning.absorb(statistics)
        }
        torch?.absorb(statistics)
        if let found = torch?.found.last { thinning.choose(found, of: input) }
    }

    func combine(_ block: inout MergeBlock, scratch: inout MergeScratch, into output: inout MutableSpan<Float>) {
        let ratios = thinning.ratios ?? weights.map { _ in 1 }
        for input in 0..<block.inputCount {
            thinning.thin(&block, input, &scratch)
            var values = block.mutableInput(input)
            if ratios[input] != 1 { scale(&values, by: ratios[input], rounding) }
            scale(&values, by: weights[input], rounding)
        }
        if electsSigns {
            elect(block, &scratch, into: &output)
        } else {
            fill(&output, with: 0)
            for input in 0..<block.inputCount { add(block.input(input), to: &output) }
            round(&output, to: rounding)
            let total = rounding(weights.reduce(0, +))
            if normalizes { divide(&output, by: abs(total) < rounding(1e-8 as Float) ? 1 : total, rounding) }
        }
        if lambda != 1 { scale(&output, by: lambda, rounding) }
        add(block.base, to: &output, rounding)
    }

    private func elect(
        _ block: borrowing MergeBlock,
        _ scratch: inout MergeScratch,
        into output: inout MutableSpan<Float>
    ) {
        castVotes(block, &scratch)
        var votes = scratch.mutableRow(0)
        round(&votes, to: rounding)
        collectVotes(block, weights, &scratch, into: &output)
        round(&output, to: rounding)
        guard normalizes else { return }
        var sums = scratch.mutableRow(1)
        round(&sums, to: rounding)
        divide(&output, byWeights: scratch.row(1), atLeast: 0, times: 1, rounding)
    }
}
