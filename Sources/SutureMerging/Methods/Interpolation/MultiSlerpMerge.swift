package import SutureKernels

/// Averages directions with weights, projects the average back to the sphere, and gives it the mean length.
///
/// With a base, the directions are those of the differences from it.
///
/// - mergekit adds the mean of the tangents at the projected average. That mean is zero but for rounding.
/// - Weights that sum to 0 cannot be normalised and are refused. mergekit normalises them to NaN.
/// - Directions that cancel out are averaged in a straight line; mergekit does so for two and stops for more.
package struct MultiSlerpMerge: MergeMethod, GramMerge {
    package static let descriptor = MergeDescriptor(
        name: "multislerp",
        title: "Multi-SLERP",
        summary: "weighted mean direction of any number of models, with the mean length",
        paper: .init(title: "Multi-SLERP", url: "https://goddard.blog/posts/multislerp-wow-what-a-cool-idea"),
        parameters: [
            .number("weight", .perInput, usually: -5...5, "how much an input counts"),
            .flag("normalize_weights", default: true, "divide the weights by their sum"),
            .number("eps", .global, in: 0 ... .infinity, default: 1e-8, "the length that counts as none"),
        ],
        base: .optional,
        inputs: 1 ... .max,
        decisions: [cancelled],
        fragment: "blend: {method: multislerp, inputs: [{from: a, weight: 0.5}, {from: b, weight: 0.5}]}"
    )

    /// What becomes of directions without a mean.
    package static let cancelled = MergeDecision(
        "multislerp-cancelled",
        documented: "directions that cancel out are averaged in a straight line"
    )

    private let weights: [Double]
    private let epsilon: Double
    package let inputCount: Int
    package let usesDifferences: Bool
    package var factors: [Double]?
    package private(set) var appliedDecisions: [MergeDecision] = []

    package init(_ values: MergeValues, layout: MergeLayout, random: RandomKey) throws(MergeParameterError) {
        let given = values.each("weight")
        let weights =
            values.flag("normalize_weights")
            ? try normalisedWeights(given, of: Self.descriptor.name, flag: "normalize_weights") : given
        self.init(weights, epsilon: values.number("eps"), usesDifferences: layout.hasBase)
    }

    /// Creates a mean by weights that are final.
    package init(_ weights: [Double], epsilon: Double, usesDifferences: Bool) {
        self.weights = weights
        self.epsilon = epsilon
        self.usesDifferences = usesDifferences
        inputCount = weights.count
        if inputCount == 1 { factors = [1] }
    }

    package var possibleDecisions: [MergeDecision] { inputCount > 2 ? [Self.cancelled] : [] }

    package mutating func absorb(_ gram: GramMatrix) {
        let lengths = (0..<inputCount).map { gram.length($0) }
        let mean = zip(weights, lengths).map { $1 > 0 ? $0 / ($1 + epsilon) : 0 }
        let length = gram.length(mean)
        guard length > max(epsilon, 1e-12) else {
            if inputCount > 2, lengths.contains(where: { $0 > 0 }) { appliedDecisions.append(Self.cancelled) }
            factors = weights
            return
        }
        let scale = zip(weights, lengths).reduce(0) { $0 + $1.0 * $1.1 }
        factors = mean.map { $0 / length * scale }
    }
}
