/// Keeps differences with a probability that grows with their rank in their row, and sums with weights.
///
/// - With `rescale` each kept difference is divided by its own probability. mergekit has all keep the sum of their
///   magnitudes.
/// - A row is the last dimension, also of a stack of matrices; mergekit ranks along the second dimension.
package struct DellaLinearMerge: TaskVectorMethod {
    package static let descriptor = MergeDescriptor.taskVectors(
        name: "della_linear",
        title: "Linear DELLA",
        summary: "differences kept with a probability that grows with their rank, weighted and summed",
        paper: .init(
            title: "DELLA-Merging: Reducing Interference in Model Merging through Magnitude-Based Sampling",
            url: "https://arxiv.org/abs/2406.11617"
        ),
        parameters: .taskVectors(rescale: true, [.epsilon]),
        decisions: [.rankedRescale, .rankedStack, .draws],
        fragment: """
            blend: {method: della_linear, base: base, inputs: [{from: a, weight: 0.5, density: 0.5, epsilon: 0.1}, {from: b, weight: 0.5, density: 0.5, epsilon: 0.1}]}
            """
    )

    package static let rule = Thinning.Rule.ranked
    package static let electsSigns = false
    package var work: TaskVectors

    package init(work: TaskVectors) { self.work = work }
}
