import Glibc
import SutureKernels
import SutureMerging

/// The arc between two tensors, of which a shorter one than 1e-8 stands at a right angle to anything; from 0.1.5 on its
/// factors are of single precision.
struct MergekitSlerp: GramMerge {
    private let t: Double
    private let steps: MergekitSteps
    var factors: [Double]?

    init(_ values: MergeValues, _ steps: MergekitSteps) {
        t = values.number("t")
        self.steps = steps
    }

    var inputCount: Int { 2 }

    mutating func absorb(_ gram: GramMatrix) {
        // Shorter vectors are left as they are, so that their product is next to nothing.
        let isDirected = min(gram.length(0), gram.length(1)) > 1e-8
        let cosine = isDirected ? min(1, max(-1, gram[0, 1] / gram.length(0) / gram.length(1))) : 0
        guard abs(cosine) <= 0.9995 else {
            factors = [1 - t, t]
            return
        }
        if steps.isOld {
            let angle = acos(cosine)
            factors = [sin((1 - t) * angle) / sin(angle), sin(t * angle) / sin(angle)]
        } else {
            let (angle, t) = (acosf(Float(cosine)), Float(t))
            factors = [sinf((1 - t) * angle), sinf(t * angle)].map { Double($0 / sinf(angle)) }
        }
    }

    func combine(_ block: inout MergeBlock, scratch: inout MergeScratch, into output: inout MutableSpan<Float>) {
        let factors = factors ?? []
        if steps.isOld { return block.combine(factors, into: &output) }
        let (first, second) = (Float(factors[0]), Float(factors[1]))
        SutureKernels.combine(block.input(0), times: first, block.input(1), times: second, into: &output)
    }
}
