package import SutureKernels

/// Scales the difference of a merged tensor from a base by how deep its layer lies: LiNeS.
///
/// `b + (alpha + beta·depth)·(x − b)`, with depth from 0 at the first layer to 1 at the last; embeddings lie at 0, final
/// norm and head at 1. Its one input is a tensor or another blend, so it wraps any method.
package struct LinesMerge: ElementwiseMerge {
    package static let descriptor = MergeDescriptor(
        name: "lines",
        title: "LiNeS",
        summary: "differences from a base scaled by layer depth, around any blend",
        paper: .init(
            title: "LiNeS: Post-training Layer Scaling Prevents Forgetting and Enhances Model Merging",
            url: "https://arxiv.org/abs/2410.17146"
        ),
        parameters: [
            .number("alpha", .global, default: 0, "the scale at the first layer"),
            .number("beta", .global, default: 1, "how much the scale grows to the last layer"),
            .layerPosition("depth", "where the layer lies, from 0 to 1"),
        ],
        base: .required,
        inputs: 1...1,
        fragment: "blend: {method: lines, base: base, inputs: [merged], params: {alpha: 0.2, beta: 0.8}}"
    )

    private let scale: Double

    package init(_ values: MergeValues, layout: MergeLayout, random: RandomKey) {
        scale = Self.scale(values)
    }

    /// What a difference is multiplied by.
    package static func scale(_ values: MergeValues) -> Double {
        values.number("alpha") + values.number("beta") * values.number("depth")
    }

    package var usesDifferences: Bool { true }

    package func combine(_ block: inout MergeBlock, into output: inout MutableSpan<Float>) {
        block.combine([scale], base: 1, into: &output)
    }
}
