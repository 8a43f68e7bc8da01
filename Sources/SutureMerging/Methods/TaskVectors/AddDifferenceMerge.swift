package import SutureKernels

/// Adds to the first tensor what the second has learned since the base: `x + α·(y − b)`.
package struct AddDifferenceMerge: MergeMethod {
    package static let descriptor = MergeDescriptor(
        name: "add_difference",
        title: "Add Difference",
        summary: "one model plus what another differs from a base",
        paper: .init(title: "Editing models with task arithmetic", url: "https://arxiv.org/abs/2212.04089"),
        parameters: [
            .number("alpha", .global, usually: -5...5, default: 1, "what the difference is multiplied by")
        ],
        base: .required,
        inputs: 2...2,
        fragment: """
            blend: {method: add_difference, base: base, inputs: [a, b], params: {alpha: 0.8}}
            """
    )

    private let alpha: Double
    private let rounding: StepRounding

    package init(
        _ parameters: MergeParameters,
        layout: MergeLayout,
        random: RandomKey
    ) throws(MergeParameterError) {
        alpha = try CheckedParameters(parameters, of: Self.descriptor, layout).number("alpha")
        rounding = parameters.compatibility.rounding
    }

    package func combine(
        _ block: inout MergeBlock,
        scratch: inout MergeScratch,
        into output: inout MutableSpan<Float>
    ) {
        guard rounding != .none else { return block.combine([1, alpha], base: -alpha, into: &output) }
        block.subtractBase(from: 1, rounding)
        copy(block.input(0), to: &output)
        add(block.input(1), times: Float(alpha), to: &output, rounding)
    }
}
