import SutureKernels
import SutureTensors

/// What the methods of the task-arithmetic family share: differences from a base are thinned out, weighted, summed
/// with or without an election of signs, scaled and added to the base.
struct TaskVectors: Sendable {
    private let electsSigns: Bool
    private let isMergekit: Bool
    private let rounding: StepRounding
    private let weights: [Double]
    private let normalizes: Bool
    private let lambda: Double
    private let decisions: [MergeDecision]
    private(set) var thinning: Thinning

    /// What each input's kept differences are multiplied by, and what adds to the weights where it agrees.
    private var factors: [Double] = []
    private let shares: [Float]

    /// Takes the parameters of one of the family's methods.
    ///
    /// - Throws: ``MergeParameterError`` when the method does not take them.
    init(
        _ descriptor: MergeDescriptor,
        _ rule: Thinning.Rule,
        electsSigns: Bool,
        _ parameters: MergeParameters,
        _ layout: MergeLayout,
        _ random: RandomKey
    ) throws(MergeParameterError) {
        let values = try CheckedParameters(parameters, of: descriptor, layout)
        self.electsSigns = electsSigns
        isMergekit = parameters.compatibility.isMergekit
        rounding = parameters.compatibility.rounding
        weights = values.each("weight")
        normalizes = values.flag("normalize")
        lambda = values.number("lambda")
        if rule == .ranked { try Self.checkProbabilities(of: descriptor, values) }
        thinning = Thinning(rule, values, layout, parameters.compatibility, random)
        decisions = Self.decisions(of: descriptor, rule, values, thinning, layout)
        shares = weights.map { Float($0) }
        takeFactors()
    }

    /// Adds what a block of differences tells.
    func survey(_ block: inout MergeBlock, _ scratch: inout MergeScratch, adding statistics: inout MergeStatistics) {
        thinning.survey(&block, &scratch, adding: &statistics)
    }

    /// Takes what the pending pass found.
    mutating func absorb(_ statistics: MergeStatistics) {
        thinning.absorb(statistics)
        takeFactors()
    }

    private mutating func takeFactors() {
        let ratios = thinning.ratios ?? weights.map { _ in 1 }
        let factor = electsSigns ? 1 : sumFactor
        factors = zip(weights, ratios).map { $0 * Double($1) * factor }
    }

    private static func checkProbabilities(
        of descriptor: MergeDescriptor,
        _ values: CheckedParameters
    ) throws(MergeParameterError) {
        let pairs = zip(values.each("density"), values.each("epsilon"))
        for (input, (density, epsilon)) in pairs.enumerated() where density > 0 && density < 1 {
            guard density + epsilon < 1, density - epsilon > 0 else {
                throw .conflict(
                    method: descriptor.name,
                    parameter: "density",
                    input: input,
                    "density \(brief(density)) and epsilon \(brief(epsilon)) keep with probabilities from "
                        + "\(tidy(density - epsilon)) to \(tidy(density + epsilon)), not between 0 and 1",
                    hint: "use an epsilon below \(tidy(min(density, 1 - density)))"
                )
            }
        }
    }

    private static func decisions(
        of descriptor: MergeDescriptor,
        _ rule: Thinning.Rule,
        _ values: CheckedParameters,
        _ thinning: Thinning,
        _ layout: MergeLayout
    ) -> [MergeDecision] {
        guard rule != .none else { return [] }
        let isDrawn = values.each("density").contains { $0 > 0 && $0 < 1 }
        return descriptor.decisions.filter { decision in
            switch decision.id {
            case MergeDecision.randomRescale.id, MergeDecision.rankedRescale.id:
                values.flag("rescale") && isDrawn
            case MergeDecision.draws.id: isDrawn
            case MergeDecision.rankedStack.id: layout.shape.rank > 2 && isDrawn
            case MergeDecision.noOutliers.id: thinning.lacksOutliers
            case MergeDecision.nothingKept.id: thinning.keepsNothing
            default: false
            }
        }
    }

    /// Decisions that change this very tensor.
    var appliedDecisions: [MergeDecision] { decisions }

    /// One row for a vote and one for the weights that agree; the first also holds probabilities before that.
    var scratchRowCount: Int { electsSigns ? 2 : (thinning.needsRows ? 1 : 0) }

    /// Writes the base and the scaled sum of the differences in a block.
    func combine(_ block: inout MergeBlock, _ scratch: inout MergeScratch, into output: inout MutableSpan<Float>) {
        if isMergekit {
            sumLikeMergekit(&block, &scratch, into: &output)
        } else {
            guard electsSigns || !block.isPrecise else { return sumPrecisely(&block, &scratch, into: &output) }
            sum(&block, &scratch, into: &output)
        }
        add(block.base, to: &output, rounding)
    }

    /// What the summed differences are multiplied by, where signs are not elected.
    private var sumFactor: Double {
        let total = weights.reduce(0, +)
        return normalizes && abs(total) > 1e-8 ? lambda / total : lambda
    }

    /// Writes the base and the sum of the differences without an election, rounded once.
    private func sumPrecisely(
        _ block: inout MergeBlock,
        _ scratch: inout MergeScratch,
        into output: inout MutableSpan<Float>
    ) {
        for input in weights.indices { thinning.thin(&block, input, &scratch) }
        block.combine(factors, base: 1, into: &output)
    }

