package import SutureKernels

/// Drops each input's very largest differences, keeps the largest of the rest, elects signs, and sums what agrees.
///
/// - A tensor in which gamma is less than one element loses no outlier; mergekit drops all of it.
package struct BreadcrumbsTiesMerge: TaskVectorMethod {
    package static let descriptor = MergeDescriptor(
        name: "breadcrumbs_ties",
        title: "Model Breadcrumbs with TIES",
        summary: "large differences without the very largest, where their signs agree with the majority",
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
            blend: {method: breadcrumbs_ties, base: base, inputs: [{from: a, weight: 0.5, density: 0.9, gamma: 0.01}, {from: b, weight: 0.5, density: 0.9, gamma: 0.01}]}
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
            electsSigns: true,
            parameters,
            layout,
            random
        )
    }
}
