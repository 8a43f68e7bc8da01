import SutureKernels

/// How the differences of each input are thinned out before they are summed.
struct Thinning: Sendable {
    /// Which differences are kept.
    enum Rule: Sendable {
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
    private enum Share: Sendable {
        case all
        case nothing
        /// What lies between two of the cuts.
        case window(from: Int, to: Int)
        /// What torch's sort leaves in some places.
        case sorted(search: Int)
        case random(density: Double)
        case ranked(density: Double, epsilon: Double)
    }

    let rule: Rule

    /// Whether a tensor was too small for outliers, which mergekit then takes for all of it.
    private(set) var lacksOutliers = false

    /// Whether nothing is kept of some input, at which mergekit stops.
    private(set) var keepsNothing = false

    private let layout: MergeLayout
    private let version: MergekitVersion?
    private var isMergekit: Bool { version != nil }
    private let rounding: StepRounding
    private let rescales: Bool
    private let generators: [Philox]
    private var shares: [Share] = []
    private var selection: MagnitudeSelection?
    private var torchSelection: TorchSelection?
    private var cuts: [MagnitudeCut]?

    /// What each input's kept differences are multiplied by; `nil` until a pass has found it.
    private(set) var ratios: [Float]?

    /// Takes the parameters of one of the family's methods.
    init(
        _ rule: Rule,
        _ values: CheckedParameters,
        _ layout: MergeLayout,
        _ compatibility: MergeCompatibility,
        _ random: RandomKey
    ) {
        self.rule = rule
        self.layout = layout
        version = compatibility.version
        rounding = compatibility.rounding
        rescales = rule != .none && values.flag("rescale")
        generators = (0..<layout.inputCount).map { Philox(random, input: $0) }
        var ranks: [(tensor: Int, rank: Int)] = []
        var searches: [TorchSelection.Search] = []
        for input in 0..<layout.inputCount {
            shares.append(share(of: input, values, &ranks, &searches))
        }
        if !searches.isEmpty {
            torchSelection = TorchSelection(
                searches,
                rule == .outliers ? .ascending : .descending,
                elementCount: layout.elementCount
            )
        }
        if !ranks.isEmpty {
            selection = MagnitudeSelection(
                ranks: ranks,
                tensorCount: layout.inputCount,
                elementCount: layout.elementCount
            )
        }
        ratios = initialRatios()
        takeCuts()
    }

    private mutating func share(
        of input: Int,
        _ values: CheckedParameters,
        _ ranks: inout [(tensor: Int, rank: Int)],
        _ searches: inout [TorchSelection.Search]
    ) -> Share {
        guard rule != .none else { return .all }
        let density = values.each("density")[input]
        guard density < 1 else { return .all }
        guard density > 0 else {
            keepsNothing = true
            return .nothing
        }
        switch rule {
        case .none: return .all
        case .random: return .random(density: isMergekit && rounding == .bfloat16 ? Double(rounding(density)) : density)
        case .ranked: return .ranked(density: density, epsilon: values.each("epsilon")[input])
        case .magnitude, .outliers:
            let count = layout.elementCount
            // As mergekit does, the product of binary numbers is truncated: 0.29 of 100 is 28.
            var kept = min(count, Int(density * Double(count)))
            var top = 0
            if rule == .outliers {
                let gamma = values.each("gamma")[input]
                top = min(Int(max(0, min(1, gamma)) * Double(count)), count - kept)
                if top == 0 {
                    lacksOutliers = true
                    if version == .v014 { return .nothing }
                }
            } else if version == .v015 {
                kept = min(count, max(1, kept))
            }
            guard kept > 0 else {
                keepsNothing = true
                return .nothing
            }
            if isMergekit, count <= TorchSelection.largestCount {
                // The largest stand in front for TIES, and at the end for breadcrumbs.
                let start = rule == .outliers ? count - top - kept : 0
                searches.append(TorchSelection.Search(tensor: input, kept: start..<(start + kept)))
                return .sorted(search: searches.count - 1)
            }
            ranks.append((input, top))
            ranks.append((input, top + kept))
            return .window(from: ranks.count - 2, to: ranks.count - 1)
        }
    }

    /// The ratios that follow from the parameters; `nil` where a pass must find them.
    private func initialRatios() -> [Float]? {
        guard rescales else { return shares.map { _ in 1 } }
        let isMeasured = isMergekit || rule == .magnitude || rule == .outliers
        guard isMeasured else {
            return shares.map { share in
                // The ranked rule divides each difference by its own probability.
                if case .random(let density) = share { Float(1 / drawnProbability(density)) } else { 1 }
            }
        }
        let needsPass = shares.contains { share in
            switch share {
            case .all, .nothing: false
            default: true
            }
        }
        return needsPass ? nil : shares.map { _ in 1 }
    }

