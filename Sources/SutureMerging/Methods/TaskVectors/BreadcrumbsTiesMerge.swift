/// Drops each input's very largest differences, keeps the largest of the rest, elects signs, and sums what agrees.
///
/// - A tensor in which gamma is less than one element loses no outlier; mergekit drops all of it.
package struct BreadcrumbsTiesMerge: TaskVectorMethod {
    package static let descriptor = MergeDescriptor.taskVectors(
        name: "breadcrumbs_ties",
        title: "Model Breadcrumbs with TIES",
        summary: "large differences without the very largest, where their signs agree with the majority",
        paper: .init(
            title: "Model Breadcrumbs: Scaling Multi-Task Model Merging with Sparse Masks",
            url: "https://arxiv.org/abs/2312.06795"
        ),
        parameters: .taskVectors(rescale: false, [.gamma]),
        decisions: [.noOutliers],
        fragment: """
            blend: {method: breadcrumbs_ties, base: base, inputs: [{from: a, weight: 0.5, density: 0.9, gamma: 0.01}, {from: b, weight: 0.5, density: 0.9, gamma: 0.01}]}
            """
    )

    package static let rule = Thinning.Rule.outliers
    package static let electsSigns = true
    package var work: TaskVectors

    package init(work: TaskVectors) { self.work = work }
}
