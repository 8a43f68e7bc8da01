package import SutureKernels

/// Drops each input's very largest differences, keeps the largest of the rest, and sums with weights.
///
/// - `trunc(gamma · n)` outliers are dropped and `trunc(density · n)` elements kept; where that is more than all,
///   fewer outliers are dropped.
/// - A tensor in which gamma is less than one element loses no outlier; mergekit drops all of it.
package struct BreadcrumbsMerge: TaskVectorMethod {
    package static let descriptor = MergeDescriptor(
        name: "breadcrumbs",
        title: "Model Breadcrumbs",
        summary: "large differences without the very largest, weighted and summed",
        paper: .init(
            title: "Model Breadcrumbs: Scaling Multi-Task Model Merging with Sparse Masks",
            url: "https://arxiv.org/abs/2312.06795"
        ),
        parameters: .taskVectors(
            rescale: false,
            [
                .number(
                    "gamma",
                    .perInput,
                    in: 0...1,
                    default: 0.01,
                    "which part of the largest differences is dropped"
                )
            ]
        ),
        ignored: ["int8_mask"],
        base: .required,
        inputs: 1 ... .max,
        decisions: [.noOutliers, .rowsOfBase],
        fragment: """
            blend: {method: breadcrumbs, base: base, inputs: [{from: a, weight: 0.5, density: 0.9, gamma: 0.01}, {from: b, weight: 0.5, density: 0.9, gamma: 0.01}]}
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
            .outliers,
            electsSigns: false,
            parameters,
            layout,
            random
        )
    }
}
