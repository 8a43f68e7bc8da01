/// Keeps each difference with a probability, divides it by that, elects signs, and sums what agrees.
///
/// - With `rescale` kept differences are divided by the density. mergekit has them keep the sum of their magnitudes.
/// - Which elements are kept follows from the seed, the node, the tensor and the element alone.
package struct DareTiesMerge: TaskVectorMethod {
    package static let descriptor = MergeDescriptor.taskVectors(
        name: "dare_ties",
        title: "DARE TIES",
        summary: "randomly kept differences, where their signs agree with the majority",
        paper: .init(
            title: "Language Models are Super Mario: Absorbing Abilities from Homologous Models as a Free Lunch",
            url: "https://arxiv.org/abs/2311.03099"
        ),
        parameters: .taskVectors(rescale: true),
        decisions: [.randomRescale, .draws],
        fragment: """
            blend: {method: dare_ties, base: base, inputs: [{from: a, weight: 0.5, density: 0.5}, {from: b, weight: 0.5, density: 0.5}]}
            """
    )

    package static let rule = Thinning.Rule.random
    package static let electsSigns = true
    package var work: TaskVectors

    package init(work: TaskVectors) { self.work = work }
}
