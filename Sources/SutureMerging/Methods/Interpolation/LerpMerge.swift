package import SutureKernels

/// Walks from the first tensor to the second in a straight line: `(1 − t)·a + t·b`.
package struct LerpMerge: ElementwiseMerge {
    package static let descriptor = MergeDescriptor(
        name: "lerp",
        title: "Linear interpolation",
        summary: "straight line between two models",
        parameters: [.number("t", .global, usually: -4...5, "0 gives the first model, 1 the second")],
        inputs: 2...2,
        fragment: "blend: {method: lerp, inputs: [a, b], params: {t: 0.5}}"
    )

    private let t: Double

    package static func algebra(of values: MergeParameters) -> MergeAlgebra {
        MergeAlgebra(walkTo: values.global["t"])
    }

    package init(_ values: MergeValues, layout: MergeLayout, random: RandomKey) { t = values.number("t") }

    package func combine(_ block: inout MergeBlock, into output: inout MutableSpan<Float>) {
        block.combine([1 - t, t], into: &output)
    }
}
