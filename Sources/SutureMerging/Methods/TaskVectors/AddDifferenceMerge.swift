package import SutureKernels

/// Adds to the first tensor what the second has learned since the base: `x + α·(y − b)`.
package struct AddDifferenceMerge: ElementwiseMerge {
    package static let descriptor = MergeDescriptor(
        name: "add_difference",
        title: "Add Difference",
        summary: "one model plus what another differs from a base",
        paper: .init(title: "Editing models with task arithmetic", url: "https://arxiv.org/abs/2212.04089"),
        parameters: [.number("alpha", .global, usually: -5...5, default: 1, "what the difference is multiplied by")],
        base: .required,
        inputs: 2...2,
        fragment: "blend: {method: add_difference, base: base, inputs: [a, b], params: {alpha: 0.8}}"
    )

    private let alpha: Double

    package init(_ values: MergeValues, layout: MergeLayout, random: RandomKey) {
        alpha = values.number("alpha")
    }

    package func combine(_ block: inout MergeBlock, into output: inout MutableSpan<Float>) {
        block.combine([1, alpha], base: -alpha, into: &output)
    }
}
