/// Keeps each difference with a probability, divides it by that, and sums with weights.
///
/// - With `rescale` kept differences are divided by the density. mergekit has them keep the sum of their magnitudes.
/// - Which elements are kept follows from the seed, the node, the tensor and the element alone.
package struct DareLinearMerge: TaskVectorMethod {
    package static let descriptor = MergeDescriptor.taskVectors(
        name: "dare_linear",
        title: "Linear DARE",
        summary: "randomly kept differences, weighted and summed",
        paper: .init(
            title: "Language Models are Super Mario: Absorbing Abilities from Homologous Models as a Free Lunch",
            url: "https://arxiv.org/abs/2311.03099"
        ),
        parameters: .taskVectors(rescale: true),
        decisions: [.randomRescale, .draws],
        fragment: """
            blend: {method: dare_linear, base: base, inputs: [{from: a, weight: 0.5, density: 0.5}, {from: b, weight: 0.5, density: 0.5}]}
            """
    )

    package static let rule = Thinning.Rule.random
    package static let electsSigns = false
    package var work: TaskVectors

    package init(work: TaskVectors) { self.work = work }
}
