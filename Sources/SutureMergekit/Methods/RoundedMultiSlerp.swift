import Glibc
import SutureKernels
import SutureMerging

/// Multi-SLERP with mergekit's rounding at every step, for merges in 16 bits.
///
/// Its mean direction and its tangents are rounded tensors; they are computed anew in each pass from the scalars found
/// in the passes before.
struct RoundedMultiSlerp: TensorMerge {
    private enum Stage: Sendable {
        case lengths
        case mean
        case cosines
        case tangent
        case done
    }

    private let weights: [Float]
    private let epsilon: Float
    private let rounding: StepRounding
    let usesDifferences: Bool
    private var stage = Stage.lengths
    private var lengths: [Float] = []
    private var meanLength: Float = 0
    private var cosines: [Float] = []
    private var tangentLength: Float = 0

    /// Whether directions cancel out, so that inputs are averaged in a straight line.
    private var isLine = false

    init(_ weights: [Float], epsilon: Double, usesDifferences: Bool, _ rounding: StepRounding) {
        self.weights = weights
        self.usesDifferences = usesDifferences
        self.epsilon = rounding(epsilon)
        self.rounding = rounding
    }

    var maximumSurveyCount: Int { 4 }

    var pendingSurvey: SurveyPass? {
        switch stage {
        case .lengths, .cosines: SurveyPass(sums: weights.count)
        case .mean, .tangent: SurveyPass(sums: 1)
        case .done: nil
        }
    }

    func survey(_ block: inout MergeBlock, scratch: inout MergeScratch, adding statistics: inout MergeStatistics) {
        for i in 0..<block.count {
            switch stage {
            case .lengths:
                for input in weights.indices {
                    let value = Double(block.input(input)[i])
                    statistics.sums[input] += value * value
                }
            case .mean:
                let value = Double(sum(block, i))
                statistics.sums[0] += value * value
            case .cosines:
                let mean = mean(block, i)
                for input in weights.indices {
                    statistics.sums[input] += Double(rounding(unit(block, input, i) * mean))
                }
            case .tangent:
                let value = Double(tangent(block, i))
                statistics.sums[0] += value * value
            case .done: return
            }
        }
    }

    mutating func absorb(_ statistics: MergeStatistics) {
        let roots = statistics.sums.map { rounding($0.squareRoot()) }
        switch stage {
        case .lengths:
            lengths = roots
            stage = .mean
        case .mean:
            meanLength = roots[0]
            isLine = meanLength < epsilon
            stage = isLine ? .done : .cosines
        case .cosines:
            cosines = statistics.sums.map { rounding($0) }
            stage = .tangent
        case .tangent:
            tangentLength = rounding(roots[0] + epsilon)
            stage = .done
        case .done: break
        }
    }

    func combine(_ block: inout MergeBlock, scratch: inout MergeScratch, into output: inout MutableSpan<Float>) {
        let scale = rounding(zip(weights, lengths).reduce(0) { $0 + rounding($1.0 * $1.1) })
        let cosine = rounding(cosf(tangentLength))
        let sine = tangentLength > 0 ? rounding(rounding(sinf(tangentLength)) / tangentLength) : 1
        for i in output.indices {
            if isLine {
                var sum: Float = 0
                for (input, weight) in weights.enumerated() { sum += rounding(weight * block.input(input)[i]) }
                output[i] = rounding(sum)
            } else {
                let point = rounding(mean(block, i) * cosine) + rounding(tangent(block, i) * sine)
                output[i] = rounding(rounding(point) * scale)
            }
        }
        guard usesDifferences else { return }
        round(&output, to: rounding)
        add(block.base, to: &output)
    }

    private func unit(_ block: borrowing MergeBlock, _ input: Int, _ i: Int) -> Float {
        rounding(block.input(input)[i] / rounding(lengths[input] + epsilon))
    }

    private func sum(_ block: borrowing MergeBlock, _ i: Int) -> Float {
        var sum: Float = 0
        for (input, weight) in weights.enumerated() { sum += rounding(weight * unit(block, input, i)) }
        return rounding(sum)
    }

    private func mean(_ block: borrowing MergeBlock, _ i: Int) -> Float { rounding(sum(block, i) / meanLength) }

    private func tangent(_ block: borrowing MergeBlock, _ i: Int) -> Float {
        let mean = mean(block, i)
        var sum: Float = 0
        for (input, weight) in weights.enumerated() {
            let own = rounding(unit(block, input, i) - rounding(cosines[input] * mean))
            sum += rounding(weight * own)
        }
        return rounding(sum)
    }
}
