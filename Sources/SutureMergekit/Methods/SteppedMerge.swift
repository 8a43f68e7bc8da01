import SutureKernels
import SutureMerging

/// A method that mergekit lacks, in the steps that it would take in 16 bits.
struct SteppedMerge: TensorMerge {
    enum Kind: Sendable {
        /// A straight line.
        case lerp(t: Double)
        /// A difference of the second input from the base, multiplied and added.
        case difference(alpha: Double)
        /// A difference from the base, multiplied.
        case lines(scale: Double)
    }

    private let kind: Kind
    private let rounding: StepRounding

    /// Creates the merge; `nil` where no step is rounded.
    init?(_ kind: Kind, _ steps: MergekitSteps) {
        guard steps.rounding != .none else { return nil }
        self.kind = kind
        rounding = steps.rounding
    }

    var usesDifferences: Bool { if case .lines = kind { true } else { false } }

    func combine(_ block: inout MergeBlock, scratch: inout MergeScratch, into output: inout MergeOutput) {
        switch kind {
        case .lerp(let t):
            let (a, b) = (block.input(0), block.input(1))
            SutureKernels.combine(a, times: Float(1 - t), b, times: Float(t), into: &output, rounding)
        case .difference(let alpha):
            block.subtractBase(from: 1, rounding)
            copy(block.input(0), to: &output)
            add(block.input(1), times: Float(alpha), to: &output, rounding)
        case .lines(let scale):
            copy(block.base, to: &output)
            add(block.input(0), times: Float(scale), to: &output, rounding)
        }
    }
}