    /// The most passes that may be needed.
    var maximumSurveyCount: Int {
        let searches = shares.reduce(0) { count, share in if case .window = share { count + 2 } else { count } }
        return (torchSelection?.passCount ?? 0)
            + (searches > 0 ? MagnitudeSelection.maximumPassCount(ranks: searches) : 0) + (ratios == nil ? 1 : 0)
    }

    /// The bytes of counters that a pass needs.
    var statisticsByteCount: Int {
        let searches = shares.reduce(0) { count, share in if case .window = share { count + 2 } else { count } }
        return searches == 0 ? 0 : MagnitudeSelection.byteCount(tensors: layout.inputCount, ranks: searches)
    }

    /// The bytes that a pass collects from all workers together.
    var collectedByteCount: Int {
        torchSelection?.collectedByteCount ?? selection?.collectedByteCount ?? 0
    }

    /// Whether ranks are counted in whole rows.
    var needsRows: Bool {
        shares.contains { if case .ranked = $0 { true } else { false } }
    }

    /// The next pass, or `nil` when nothing more must be known.
    var pending: SurveyPass? {
        if let pass = torchSelection?.pending { return pass }
        if let selection, !selection.isDone { return selection.pending }
        return ratios == nil ? SurveyPass(sums: 2 * layout.inputCount) : nil
    }

    /// Adds what a block of differences tells.
    func survey(_ block: inout MergeBlock, _ scratch: inout MergeScratch, adding statistics: inout MergeStatistics) {
        if let torchSelection, torchSelection.pending != nil {
            let values = block.input(torchSelection.pendingTensor)
            return torchSelection.survey(values, at: block.elements, adding: &statistics)
        }
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
    mutating func absorb(_ statistics: MergeStatistics) {
        guard torchSelection?.pending == nil else {
            torchSelection?.absorb(statistics)
            return
        }
        guard selection?.isDone ?? true else {
            selection?.absorb(statistics)
            takeCuts()
            return
        }
        ratios = shares.indices.map { input in
            if case .all = shares[input] { return 1 }
            return ratio(of: statistics.sums[2 * input], to: statistics.sums[2 * input + 1])
        }
    }

    private mutating func takeCuts() {
        guard cuts == nil, selection?.isDone ?? true else { return }
        cuts = selection?.cuts ?? []
    }

    private func ratio(of before: Double, to after: Double) -> Float {
        guard isMergekit else { return after > 0 ? Float(before / after) : 1 }
        // What is drawn, mergekit draws and rescales in float32, of binary16 too.
        let isWidened = rounding == .float16 && (rule == .random || rule == .ranked)
        let rounding = isWidened ? .none : rounding
        let (a, b) = (rounding(before), rounding(after))
        // Written so that infinite sums, which binary16 gives for large tensors, become NaN as in mergekit.
        return a < 1e-7 || b < 1e-7 ? 1 : rounding(a / b)
    }

    /// Sets to zero what is not kept of an input's differences, and multiplies the rest by a factor.
    func thin(_ block: inout MergeBlock, _ input: Int, _ scratch: inout MergeScratch, times factor: Float = 1) {
        let elements = block.elements
        switch shares[input] {
        case .all:
            guard factor != 1 else { return }
            var values = block.mutableInput(input)
            scale(&values, by: factor)
        case .nothing:
            var values = block.mutableInput(input)
            fill(&values, with: 0)
        case .window(let from, let to):
            guard let cuts else { return }
            var values = block.mutableInput(input)
            keep(&values, at: elements, from: cuts[from], to: cuts[to], times: factor)
        case .sorted(let search):
            guard let torchSelection, search < torchSelection.found.count else { return }
            var values = block.mutableInput(input)
            torchSelection.found[search].keep(&values, at: elements)
        case .random(let density):
            var values = block.mutableInput(input)
            keepRandomly(&values, at: elements, probability: density, times: factor, generators[input])
        case .ranked(let density, let epsilon):
            rank(block, input, density, epsilon, &scratch)
            var values = block.mutableInput(input)
            keepRandomly(
                &values,
                at: elements,
                probabilities: scratch.row(0),
                divides: rescales && !isMergekit,
                generators[input]
            )
            if factor != 1 { scale(&values, by: factor) }
        }
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
