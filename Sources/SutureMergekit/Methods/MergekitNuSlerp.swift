import Glibc
import SutureKernels
import SutureMerging

extension ArcWalk {
    /// NuSLERP with single steps, in which zeros stand at a right angle to anything, weights that sum to 0 mean the
    /// middle, and columns of a stack of matrices go across the stack.
    init(mergekit values: MergeValues, _ layout: MergeLayout, _ steps: MergekitSteps) {
        let weights = values.each("weight")
        let sum = weights[0] + weights[1]
        let t = abs(sum) < 1e-6 ? 0.5 : weights[1] / sum
        let rounding = steps.rounding
        self.init(
            along: Vectors(values, layout, firstAxis: 0),
            layout,
            from: Arc(straightTo: t),
            steps: rounding
        ) { aLength, bLength, cosine in
            let measured = aLength > 1e-7 && bLength > 1e-7 || rounding != .none ? cosine : 0
            let nearest = min(1, max(-1, rounding(measured)))
            let angle = rounding(acosf(nearest))
            let sine = rounding(sinf(angle))
            // Until 0.1.4, in binary16 the limit rounds to 0, and parallel vectors are divided by it.
            let isStraight =
                steps.isOld
                ? abs(sine) < rounding(1e-8 as Float)
                : rounding(1 - rounding(nearest * nearest)) <= rounding(1e-16 as Float)
            guard !isStraight else { return nil }
            return Arc(
                first: Double(rounding(sinf(rounding(angle * Float(1 - t))))),
                second: Double(rounding(sinf(rounding(angle * Float(t))))),
                divisor: sine
            )
        }
    }
}
