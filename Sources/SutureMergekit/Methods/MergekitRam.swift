import SutureKernels
import SutureMerging

/// RAM in 16 bits: shares of shared changes, their sum and the result are rounded.
struct MergekitRam: TensorMerge {
    private let epsilon: Float
    private let rounding: StepRounding

    init(_ values: MergeValues, _ steps: MergekitSteps) {
        rounding = steps.rounding
        epsilon = rounding(values.number("epsilon"))
    }

    var usesDifferences: Bool { true }
    var scratchRowCount: Int { 1 }

    func combine(_ block: inout MergeBlock, scratch: inout MergeScratch, into output: inout MutableSpan<Float>) {
        let factors = (0..<block.inputCount).map { _ in Float(1) }
        sumChanges(block, above: epsilon, &scratch, own: factors, into: &output, rounding)
        round(&output, to: rounding)
        add(block.base, to: &output, rounding)
    }
}

/// RAM+ in 16 bits: shares of shared changes are rounded, the result is not.
struct MergekitRamPlus: DelegatingMerge {
    var work: RamPlusMerge
    private let epsilon: Float
    private let rounding: StepRounding

    init(_ values: MergeValues, _ layout: MergeLayout, _ steps: MergekitSteps) {
        rounding = steps.rounding
        epsilon = rounding(values.number("epsilon"))
        work = RamPlusMerge(values, layout, threshold: epsilon)
    }

    func combine(_ block: inout MergeBlock, scratch: inout MergeScratch, into output: inout MutableSpan<Float>) {
        sumChanges(block, above: epsilon, &scratch, own: work.factors ?? [], into: &output, rounding)
        add(block.base, to: &output)
    }
}

/// Writes the sum of changes: those of one input alone multiplied by its factor, shared ones averaged and rounded.
private func sumChanges(
    _ block: borrowing MergeBlock,
    above epsilon: Float,
    _ scratch: inout MergeScratch,
    own factors: [Float],
    into output: inout MutableSpan<Float>,
    _ rounding: StepRounding
) {
    countChanges(block, above: epsilon, &scratch)
    fill(&output, with: 0)
    let changes = scratch.row(0)
    for (input, factor) in factors.enumerated() {
        let differences = block.input(input)
        for i in output.indices {
            let value = differences[i]
            let share = changes[i] > 1 ? rounding(value / changes[i]) : value * factor
            output[i] += abs(value) > epsilon ? share : 0
        }
    }
}
