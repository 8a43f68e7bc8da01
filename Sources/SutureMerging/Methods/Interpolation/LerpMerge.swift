package import SutureKernels

/// Walks from the first tensor to the second in a straight line: `(1 − t)·a + t·b`.
package struct LerpMerge: MergeMethod {
    package static let descriptor = MergeDescriptor(
        name: "lerp",
        title: "Linear interpolation",
        summary: "straight line between two models",
        parameters: [
            .number("t", .global, usually: -4...5, "0 gives the first model, 1 the second")
        ],
        inputs: 2...2,
        fragment: """
            blend: {method: lerp, inputs: [a, b], params: {t: 0.5}}
            """
    )

    private let t: Double
    private let rounding: StepRounding

    package static func algebra(of values: MergeParameters, in version: MergekitVersion?) -> MergeAlgebra {
        MergeAlgebra(walkTo: values.global["t"])
    }

    package init(
        _ parameters: MergeParameters,
        layout: MergeLayout,
        random: RandomKey
    ) throws(MergeParameterError) {
        t = try CheckedParameters(parameters, of: Self.descriptor, layout).number("t")
        rounding = parameters.compatibility.rounding
    }

    package func combine(
        _ block: inout MergeBlock,
        scratch: inout MergeScratch,
        into output: inout MutableSpan<Float>
    ) {
        guard rounding != .none else { return block.combine([1 - t, t], into: &output) }
        SutureKernels.combine(
            block.input(0),
            times: Float(1 - t),
            block.input(1),
            times: Float(t),
            into: &output,
            rounding
        )
    }
}
