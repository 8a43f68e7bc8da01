package import SutureKernels

/// Selects the elements on which inputs vary most, weighs inputs by the size of their differences, and erases those
/// whose sign loses the vote.
///
/// - Of the elements with any variance, `trunc(select_topk · count)` are kept; of equal variances those with the
///   lowest index. Where that is none, the result is the base; mergekit writes a tensor of another shape.
/// - Inputs count by the mean square of their differences. mergekit counts them equally where those sum to less
///   than 1e-6, as they do for most fine-tunes.
package struct SceMerge: MergeMethod {
    package static let descriptor = MergeDescriptor(
        name: "sce",
        title: "SCE",
        summary: "differences where models vary most, weighted by their size, where signs agree with the majority",
        paper: .init(title: "FuseChat: Knowledge Fusion of Chat Models", url: "https://arxiv.org/abs/2408.07990"),
        parameters: [
            .number(
                "select_topk",
                .global,
                in: 0...1,
                default: 1,
                "which part of the elements with any variance is kept"
            )
        ],
        ignored: ["int8_mask"],
        base: .required,
        inputs: 1 ... .max,
        decisions: [nothingSelected, smallDifferences],
        fragment: "blend: {method: sce, base: base, inputs: [a, b], params: {select_topk: 0.1}}"
    )

    /// What becomes of a tensor of which nothing is kept.
    package static let nothingSelected = MergeDecision(
        "sce-nothing-selected",
        documented: "where no element is selected, the result is the base"
    )

    /// How inputs count whose differences are small.
    package static let smallDifferences = MergeDecision(
        "sce-small-differences",
        documented: "inputs count by the mean squares of their differences however small they are"
    )

    private let layout: MergeLayout
    private var selection: VarianceSelection
    private var weights: [Float]?
    package private(set) var appliedDecisions: [MergeDecision] = []

    package init(_ values: MergeValues, layout: MergeLayout, random: RandomKey) {
        self.layout = layout
        selection = VarianceSelection(of: values.number("select_topk"), layout)
    }

    package var possibleDecisions: [MergeDecision] {
        (selection.keepsAll ? [] : [Self.nothingSelected]) + (layout.inputCount > 1 ? [Self.smallDifferences] : [])
    }

    package var usesDifferences: Bool { true }

    // It uses one. How many there are decides where sums are parted, and with that their last bits.
    package var scratchRowCount: Int { 2 }

    package var maximumSurveyCount: Int { selection.maximumSurveyCount + 1 }
    package var collectedByteCount: Int { selection.collectedByteCount }
    package var statisticsByteCount: Int { selection.statisticsByteCount }

    package var pendingSurvey: SurveyPass? {
        selection.pending ?? (weights == nil ? SurveyPass(sums: layout.inputCount) : nil)
    }

    package func survey(
        _ block: inout MergeBlock,
        scratch: inout MergeScratch,
        adding statistics: inout MergeStatistics
    ) {
        guard selection.pending == nil else { return selection.survey(block, &scratch, adding: &statistics) }
        selection.keep(&block, &scratch)
        for input in 0..<block.inputCount { statistics.sums[input] += dot(block.input(input), block.input(input)) }
    }

    package mutating func absorb(_ statistics: MergeStatistics) {
        guard selection.pending == nil else {
            selection.absorb(statistics)
            if selection.keepsNothing { appliedDecisions = [Self.nothingSelected] }
            return
        }
        let squares = statistics.sums.map { $0 / Double(max(1, layout.elementCount)) }
        let sum = squares.reduce(0, +)
        if sum > 0, sum < 1e-6 { appliedDecisions.append(Self.smallDifferences) }
        weights = squares.map { sum > 0 ? Float($0 / sum) : 1 / Float(squares.count) }
    }

    package func combine(_ block: inout MergeBlock, scratch: inout MergeScratch, into output: inout MergeOutput) {
        selection.keep(&block, &scratch)
        scratch.fillRow(0, with: 0)
        for input in 0..<block.inputCount {
            var votes = scratch.mutableRow(0)
            add(block.input(input), to: &votes)
        }
        var sums = [Double](repeating: 0, count: block.count)
        var agreed = sums
        let votes = scratch.row(0)
        for (input, weight) in (weights ?? []).enumerated() {
            let values = block.input(input)
            for i in output.indices where values[i] != 0 && (values[i] > 0) == (votes[i] >= 0) {
                sums[i] += Double(values[i]) * Double(weight)
                agreed[i] += Double(weight)
            }
        }
        let base = block.base
        for i in output.indices {
            output[i] = Float(Double(base[i]) + (agreed[i] > 0 ? sums[i] / agreed[i] : 0))
        }
    }
}
