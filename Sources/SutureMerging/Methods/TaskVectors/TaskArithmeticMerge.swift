package import SutureKernels

/// Adds weighted differences from a base to it: `b + λ·Σ wᵢ(xᵢ − b)`.
package struct TaskArithmeticMerge: TaskVectorMethod {
    package static let descriptor = MergeDescriptor(
        name: "task_arithmetic",
        title: "Task Arithmetic",
        summary: "weighted differences from a base, added to it",
        paper: .init(
            title: "Editing models with task arithmetic",
            url: "https://arxiv.org/abs/2212.04089"
        ),
        parameters: .taskVectors(thinned: false),
        ignored: ["density", "rescale", "int8_mask"],
        base: .required,
        inputs: 1 ... .max,
        decisions: [.rowsOfBase],
        fragment: """
            blend: {method: task_arithmetic, base: base, inputs: [{from: a, weight: 0.5}, {from: b, weight: 0.5}]}
            """
    )

    var taskVectors: TaskVectors

    package static func algebra(of values: MergeParameters, in version: MergekitVersion?) -> MergeAlgebra {
        var algebra = MergeAlgebra()
        algebra.isSum = true
        return algebra
    }

    package init(
        _ parameters: MergeParameters,
        layout: MergeLayout,
        random: RandomKey
    ) throws(MergeParameterError) {
        taskVectors = try TaskVectors(
            Self.descriptor,
            .none,
            electsSigns: false,
            parameters,
            layout,
            random
        )
    }
}
