package import SutureKernels

/// Takes for each element the difference from the base that is largest among the inputs.
///
/// - Of two differences equally large and opposite, the positive one is taken, whatever the order of the inputs.
package struct MagMaxMerge: ElementwiseMerge {
    package static let descriptor = MergeDescriptor(
        name: "magmax",
        title: "MagMax",
        summary: "for each element the largest difference from a base",
        paper: .init(
            title: "MagMax: Leveraging Model Merging for Seamless Continual Learning",
            url: "https://arxiv.org/abs/2407.06322"
        ),
        parameters: [
            .number(
                "weight",
                .perInput,
                usually: -5...5,
                default: 1,
                "what an input's differences are multiplied by first"
            ),
            .number("lambda", .global, usually: -5...5, default: 1, "what the differences taken are multiplied by"),
        ],
        base: .required,
        inputs: 1 ... .max,
        fragment: "blend: {method: magmax, base: base, inputs: [a, b], params: {lambda: 0.8}}"
    )

    private let weights: [Float]
    private let lambda: Float

    package init(_ values: MergeValues, layout: MergeLayout, random: RandomKey) {
        weights = values.each("weight").map { Float($0) }
        lambda = Float(values.number("lambda"))
    }

    package var usesDifferences: Bool { true }

    package func combine(_ block: inout MergeBlock, into output: inout MutableSpan<Float>) {
        fill(&output, with: 0)
        for (input, weight) in weights.enumerated() {
            let differences = block.input(input)
            for i in output.indices {
                let value = differences[i] * weight
                let (new, old) = (abs(value), abs(output[i]))
                let isLarger = new > old || (new == old && value > output[i])
                output[i] = isLarger ? value : output[i]
            }
        }
        scale(&output, by: lambda)
        add(block.base, to: &output)
    }
}
