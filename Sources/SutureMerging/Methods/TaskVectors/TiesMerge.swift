/// Keeps each input's largest differences, elects a sign for each element, and sums what has that sign.
///
/// - Exactly `trunc(density · n)` elements are kept; of equal magnitudes those with the lowest index.
/// - A density that keeps no element of a tensor drops all differences of that input. mergekit stops there.
/// - A vote of zero elects the positive sign; a difference of zero never counts.
package struct TiesMerge: TaskVectorMethod {
    package static let descriptor = MergeDescriptor.taskVectors(
        name: "ties",
        title: "TIES",
        summary: "the largest differences, where their signs agree with the majority",
        paper: .init(
            title: "TIES-Merging: Resolving Interference When Merging Models",
            url: "https://arxiv.org/abs/2306.01708"
        ),
        parameters: .taskVectors(normalize: true, rescale: false),
        decisions: [.nothingKept],
        fragment: """
            blend: {method: ties, base: base, inputs: [{from: a, weight: 0.5, density: 0.5}, {from: b, weight: 0.5, density: 0.5}], params: {lambda: 1}}
            """
    )

    package static let rule = Thinning.Rule.magnitude
    package static let electsSigns = true
    package var work: TaskVectors

    package init(work: TaskVectors) { self.work = work }
}
