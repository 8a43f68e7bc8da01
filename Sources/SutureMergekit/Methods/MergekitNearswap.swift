import SutureKernels
import SutureMerging

/// NearSwap by weights of `t` over a distance that is 1e-6 at least, with steps that are rounded.
struct MergekitNearswap: TensorMerge {
    private let t: Float
    private let rounding: StepRounding

    init(_ values: MergeValues, _ steps: MergekitSteps) {
        t = Float(values.number("t"))
        rounding = steps.rounding
    }

    func combine(_ block: inout MergeBlock, scratch: inout MergeScratch, into output: inout MutableSpan<Float>) {
        let base = block.base
        let other = block.input(0)
        let least = rounding(1e-6 as Float)
        for i in output.indices {
            let distance = rounding(abs(rounding(base[i] - other[i])))
            let weight = rounding(rounding(1 / (distance > least ? distance : least)) * t)
            let clamped = weight > 1 ? 1 : (weight < 0 ? 0 : weight)
            output[i] = rounding(clamped * other[i]) + rounding(rounding(1 - clamped) * base[i])
        }
    }
}
