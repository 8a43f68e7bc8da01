package import SutureKernels

/// Keeps what one input alone changed as it is, and averages what several changed.
///
/// An input changed an element if its difference from the base is larger than `epsilon`.
package struct RamMerge: MergeMethod {
    package static let descriptor = MergeDescriptor(
        name: "ram",
        title: "Reinforced Agent Merging",
        summary: "changes of one model whole, shared changes averaged",
        paper: .init(title: "Reinforced Agent Merging", url: "https://arxiv.org/abs/2601.13572"),
        parameters: [
            .number("epsilon", .global, in: 0 ... .infinity, default: 1e-5, "the largest difference that is no change")
        ],
        base: .required,
        inputs: 1 ... .max,
        fragment: "blend: {method: ram, base: base, inputs: [a, b]}"
    )

    private let epsilon: Float

    package init(_ values: MergeValues, layout: MergeLayout, random: RandomKey) {
        epsilon = Float(values.number("epsilon"))
    }

    package var usesDifferences: Bool { true }
    package var scratchRowCount: Int { 1 }

    package func combine(_ block: inout MergeBlock, scratch: inout MergeScratch, into output: inout MergeOutput) {
        countChanges(block, above: epsilon, &scratch)
        addChanges(block, above: epsilon, scratch, own: (0..<block.inputCount).map { _ in 1 }, into: &output)
    }
}

/// Writes the base and the changes: those of one input alone multiplied by its factor, shared ones averaged.
///
/// - Precondition: The first row of scratch holds how many inputs changed each element.
func addChanges(
    _ block: borrowing MergeBlock,
    above epsilon: Float,
    _ scratch: borrowing MergeScratch,
    own factors: [Double],
    into output: inout MutableSpan<Float>
) {
    var sums = [Double](repeating: 0, count: block.count)
    let changes = scratch.row(0)
    for (input, factor) in factors.enumerated() {
        let differences = block.input(input)
        for i in output.indices where abs(differences[i]) > epsilon {
            sums[i] += Double(differences[i]) * (changes[i] > 1 ? 1 / Double(changes[i]) : factor)
        }
    }
    let base = block.base
    for i in output.indices { output[i] = Float(Double(base[i]) + sums[i]) }
}

/// Counts in the first row of scratch how many inputs changed each element.
package func countChanges(_ block: borrowing MergeBlock, above epsilon: Float, _ scratch: inout MergeScratch) {
    var changes = scratch.mutableRow(0)
    fill(&changes, with: 0)
    for input in 0..<block.inputCount {
        let differences = block.input(input)
        for i in changes.indices { changes[i] += abs(differences[i]) > epsilon ? 1 : 0 }
    }
}
