package import SutureKernels

/// Sums weighted differences from a base where at least `k` inputs need them.
///
/// An input needs an element where its difference is at least `mask` times what all the others' amount to there:
/// `|pᵢ| ≥ mask·|Σp − pᵢ|`, and not zero. Elements that fewer than `k` inputs need keep the base's value.
package struct ConsensusMerge: MergeMethod {
    package static let descriptor = MergeDescriptor(
        name: "consensus",
        title: "Consensus",
        summary: "weighted differences where at least k models need them",
        paper: .init(
            title: "Localizing Task Information for Improved Model Merging and Compression",
            url: "https://arxiv.org/abs/2405.07813"
        ),
        parameters: [
            .number(
                "weight",
                .perInput,
                usually: -5...5,
                default: 1,
                "how much an input's difference from the base counts"
            ),
            .integer("k", in: 1...1_000_000, default: 2, "how many inputs must need an element"),
            .number("mask", .global, in: 0 ... .infinity, default: 0.4, "how large a difference is that is needed"),
            .number("lambda", .global, usually: -5...5, default: 1, "what the summed differences are multiplied by"),
            .flag("normalize", default: false, "divide by the sum of the weights"),
        ],
        base: .required,
        inputs: 1 ... .max,
        fragment: "blend: {method: consensus, base: base, inputs: [a, b, c], params: {k: 2, lambda: 0.5}}"
    )

    private let weights: [Float]
    private let scale: Float
    private let least: Float
    private let mask: Float

    package init(_ values: MergeValues, layout: MergeLayout, random: RandomKey) {
        let given = values.each("weight")
        let sum = given.reduce(0, +)
        weights = given.map { Float($0) }
        scale = Float(
            values.flag("normalize") && abs(sum) > 1e-8 ? values.number("lambda") / sum : values.number("lambda")
        )
        least = Float(values.number("k"))
        mask = Float(values.number("mask"))
    }

    package var usesDifferences: Bool { true }
    package var scratchRowCount: Int { 1 }

    package func combine(_ block: inout MergeBlock, scratch: inout MergeScratch, into output: inout MergeOutput) {
        fill(&output, with: 0)
        for (input, weight) in weights.enumerated() { add(block.input(input), times: weight, to: &output) }
        var needs = scratch.mutableRow(0)
        fill(&needs, with: 0)
        for (input, weight) in weights.enumerated() {
            let differences = block.input(input)
            for i in output.indices {
                let own = differences[i] * weight
                needs[i] += abs(own) >= mask * abs(output[i] - own) && own != 0 ? 1 : 0
            }
        }
        for i in output.indices { output[i] = needs[i] >= least ? output[i] * scale : 0 }
        add(block.base, to: &output)
    }
}
