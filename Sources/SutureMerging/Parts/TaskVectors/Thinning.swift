package import SutureKernels

/// How the differences of each input are thinned out before they are summed.
package struct Thinning: Sendable {
    /// Which differences are kept.
    package enum Rule: Sendable {
        /// All.
        case none

        /// The largest of the tensor: `density` of them.
        case magnitude

        /// Without the largest `gamma` of the tensor, the largest: `density` of all.
        case outliers

        /// Each with probability `density`.
        case random

        /// Each with a probability that grows with its rank in its row, by `epsilon` around `density`.
        case ranked
    }

    /// What is kept of one input.
    package enum Share: Sendable {
        case all
        case nothing
        /// Without the largest `top`, so many of the largest.
        case window(top: Int, count: Int)
        /// Elements that somebody else finds, before anything is thinned.
        case chosen(ElementSet?)
        case random(density: Double)
        case ranked(density: Double, epsilon: Double)
    }

    private let layout: MergeLayout
    private let divides: Bool
    private let measure: @Sendable (Double, Double) -> Float
    private let generators: [Philox]
    private var shares: [Share]
    private var selection: MagnitudeSelection?
    private var cuts: [MagnitudeCut]?

    /// Where among the cuts those of each input begin.
    private var firstCuts: [Int] = []

    /// What each input's kept differences are multiplied by; `nil` until a pass has found it.
    package private(set) var ratios: [Float]?

    /// Creates a thinning.
    ///
    /// - Parameters:
    ///   - shares: What is kept of each input.
    ///   - divides: Whether what is kept by rank is divided by its own probability.
    ///   - ratios: What each input's kept differences are multiplied by; `nil` where a pass must find it.
    ///   - layout: The tensor.
    ///   - random: Where random numbers come from.
    ///   - measure: The ratio of two sums of magnitudes, of all differences and of those kept.
    package init(
        _ shares: [Share],
        divides: Bool,
        ratios: [Float]?,
        _ layout: MergeLayout,
        _ random: RandomKey,
        measure: @escaping @Sendable (_ before: Double, _ after: Double) -> Float = { $1 > 0 ? Float($0 / $1) : 1 }
    ) {
        self.shares = shares
        self.divides = divides
        self.ratios = ratios
        self.layout = layout
        self.measure = measure
        generators = (0..<layout.inputCount).map { Philox(random, input: $0) }
        var ranks: [(tensor: Int, rank: Int)] = []
        for (input, share) in shares.enumerated() {
            firstCuts.append(ranks.count)
            guard case .window(let top, let count) = share else { continue }
            ranks += [(input, top), (input, top + count)]
        }
        if !ranks.isEmpty {
            selection = MagnitudeSelection(
                ranks: ranks,
                tensorCount: layout.inputCount,
                elementCount: layout.elementCount
            )
        }
        takeCuts()
    }

    /// Keeps these elements of an input.
    package mutating func choose(_ elements: ElementSet, of input: Int) { shares[input] = .chosen(elements) }

    private var rankCount: Int {
        shares.reduce(0) { count, share in if case .window = share { count + 2 } else { count } }
    }

    /// The most passes that may be needed.
    package var maximumSurveyCount: Int {
        (rankCount > 0 ? MagnitudeSelection.maximumPassCount(ranks: rankCount) : 0) + (ratios == nil ? 1 : 0)
    }

    /// The bytes of counters that a pass needs.
    package var statisticsByteCount: Int {
        rankCount == 0 ? 0 : MagnitudeSelection.byteCount(tensors: layout.inputCount, ranks: rankCount)
    }

    /// The bytes that a pass collects from all workers together.
    package var collectedByteCount: Int { selection?.collectedByteCount ?? 0 }

    /// Whether ranks are counted in whole rows.
    package var needsRows: Bool {
        shares.contains { if case .ranked = $0 { true } else { false } }
    }

    /// The next pass, or `nil` when nothing more must be known.
    package var pending: SurveyPass? {
        if let selection, !selection.isDone { return selection.pending }
        return ratios == nil ? SurveyPass(sums: 2 * layout.inputCount) : nil
    }

    /// Adds what a block of differences tells.
    package func survey(
        _ block: inout MergeBlock,
        _ scratch: inout MergeScratch,
        adding statistics: inout MergeStatistics
    ) {
        if let selection, !selection.isDone {
            for input in 0..<block.inputCount {
                selection.survey(block.input(input), of: input, at: block.elements, adding: &statistics)
            }
            return
        }
        for input in 0..<block.inputCount {
            statistics.sums[2 * input] += sumOfMagnitudes(block.input(input))
            thin(&block, input, &scratch)
            statistics.sums[2 * input + 1] += sumOfMagnitudes(block.input(input))
        }
    }

    /// Takes what the pending pass found.
    package mutating func absorb(_ statistics: MergeStatistics) {
        guard selection?.isDone ?? true else {
            selection?.absorb(statistics)
            takeCuts()
            return
        }
        ratios = shares.indices.map { input in
            if case .all = shares[input] { return 1 }
            return measure(statistics.sums[2 * input], statistics.sums[2 * input + 1])
        }
    }

    private mutating func takeCuts() {
        guard cuts == nil, selection?.isDone ?? true else { return }
        cuts = selection?.cuts ?? []
    }

    /// Sets to zero what is not kept of an input's differences, and multiplies the rest by a factor.
    package func thin(
        _ block: inout MergeBlock,
        _ input: Int,
        _ scratch: inout MergeScratch,
        times factor: Float = 1
    ) {
        let elements = block.elements
        if case .ranked(let density, let epsilon) = shares[input] { rank(block, input, density, epsilon, &scratch) }
        var values = block.mutableInput(input)
        switch shares[input] {
        case .all: break
        case .nothing: return fill(&values, with: 0)
        case .window:
            guard let cuts else { return }
            let first = firstCuts[input]
            return keep(&values, at: elements, from: cuts[first], to: cuts[first + 1], times: factor)
        case .chosen(let chosen): chosen?.keep(&values, at: elements)
        case .random(let density):
            return keepRandomly(&values, at: elements, probability: density, times: factor, generators[input])
        case .ranked:
            let probabilities = scratch.row(0)
            keepRandomly(&values, at: elements, probabilities: probabilities, divides: divides, generators[input])
        }
        if factor != 1 { scale(&values, by: factor) }
    }

    /// Writes the probabilities of an input's differences to the first row of scratch.
    private func rank(
        _ block: borrowing MergeBlock,
        _ input: Int,
        _ density: Double,
        _ epsilon: Double,
        _ scratch: inout MergeScratch
    ) {
        let length = layout.rowLength
        var memory = RankMemory()
        var probabilities = scratch.mutableRow(0)
        for start in stride(from: 0, to: block.count, by: length) {
            let row = start..<min(start + length, block.count)
            rankMagnitudes(block.input(input).extracting(row), into: &probabilities, from: start, &memory)
        }
        let least = length > 1 ? Float(density - epsilon) : Float(density)
        let step = length > 1 ? Float(2 * epsilon / Double(length - 1)) : 0
        for i in probabilities.indices { probabilities[i] = least + probabilities[i] * step }
    }
}
