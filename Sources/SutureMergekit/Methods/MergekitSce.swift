import SutureKernels
import SutureMerging

/// SCE with steps that are rounded: of equal variances those are kept that torch keeps, and inputs whose differences are
/// small count equally.
struct MergekitSce: TensorMerge {
    private let layout: MergeLayout
    private let rounding: StepRounding
    private var selection: VarianceSelection
    private var torch: TorchSelection?
    private var weights: [Float]?
    private(set) var appliedDecisions: [MergeDecision] = []

    init(_ values: MergeValues, _ layout: MergeLayout, _ steps: MergekitSteps) {
        self.layout = layout
        rounding = steps.rounding
        selection = VarianceSelection(of: values.number("select_topk"), layout, rounding)
    }

    private var selectsLikeTorch: Bool { layout.elementCount <= TorchSelection.largestCount }

    var usesDifferences: Bool { true }
    var scratchRowCount: Int { 2 }
    var maximumSurveyCount: Int { selection.maximumSurveyCount + 1 }
    var statisticsByteCount: Int { selection.statisticsByteCount }

    var collectedByteCount: Int {
        guard !selection.keepsAll, selectsLikeTorch else { return selection.collectedByteCount }
        return TorchSelection([.init(tensor: 0, kept: 0..<0)], .selected, elementCount: layout.elementCount)
            .collectedByteCount
    }

    var pendingSurvey: SurveyPass? {
        torch?.pending ?? selection.pending ?? (weights == nil ? SurveyPass(sums: layout.inputCount) : nil)
    }

    func survey(_ block: inout MergeBlock, scratch: inout MergeScratch, adding statistics: inout MergeStatistics) {
        if let torch, torch.pending != nil {
            selection.findVariances(block, &scratch)
            return torch.survey(scratch.row(0), at: block.elements, adding: &statistics)
        }
        guard selection.pending == nil else { return selection.survey(block, &scratch, adding: &statistics) }
        selection.keep(&block, &scratch)
        for input in 0..<block.inputCount {
            statistics.sums[input] += dot(block.input(input), block.input(input), rounding)
        }
    }

    mutating func absorb(_ statistics: MergeStatistics) {
        if torch?.pending != nil {
            torch?.absorb(statistics)
            if let found = torch?.found.first { selection.choose(found) }
        } else if selection.pending != nil {
            let isCounted = selection.wantedCount != nil
            selection.absorb(statistics)
            guard !isCounted, let wanted = selection.wantedCount else { return }
            if selection.keepsNothing {
                appliedDecisions = [SceMerge.nothingSelected]
            } else if selectsLikeTorch {
                let search = TorchSelection.Search(tensor: 0, kept: 0..<wanted)
                torch = TorchSelection([search], .selected, elementCount: layout.elementCount)
            }
        } else {
            weigh(statistics.sums.map { rounding($0 / Double(max(1, layout.elementCount))) })
        }
    }

    private mutating func weigh(_ squares: [Float]) {
        let sum = rounding(squares.reduce(0, +))
        let isLarge = abs(sum) >= rounding(1e-6 as Float)
        weights = squares.map { rounding(isLarge ? $0 / sum : 1 / Float(squares.count)) }
    }

    func combine(_ block: inout MergeBlock, scratch: inout MergeScratch, into output: inout MutableSpan<Float>) {
        selection.keep(&block, &scratch)
        scratch.fillRow(0, with: 0)
        scratch.fillRow(1, with: 0)
        fill(&output, with: 0)
        for input in 0..<block.inputCount {
            var votes = scratch.mutableRow(0)
            add(block.input(input), to: &votes)
        }
        for (input, weight) in (weights ?? []).enumerated() {
            var values = block.mutableInput(input)
            scale(&values, by: weight, rounding)
            scratch.withRows(reading: 0, writing: 1) { votes, sums in
                addAgreeing(block.input(input), with: votes, weight: weight, to: &output, &sums)
            }
        }
        round(&output, to: rounding)
        let sums = scratch.row(1)
        let least = rounding(1e-6 as Float)
        for i in output.indices {
            let sum = rounding(sums[i])
            output[i] = rounding(output[i] / (sum > least ? sum : least))
        }
        add(block.base, to: &output)
    }
}
