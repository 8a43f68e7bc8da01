import SutureKernels

/// What the methods of the task-arithmetic family share: differences from a base are thinned out, weighted, summed
/// with or without an election of signs, scaled and added to the base.
package struct TaskVectors: TensorMerge {
    private let electsSigns: Bool
    private let weights: [Double]
    private let normalizes: Bool
    private let lambda: Double
    private var thinning: Thinning
    package let appliedDecisions: [MergeDecision]

    /// What each input's kept differences are multiplied by, and what adds to the weights where it agrees.
    private var factors: [Double] = []
    private let shares: [Float]

    /// Takes the values of one of the family's methods.
    ///
    /// - Throws: ``MergeParameterError`` when the method does not take them.
    init(
        _ method: any TaskVectorMethod.Type,
        _ values: MergeValues,
        _ layout: MergeLayout,
        _ random: RandomKey
    ) throws(MergeParameterError) {
        electsSigns = method.electsSigns
        weights = values.each("weight")
        normalizes = values.flag("normalize")
        lambda = values.number("lambda")
        if method.rule == .ranked { try Self.checkProbabilities(of: method.descriptor, values) }
        let kept = ThinningShares(method.rule, values, layout)
        thinning = Thinning(kept.all, divides: kept.rescales, ratios: kept.ratios, layout, random)
        appliedDecisions = kept.decisions(of: method.descriptor, layout)
        shares = weights.map { Float($0) }
        takeFactors()
    }

    package var granularity: MergeGranularity { thinning.needsRows ? .rows : .elements }
    package var usesDifferences: Bool { true }

    /// One row for a vote and one for the weights that agree; the first also holds probabilities before that.
    package var scratchRowCount: Int { electsSigns ? 2 : (thinning.needsRows ? 1 : 0) }
    package var maximumSurveyCount: Int { thinning.maximumSurveyCount }
    package var statisticsByteCount: Int { thinning.statisticsByteCount }
    package var collectedByteCount: Int { thinning.collectedByteCount }
    package var pendingSurvey: SurveyPass? { thinning.pending }

    package func survey(
        _ block: inout MergeBlock,
        scratch: inout MergeScratch,
        adding statistics: inout MergeStatistics
    ) {
        thinning.survey(&block, &scratch, adding: &statistics)
    }

    package mutating func absorb(_ statistics: MergeStatistics) {
        thinning.absorb(statistics)
        takeFactors()
    }

    private mutating func takeFactors() {
        let ratios = thinning.ratios ?? weights.map { _ in 1 }
        let factor = electsSigns ? 1 : sumFactor
        factors = zip(weights, ratios).map { $0 * Double($1) * factor }
    }

    /// Refuses densities around which probabilities would spread too far.
    ///
    /// - Throws: ``MergeParameterError`` with the first input that has one.
    package static func checkProbabilities(
        of descriptor: MergeDescriptor,
        _ values: MergeValues
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

    /// What the summed differences are multiplied by, where signs are not elected.
    private var sumFactor: Double {
        let total = weights.reduce(0, +)
        return normalizes && abs(total) > 1e-8 ? lambda / total : lambda
    }

    package func combine(_ block: inout MergeBlock, scratch: inout MergeScratch, into output: inout MergeOutput) {
        guard electsSigns else {
            // Without an election the first input is the first of the sum, with one it is the first of the vote.
            for input in weights.indices { thinning.thin(&block, input, &scratch) }
            return block.combine(factors, base: 1, into: &output)
        }
        for input in weights.indices { thinning.thin(&block, input, &scratch, times: Float(factors[input])) }
        elect(block, shares, &scratch, into: &output)
        let lambda = Float(lambda)
        if normalizes {
            divide(&output, byWeights: scratch.row(1), atLeast: 1e-8, times: lambda)
        } else if lambda != 1 {
            scale(&output, by: lambda)
        }
        add(block.base, to: &output)
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
            castVotes(block, &scratch)
            collectVotes(block, weights, &scratch, into: &output)
        }
    }
}

/// Writes the sum of the weighted differences to the first row of scratch.
package func castVotes(_ block: borrowing MergeBlock, _ scratch: inout MergeScratch) {
    var votes = scratch.mutableRow(0)
    copy(block.input(0), to: &votes)
    for input in 1..<max(1, block.inputCount) { add(block.input(input), to: &votes) }
}

/// Sums what agrees with the vote, and in the second row of scratch the weights that do.
package func collectVotes(
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

extension MergeDecision {
    /// How the size of randomly kept differences is restored.
    package static let randomRescale = MergeDecision(
        "dare-rescale",
        documented: "kept differences are divided by the density, as in the paper: the expected value is kept"
    )

    /// How the size of differences kept by rank is restored.
    package static let rankedRescale = MergeDecision(
        "della-rescale",
        documented: "each kept difference is divided by its own probability, as in the paper"
    )

    /// Along which dimension of a stack of matrices differences are ranked.
    package static let rankedStack = MergeDecision(
        "della-stack-ranks",
        documented: "in a stack of matrices, differences are ranked in the rows of each matrix"
    )

    /// What happens where a tensor is too small to have outliers.
    package static let noOutliers = MergeDecision(
        "breadcrumbs-no-outliers",
        documented: "where gamma of the elements is less than one element, no outlier is dropped"
    )

    /// What a density that keeps nothing means.
    package static let nothingKept = MergeDecision(
        "nothing-kept",
        documented: "a density that keeps no element of a tensor drops all differences of that input"
    )

    /// Which differences a random method keeps.
    package static let draws = MergeDecision(
        "random-masks",
        on: .draws,
        documented: "which differences are kept follows from the seed, the node, the tensor and the element"
    )
}
