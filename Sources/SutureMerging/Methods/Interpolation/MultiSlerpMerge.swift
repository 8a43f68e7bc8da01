import Glibc
package import SutureKernels

/// Averages directions with weights, projects the average back to the sphere, and gives it the mean length.
///
/// With a base, the directions are those of the differences from it.
///
/// - mergekit adds the mean of the tangents at the projected average. That mean is zero but for rounding.
/// - Weights that sum to 0 cannot be normalised and are refused. mergekit normalises them to NaN.
/// - Directions that cancel out are averaged in a straight line; mergekit does so for two and stops for more.
package struct MultiSlerpMerge: MergeMethod {
    package static let descriptor = MergeDescriptor(
        name: "multislerp",
        title: "Multi-SLERP",
        summary: "weighted mean direction of any number of models, with the mean length",
        paper: .init(
            title: "Multi-SLERP",
            url: "https://goddard.blog/posts/multislerp-wow-what-a-cool-idea"
        ),
        parameters: [
            .number("weight", .perInput, usually: -5...5, "how much an input counts"),
            .flag("normalize_weights", default: true, "divide the weights by their sum"),
            .number("eps", .global, in: 0 ... .infinity, default: 1e-8, "the length that counts as none"),
        ],
        base: .optional,
        inputs: 1 ... .max,
        decisions: [cancelled, .mixedDTypes, .rowsStop],
        fragment: """
            blend: {method: multislerp, inputs: [{from: a, weight: 0.5}, {from: b, weight: 0.5}]}
            """
    )

    private static let cancelled = MergeDecision(
        "multislerp-cancelled",
        documented: "directions that cancel out are averaged in a straight line",
        .always("directions of more than two models that cancel out stop the merge", isReproducible: false)
    )

    private let weights: [Double]
    private let epsilon: Double
    private let layout: MergeLayout
    private let rounding: StepRounding

    /// Whether the one input is the result as it is; mergekit then takes no base away from it and adds none.
    private let isOnlyInput: Bool

    private var factors: [Double]?

    /// What does the work in 16 bits for mergekit's numbers.
    private var rounded: RoundedMultiSlerp?

    package private(set) var appliedDecisions: [MergeDecision] = []

    package init(
        _ parameters: MergeParameters,
        layout: MergeLayout,
        random: RandomKey
    ) throws(MergeParameterError) {
        let values = try CheckedParameters(parameters, of: Self.descriptor, layout)
        rounding = parameters.compatibility.rounding
        epsilon = values.number("eps")
        self.layout = layout
        isOnlyInput = layout.inputCount == 1 && parameters.compatibility.isMergekit
        let given = values.each("weight")
        if parameters.compatibility.isMergekit {
            let rounded = given.map { [rounding] in rounding($0) }
            let sum = rounding(rounded.reduce(0, +))
            weights = rounded.map { [rounding] in
                Double(values.flag("normalize_weights") ? rounding($0 / sum) : $0)
            }
        } else {
            weights =
                values.flag("normalize_weights")
                ? try normalisedWeights(given, of: Self.descriptor.name, flag: "normalize_weights") : given
        }
        if layout.inputCount == 1 { factors = [1] }
        guard rounding != .none, layout.inputCount > 1 else { return }
        rounded = RoundedMultiSlerp(weights.map { Float($0) }, epsilon: epsilon, rounding)
    }

    package var possibleDecisions: [MergeDecision] { layout.inputCount > 2 ? [Self.cancelled] : [] }

    package var usesDifferences: Bool { layout.hasBase && !isOnlyInput }

    package var maximumSurveyCount: Int {
        if rounded != nil { return RoundedMultiSlerp.maximumSurveyCount }
        return layout.inputCount == 1 ? 0 : 1
    }

    package var pendingSurvey: SurveyPass? {
        if let rounded { return rounded.pending }
        return factors == nil ? GramMatrix.pass(of: layout.inputCount) : nil
    }

    package func survey(
        _ block: inout MergeBlock,
        scratch: inout MergeScratch,
        adding statistics: inout MergeStatistics
    ) {
        guard let rounded else { return GramMatrix.survey(block, adding: &statistics) }
        rounded.survey(block, adding: &statistics)
    }

    package mutating func absorb(_ statistics: MergeStatistics) {
        guard rounded == nil else {
            rounded?.absorb(statistics)
            return
        }
        let gram = GramMatrix(statistics, of: layout.inputCount)
        let lengths = (0..<layout.inputCount).map { gram.length($0) }
        let mean = zip(weights, lengths).map { $1 > 0 ? $0 / ($1 + epsilon) : 0 }
        let length = gram.length(mean)
        guard length > max(epsilon, 1e-12) else {
            if layout.inputCount > 2, lengths.contains(where: { $0 > 0 }) { appliedDecisions.append(Self.cancelled) }
            factors = weights
            return
        }
        let scale = zip(weights, lengths).reduce(0) { $0 + $1.0 * $1.1 }
        factors = mean.map { $0 / length * scale }
    }

    package func combine(
        _ block: inout MergeBlock,
        scratch: inout MergeScratch,
        into output: inout MutableSpan<Float>
    ) {
        guard let rounded else {
            return block.combine(factors ?? weights, base: usesDifferences ? 1 : 0, into: &output)
        }
        rounded.combine(block, into: &output)
        guard layout.hasBase else { return }
        round(&output, to: rounding)
        add(block.base, to: &output)
    }
}