    private func sum(
        _ block: inout MergeBlock,
        _ scratch: inout MergeScratch,
        into output: inout MutableSpan<Float>
    ) {
        // Without an election the first input is the first of the sum, with one it is the first of the vote.
        guard electsSigns else {
            for input in weights.indices { thinning.thin(&block, input, &scratch) }
            block.combine(factors, into: &output)
            return
        }
        for input in weights.indices { thinning.thin(&block, input, &scratch, times: Float(factors[input])) }
        elect(block, shares, &scratch, into: &output)
        let lambda = Float(lambda)
        if normalizes {
            divide(&output, byWeights: scratch.row(1), atLeast: 1e-8, times: lambda)
        } else if lambda != 1 {
            scale(&output, by: lambda)
        }
    }

    /// Sums what agrees with the vote, and in the second row of scratch the weights that do.
    private func elect(
        _ block: borrowing MergeBlock,
        _ weights: [Float],
        _ scratch: inout MergeScratch,
        into output: inout MutableSpan<Float>
    ) {
        switch block.inputCount {
        case 2:
            var agreed = scratch.mutableRow(1)
            let pair = (weights[0], weights[1])
            sumAgreeing(block.input(0), block.input(1), weights: pair, into: &output, &agreed)
        case 3:
            var agreed = scratch.mutableRow(1)
            let triple = (weights[0], weights[1], weights[2])
            sumAgreeing(
                block.input(0),
                block.input(1),
                block.input(2),
                weights: triple,
                into: &output,
                &agreed
            )
        default:
            vote(block, &scratch)
            collect(block, weights, &scratch, into: &output)
        }
    }

    /// The same sums with every step rounded to the numbers in which mergekit computes.
    private func sumLikeMergekit(
        _ block: inout MergeBlock,
        _ scratch: inout MergeScratch,
        into output: inout MutableSpan<Float>
    ) {
        let ratios = thinning.ratios ?? weights.map { _ in 1 }
        let weights = weights.map { rounding($0) }
        for input in 0..<block.inputCount {
            thinning.thin(&block, input, &scratch)
            var values = block.mutableInput(input)
            if ratios[input] != 1 { scale(&values, by: ratios[input], rounding) }
            scale(&values, by: weights[input], rounding)
        }
        if electsSigns {
            vote(block, &scratch)
            collect(block, weights, &scratch, into: &output)
            round(&output, to: rounding)
            if normalizes {
                var sums = scratch.mutableRow(1)
                round(&sums, to: rounding)
                divide(&output, byWeights: scratch.row(1), atLeast: 0, times: 1, rounding)
            }
        } else {
            fill(&output, with: 0)
            for input in 0..<block.inputCount { add(block.input(input), to: &output) }
            round(&output, to: rounding)
            let total = rounding(weights.reduce(0, +))
            if normalizes { divide(&output, by: abs(total) < rounding(1e-8 as Float) ? 1 : total, rounding) }
        }
        if lambda != 1 { scale(&output, by: Float(lambda), rounding) }
    }

    /// Writes the sum of the weighted differences to the first row of scratch.
    private func vote(_ block: borrowing MergeBlock, _ scratch: inout MergeScratch) {
        var votes = scratch.mutableRow(0)
        copy(block.input(0), to: &votes)
        for input in 1..<max(1, block.inputCount) { add(block.input(input), to: &votes) }
        round(&votes, to: rounding)
    }

    /// Sums what agrees with the vote, and in the second row of scratch the weights that do.
    private func collect(
        _ block: borrowing MergeBlock,
        _ weights: [Float],
        _ scratch: inout MergeScratch,
        into output: inout MutableSpan<Float>
    ) {
        fill(&output, with: 0)
        scratch.fillRow(1, with: 0)
        for (input, weight) in weights.enumerated() {
            scratch.withRows(reading: 0, writing: 1) { votes, sums in
                addAgreeing(block.input(input), with: votes, weight: weight, to: &output, &sums)
            }
        }
    }
}

extension MergeDecision {
    /// How the size of randomly kept differences is restored.
    static let randomRescale = MergeDecision(
        "dare-rescale",
        documented: "kept differences are divided by the density, as in the paper: the expected value is kept",
        .always("kept differences are scaled so that the sum of their magnitudes is what it was (L1)")
    )

    /// How the size of differences kept by rank is restored.
    static let rankedRescale = MergeDecision(
        "della-rescale",
        documented: "each kept difference is divided by its own probability, as in the paper",
        .always("kept differences are scaled so that the sum of their magnitudes is what it was (L1)")
    )

    /// Along which dimension of a stack of matrices differences are ranked.
    static let rankedStack = MergeDecision(
        "della-stack-ranks",
        documented: "in a stack of matrices, differences are ranked in the rows of each matrix",
        .always(
            "in a stack of matrices, differences are ranked along the second of its dimensions",
            isReproducible: false
        )
    )

    /// What happens where a tensor is too small to have outliers.
    static let noOutliers = MergeDecision(
        "breadcrumbs-no-outliers",
        documented: "where gamma of the elements is less than one element, no outlier is dropped",
        .until(.v014, "where gamma of the elements is less than one element, every difference is dropped")
    )

    /// What a density that keeps nothing means.
    static let nothingKept = MergeDecision(
        "nothing-kept",
        documented: "a density that keeps no element of a tensor drops all differences of that input",
        .until(.v014, "a density that keeps no element of a tensor stops the merge", isReproducible: false),
        .since(.v015, "a density above 0 keeps at least one element of a tensor")
    )
}
