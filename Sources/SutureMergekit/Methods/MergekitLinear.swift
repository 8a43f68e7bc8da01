import SutureKernels
import SutureMerging

/// Sums tensors by weights and then divides by the sum of these, each step rounded; from 0.1.5 on in float32, whatever
/// the dtype of the merge.
struct MergekitLinear: TensorMerge {
    private let factors: [Float]
    private let divisor: Float?
    private let steps: MergekitSteps

    init(_ values: MergeValues, _ steps: MergekitSteps) {
        self.steps = steps
        let rounding = steps.isOld ? steps.rounding : .none
        factors = values.each("weight").map { rounding($0) }
        divisor = values.flag("normalize") ? rounding(factors.reduce(0, +)) : nil
    }

    func combine(_ block: inout MergeBlock, scratch: inout MergeScratch, into output: inout MutableSpan<Float>) {
        fill(&output, with: 0)
        guard steps.isOld else {
            for (input, factor) in factors.enumerated() { addFused(block.input(input), times: factor, to: &output) }
            if let divisor { divide(&output, by: divisor) }
            return
        }
        for (input, factor) in factors.enumerated() {
            add(block.input(input), times: factor, to: &output, steps.rounding)
        }
        guard let divisor else { return }
        round(&output, to: steps.rounding)
        divide(&output, by: divisor, steps.rounding)
    }
}
