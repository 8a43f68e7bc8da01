package import SutureKernels

/// Keeps one tensor, or a multiple of it.
package struct PassthroughMerge: ElementwiseMerge {
    package static let descriptor = MergeDescriptor(
        name: "passthrough",
        title: "Passthrough",
        summary: "one model's tensors as they are, or scaled",
        parameters: [.number("scale", .perInput, default: 1, "what the tensor is multiplied by")],
        inputs: 1...1,
        fragment: "blend: {method: passthrough, inputs: [{from: a, scale: 0.5}]}"
    )

    private let scale: Float

    package static func algebra(of values: MergeParameters) -> MergeAlgebra {
        var algebra = MergeAlgebra()
        algebra.isSum = true
        algebra.multiple = (0, values.inputs.first?["scale"] ?? 1)
        return algebra
    }

    package init(_ values: MergeValues, layout: MergeLayout, random: RandomKey) {
        scale = Float(values.each("scale").first ?? 1)
    }

    package func combine(_ block: inout MergeBlock, into output: inout MutableSpan<Float>) {
        copy(block.input(0), to: &output)
        SutureKernels.scale(&output, by: scale)
    }
}
