/// Adds weighted differences from a base to it: `b + λ·Σ wᵢ(xᵢ − b)`.
package struct TaskArithmeticMerge: TaskVectorMethod {
    package static let descriptor = MergeDescriptor.taskVectors(
        name: "task_arithmetic",
        title: "Task Arithmetic",
        summary: "weighted differences from a base, added to it",
        paper: .init(title: "Editing models with task arithmetic", url: "https://arxiv.org/abs/2212.04089"),
        parameters: .taskVectors(thinned: false),
        ignored: ["density", "rescale", "int8_mask"],
        fragment: """
            blend: {method: task_arithmetic, base: base, inputs: [{from: a, weight: 0.5}, {from: b, weight: 0.5}]}
            """
    )

    package static let rule = Thinning.Rule.none
    package static let electsSigns = false
    package var work: TaskVectors

    package init(work: TaskVectors) { self.work = work }

    package static func algebra(of values: MergeParameters) -> MergeAlgebra {
        var algebra = MergeAlgebra()
        algebra.isSum = true
        return algebra
    }
}
