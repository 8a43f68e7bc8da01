package import SutureKernels

/// Keeps differences with a probability that grows with their rank in their row, and sums with weights.
///
/// - With `rescale` each kept difference is divided by its own probability. mergekit has all keep the sum of their
///   magnitudes.
/// - A row is the last dimension, also of a stack of matrices; mergekit ranks along the second dimension.
package struct DellaLinearMerge: TaskVectorMethod {
    package static let descriptor = MergeDescriptor(
        name: "della_linear",
        title: "Linear DELLA",
        summary: "differences kept with a probability that grows with their rank, weighted and summed",
        paper: .init(
            title: "DELLA-Merging: Reducing Interference in Model Merging through Magnitude-Based Sampling",
            url: "https://arxiv.org/abs/2406.11617"
        ),
        parameters: .taskVectors(
            rescale: true,
            [
                .number(
                    "epsilon",
                    .perInput,
                    in: 0...1,
                    default: 0.15,
                    "how far probabilities spread around the density"
                )
            ]
        ),
        ignored: ["int8_mask"],
        base: .required,
        inputs: 1 ... .max,
        decisions: [.rankedRescale, .rankedStack, .draws, .rowsOfBase],
        fragment: """
            blend: {method: della_linear, base: base, inputs: [{from: a, weight: 0.5, density: 0.5, epsilon: 0.1}, {from: b, weight: 0.5, density: 0.5, epsilon: 0.1}]}
            """
    )

    var taskVectors: TaskVectors

    package init(
        _ parameters: MergeParameters,
        layout: MergeLayout,
        random: RandomKey
    ) throws(MergeParameterError) {
        taskVectors = try TaskVectors(
            Self.descriptor,
            .ranked,
            electsSigns: false,
            parameters,
            layout,
            random
        )
    }
}
