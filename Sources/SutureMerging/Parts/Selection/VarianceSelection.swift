package import SutureKernels

/// Finds the elements on which the differences of inputs vary most: a part of those that vary at all.
package struct VarianceSelection: Sendable {
    private enum Stage: Sendable {
        case counting
        case selecting(MagnitudeSelection)
        case cut(MagnitudeCut)
        case chosen(ElementSet)
        case nothing
        case all
    }

    private let part: Double
    private let rounding: StepRounding
    private let elementCount: Int
    private var stage: Stage

    /// How many elements are kept; `nil` until those that vary are counted.
    package private(set) var wantedCount: Int?

    /// Looks for that part of a tensor's elements, all of them from 1 on, by variances that are rounded.
    package init(of part: Double, _ layout: MergeLayout, _ rounding: StepRounding = .none) {
        self.part = part
        self.rounding = rounding
        elementCount = layout.elementCount
        stage = part < 1 ? .counting : .all
    }

    /// Whether nothing is looked for, since all elements are kept.
    package var keepsAll: Bool { if case .all = stage { true } else { false } }

    /// Whether it turned out that no element is kept.
    package var keepsNothing: Bool { if case .nothing = stage { true } else { false } }

    /// The most passes that may be needed.
    package var maximumSurveyCount: Int { keepsAll ? 0 : 1 + MagnitudeSelection.maximumPassCount(ranks: 1) }

    /// The bytes of counters that a pass needs.
    package var statisticsByteCount: Int { keepsAll ? 0 : MagnitudeSelection.byteCount(tensors: 1, ranks: 1) }

    /// The bytes that a pass collects from all workers together.
    package var collectedByteCount: Int {
        keepsAll ? 0 : MagnitudeSelection.collectedByteCount(ranks: 1, elementCount: elementCount)
    }

    /// The next pass, or `nil` when the elements are known.
    package var pending: SurveyPass? {
        switch stage {
        case .counting: SurveyPass(counters: 1)
        case .selecting(let selection): selection.pending
        case .cut, .chosen, .nothing, .all: nil
        }
    }

    /// Adds what a block of differences tells.
    package func survey(
        _ block: borrowing MergeBlock,
        _ scratch: inout MergeScratch,
        adding statistics: inout MergeStatistics
    ) {
        findVariances(block, &scratch)
        let variances = scratch.row(0)
        switch stage {
        case .counting: statistics.counters[0] += variances.count - count(variances, ofMagnitude: 0)
        case .selecting(let selection): selection.survey(variances, of: 0, at: block.elements, adding: &statistics)
        case .cut, .chosen, .nothing, .all: break
        }
    }

    /// Takes what the pending pass found.
    package mutating func absorb(_ statistics: MergeStatistics) {
        var selection: MagnitudeSelection
        if case .selecting(let begun) = stage {
            selection = begun
            selection.absorb(statistics)
        } else {
            // A product of single precision, as mergekit takes it.
            let wanted = Int(Float(statistics.counters[0]) * Float(max(0, part)))
            wantedCount = wanted
            guard wanted > 0 else {
                stage = .nothing
                return
            }
            selection = MagnitudeSelection(ranks: [(0, wanted)], tensorCount: 1, elementCount: elementCount)
        }
        stage = selection.isDone ? .cut(selection.cuts.first ?? .end) : .selecting(selection)
    }

    /// Keeps these elements, which somebody else found.
    package mutating func choose(_ elements: ElementSet) { stage = .chosen(elements) }

    /// Writes the variance of the inputs at each element to the first row of scratch.
    package func findVariances(_ block: borrowing MergeBlock, _ scratch: inout MergeScratch) {
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

    /// Sets to zero the differences that are not kept; the first row of scratch is overwritten.
    package func keep(_ block: inout MergeBlock, _ scratch: inout MergeScratch) {
        if keepsAll { return }
        if case .cut = stage { findVariances(block, &scratch) }
        let elements = block.elements
        for input in 0..<block.inputCount {
            var values = block.mutableInput(input)
            switch stage {
            case .cut(let cut): SutureKernels.keep(&values, at: elements, keys: scratch.row(0), to: cut)
            case .chosen(let chosen): chosen.keep(&values, at: elements)
            case .counting, .selecting, .nothing, .all: fill(&values, with: 0)
            }
        }
    }
}
