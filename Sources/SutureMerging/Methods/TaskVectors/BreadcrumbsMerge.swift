/// Drops each input's very largest differences, keeps the largest of the rest, and sums with weights.
///
/// - `trunc(gamma · n)` outliers are dropped and `trunc(density · n)` elements kept; where that is more than all,
///   fewer outliers are dropped.
/// - A tensor in which gamma is less than one element loses no outlier; mergekit drops all of it.
package struct BreadcrumbsMerge: TaskVectorMethod {
    package static let descriptor = MergeDescriptor.taskVectors(
        name: "breadcrumbs",
        title: "Model Breadcrumbs",
        summary: "large differences without the very largest, weighted and summed",
        paper: .init(
            title: "Model Breadcrumbs: Scaling Multi-Task Model Merging with Sparse Masks",
            url: "https://arxiv.org/abs/2312.06795"
        ),
        parameters: .taskVectors(rescale: false, [.gamma]),
        decisions: [.noOutliers],
        fragment: """
            blend: {method: breadcrumbs, base: base, inputs: [{from: a, weight: 0.5, density: 0.9, gamma: 0.01}, {from: b, weight: 0.5, density: 0.9, gamma: 0.01}]}
            """
    )

    package static let rule = Thinning.Rule.outliers
    package static let electsSigns = false
    package var work: TaskVectors

    package init(work: TaskVectors) { self.work = work }
}
