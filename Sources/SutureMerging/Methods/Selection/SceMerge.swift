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
        paper: .init(
            title: "FuseChat: Knowledge Fusion of Chat Models",
            url: "https://arxiv.org/abs/2408.07990"
        ),
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
        decisions: [nothingSelected, smallDifferences, .mixedDTypes, .rowsStop],
        fragment: """
            blend: {method: sce, base: base, inputs: [a, b], params: {select_topk: 0.1}}
            """
    )

    private static let nothingSelected = MergeDecision(
        "sce-nothing-selected",
        documented: "where no element is selected, the result is the base",
        .until(.v014, "where no element is selected, a tensor of a wrong shape is written", isReproducible: false)
    )

    private static let smallDifferences = MergeDecision(
        "sce-small-differences",
        documented: "inputs count by the mean squares of their differences however small they are",
        .always("inputs count equally where the mean squares of their differences sum to less than 1e-6")
    )

    private enum Stage: Sendable {
        case counting
        case selecting(MagnitudeSelection)
        case selectingLikeTorch(TorchSelection)
        case weighing
        case done
    }

    private let part: Double
    private let isMergekit: Bool
    private let rounding: StepRounding
    private let layout: MergeLayout
    private var stage: Stage
    private var cut = MagnitudeCut.end
    private var selected: ElementSet?
    private var selectsNothing = false
    private var weights: [Float] = []
    package private(set) var appliedDecisions: [MergeDecision] = []

    package init(
        _ parameters: MergeParameters,
        layout: MergeLayout,
        random: RandomKey
    ) throws(MergeParameterError) {
        part = try CheckedParameters(parameters, of: Self.descriptor, layout).number("select_topk")
        isMergekit = parameters.compatibility.isMergekit
        rounding = parameters.compatibility.rounding
        self.layout = layout
        stage = part < 1 ? .counting : .weighing
    }

    package var possibleDecisions: [MergeDecision] {
        (part < 1 ? [Self.nothingSelected] : []) + (layout.inputCount > 1 ? [Self.smallDifferences] : [])
    }

    package var usesDifferences: Bool { true }
    package var scratchRowCount: Int { 2 }
    package var maximumSurveyCount: Int { part < 1 ? 2 + MagnitudeSelection.maximumPassCount(ranks: 1) : 1 }
    package var collectedByteCount: Int {
        guard part < 1 else { return 0 }
        return selectsLikeTorch
            ? TorchSelection([.init(tensor: 0, kept: 0..<0)], .selected, elementCount: layout.elementCount)
                .collectedByteCount
            : MagnitudeSelection.collectedByteCount(ranks: 1, elementCount: layout.elementCount)
    }

    /// Whether of equal variances those are kept that torch keeps.
    private var selectsLikeTorch: Bool { isMergekit && layout.elementCount <= TorchSelection.largestCount }

    package var statisticsByteCount: Int { part < 1 ? MagnitudeSelection.byteCount(tensors: 1, ranks: 1) : 0 }

    package var pendingSurvey: SurveyPass? {
        switch stage {
        case .counting: SurveyPass(counters: 1)
        case .selecting(let selection): selection.pending
        case .selectingLikeTorch(let selection): selection.pending
        case .weighing: SurveyPass(sums: layout.inputCount)
        case .done: nil
        }
    }

    package func survey(
        _ block: inout MergeBlock,
        scratch: inout MergeScratch,
        adding statistics: inout MergeStatistics
    ) {
        switch stage {
        case .counting:
            findVariances(block, &scratch)
            let variances = scratch.row(0)
            statistics.counters[0] += variances.count - count(variances, ofMagnitude: 0)
        case .selecting(let selection):
            findVariances(block, &scratch)
            selection.survey(scratch.row(0), of: 0, at: block.elements, adding: &statistics)
        case .selectingLikeTorch(let selection):
            findVariances(block, &scratch)
            selection.survey(scratch.row(0), at: block.elements, adding: &statistics)
        case .weighing:
            select(&block, &scratch)
            for input in 0..<block.inputCount {
                statistics.sums[input] += dot(block.input(input), block.input(input), rounding)
            }
        case .done: break
        }
    }

    package mutating func absorb(_ statistics: MergeStatistics) {
        switch stage {
        case .counting:
            // A product of single precision, as mergekit takes it.
            let wanted = Int(Float(statistics.counters[0]) * Float(max(0, part)))
            selectsNothing = wanted == 0
            if selectsNothing { appliedDecisions.append(Self.nothingSelected) }
            if selectsLikeTorch, !selectsNothing {
                let search = TorchSelection.Search(tensor: 0, kept: 0..<wanted)
                stage = .selectingLikeTorch(
                    TorchSelection([search], .selected, elementCount: layout.elementCount)
                )
                return
            }
            stage = .selecting(
                MagnitudeSelection(ranks: [(0, wanted)], tensorCount: 1, elementCount: layout.elementCount)
            )
            finishSelection()
        case .selecting(var selection):
            selection.absorb(statistics)
            stage = .selecting(selection)
            finishSelection()
        case .selectingLikeTorch(var selection):
            selection.absorb(statistics)
            selected = selection.found.first
            stage = .weighing
        case .weighing:
            weights = weights(of: statistics.sums.map { $0 / Double(max(1, layout.elementCount)) })
            stage = .done
        case .done: break
        }
    }

    private mutating func finishSelection() {
        guard case .selecting(let selection) = stage, selection.isDone else { return }
        cut = selection.cuts.first ?? .end
        stage = .weighing
    }

    private mutating func weights(of squares: [Double]) -> [Float] {
        if isMergekit {
            let rounded = squares.map { rounding($0) }
            let sum = rounding(rounded.reduce(0, +))
            guard abs(sum) >= rounding(1e-6 as Float) else {
                return rounded.map { _ in rounding(1 / Float(rounded.count)) }
            }
            return rounded.map { rounding($0 / sum) }
        }
        let sum = squares.reduce(0, +)
        guard sum > 0 else { return squares.map { _ in 1 / Float(squares.count) } }
        if sum < 1e-6 { appliedDecisions.append(Self.smallDifferences) }
        return squares.map { Float($0 / sum) }
    }

    /// Writes the variance of the inputs at each element to the first row of scratch.
    private func findVariances(_ block: borrowing MergeBlock, _ scratch: inout MergeScratch) {
        for i in 0..<block.count {
            var mean = 0.0
            var squares = 0.0
            for input in 0..<block.inputCount {
                let value = Double(block.input(input)[i])
                let step = value - mean
                mean += step / Double(input + 1)
                squares += step * (value - mean)
            }
            scratch.set(0, i, rounding(squares / Double(block.inputCount)))
        }
    }

    /// Sets to zero the differences that are not selected.
    private func select(_ block: inout MergeBlock, _ scratch: inout MergeScratch) {
        guard part < 1 else { return }
        if !selectsNothing, selected == nil { findVariances(block, &scratch) }
        let elements = block.elements
        for input in 0..<block.inputCount {
            var values = block.mutableInput(input)
            if selectsNothing {
                fill(&values, with: 0)
            } else if let selected {
                selected.keep(&values, at: elements)
            } else {
                keep(&values, at: elements, keys: scratch.row(0), to: cut)
            }
        }
    }

    package func combine(
        _ block: inout MergeBlock,
        scratch: inout MergeScratch,
        into output: inout MutableSpan<Float>
    ) {
        select(&block, &scratch)
        scratch.fillRow(0, with: 0)
        scratch.fillRow(1, with: 0)
        fill(&output, with: 0)
        for input in 0..<block.inputCount {
            var votes = scratch.mutableRow(0)
            add(block.input(input), to: &votes)
        }
        guard isMergekit else { return collect(block, scratch, into: &output) }
        for (input, weight) in weights.enumerated() {
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

    /// Writes the base and the weighted mean of what agrees with the vote, rounded once.
    private func collect(
        _ block: borrowing MergeBlock,
        _ scratch: borrowing MergeScratch,
        into output: inout MutableSpan<Float>
    ) {
        var sums = [Double](repeating: 0, count: block.count)
        var agreed = sums
        let votes = scratch.row(0)
        for (input, weight) in weights.enumerated() {
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
