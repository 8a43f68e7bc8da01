/// Keeps differences with a probability that grows with their rank in their row, elects signs, and sums what agrees.
///
/// - With `rescale` each kept difference is divided by its own probability. mergekit has all keep the sum of their
///   magnitudes.
/// - A row is the last dimension, also of a stack of matrices; mergekit ranks along the second dimension.
/// - The smallest difference of a row of m is kept with probability `density − epsilon`, the largest with
///   `density + epsilon`, each divided by its own where `rescale` is on.
package struct DellaMerge: TaskVectorMethod {
    package static let descriptor = MergeDescriptor.taskVectors(
        name: "della",
        title: "DELLA",
        summary: "differences kept with a probability that grows with their rank, where signs agree with the majority",
        paper: .init(
            title: "DELLA-Merging: Reducing Interference in Model Merging through Magnitude-Based Sampling",
            url: "https://arxiv.org/abs/2406.11617"
        ),
        parameters: .taskVectors(normalize: true, rescale: true, [.epsilon]),
        decisions: [.rankedRescale, .rankedStack, .draws],
        fragment: """
            blend: {method: della, base: base, inputs: [{from: a, weight: 0.5, density: 0.5, epsilon: 0.1}, {from: b, weight: 0.5, density: 0.5, epsilon: 0.1}]}
            """
    )

    package static let rule = Thinning.Rule.ranked
    package static let electsSigns = true
    package var work: TaskVectors

    package init(work: TaskVectors) { self.work = work }
}
