import Glibc
import SutureKernels
import SutureMerging

/// The Karcher mean with mergekit's rounding at every step, for merges in 16 bits.
///
/// There the mean is a tensor that is rounded in each iteration, not a combination of the inputs. It is not kept: every
/// pass, and the merge itself, goes through all iterations so far for each element, with the scalars found before.
struct RoundedKarcher: TensorMerge {
    /// The scalars of one iteration.
    private struct Iteration: Sendable {
        /// The cosine between the mean and each input.
        let cosines: [Float]
        /// What each input's tangent is multiplied by; 0 where it is skipped.
        let scales: [Float]
        /// The length of the step.
        var stepLength: Float = 0
        /// The length of the mean after it.
        var length: Float = 1
    }

    private enum Stage: Sendable {
        case lengths
        case firstMean
        case cosines
        case step
        case length
        case done
    }

    private let inputCount: Int
    private let iterationLimit: Int
    private let tolerance: Float
    /// Whether the mean length is rounded before it multiplies, as from 0.1.5 on.
    private let roundsScale: Bool
    private let rounding: StepRounding
    private var stage = Stage.lengths
    private var lengths: [Float] = []
    private var share: Float = 0
    private var firstLength: Float = 1
    private var startsAt: Int?
    private var iterations: [Iteration] = []
    private var pendingIteration: Iteration?

    init(_ values: MergeValues, inputCount: Int, _ steps: MergekitSteps) {
        self.inputCount = inputCount
        iterationLimit = Int(values.number("max_iter"))
        tolerance = Float(values.number("tol"))
        roundsScale = !steps.isOld
        rounding = steps.rounding
    }

    var maximumSurveyCount: Int {
        let (passes, overflow) = iterationLimit.multipliedReportingOverflow(by: 3)
        return overflow ? .max / 2 : passes + 2
    }

    var pendingSurvey: SurveyPass? {
        switch stage {
        case .lengths, .cosines: SurveyPass(sums: inputCount)
        case .firstMean, .step, .length: SurveyPass(sums: 1)
        case .done: nil
        }
    }

    func survey(_ block: inout MergeBlock, scratch: inout MergeScratch, adding statistics: inout MergeStatistics) {
        for i in 0..<block.count {
            switch stage {
            case .lengths:
                for input in 0..<inputCount {
                    let value = Double(block.input(input)[i])
                    statistics.sums[input] += value * value
                }
            case .firstMean:
                let value = Double(firstMean(block, i))
                statistics.sums[0] += value * value
            case .cosines:
                let mean = mean(block, i)
                for input in 0..<inputCount where lengths[input] > tolerance {
                    statistics.sums[input] += Double(rounding(mean * unit(block, input, i)))
                }
            case .step:
                guard let pendingIteration else { return }
                let value = Double(step(pendingIteration, mean(block, i), block, i))
                statistics.sums[0] += value * value
            case .length:
                guard let pendingIteration else { return }
                let value = Double(moved(pendingIteration, mean(block, i), block, i))
                statistics.sums[0] += value * value
            case .done: return
            }
        }
    }

    mutating func absorb(_ statistics: MergeStatistics) {
        switch stage {
        case .lengths:
            lengths = statistics.sums.map { Float($0.squareRoot()) }
            let valid = lengths.count { $0 > tolerance }
            share = valid == 0 ? 0 : 1 / Float(valid)
            stage = valid == 0 ? .done : .firstMean
        case .firstMean:
            firstLength = Float(statistics.sums[0].squareRoot())
            if firstLength < tolerance { startsAt = lengths.firstIndex { $0 > tolerance } }
            stage = iterationLimit > 0 ? .cosines : .done
        case .cosines:
            let cosines = statistics.sums.map { min(1, max(-1, rounding($0))) }
            let scales = zip(cosines, lengths).map { cosine, length -> Float in
                // Scalars of the merge's dtype, but for the weight.
                let angle = rounding(acosf(cosine))
                let sine = rounding(sinf(angle))
                guard length > tolerance, angle >= tolerance, sine != 0 else { return 0 }
                return rounding(share * rounding(angle / sine))
            }
            pendingIteration = Iteration(cosines: cosines, scales: scales)
            stage = .step
        case .step:
            let length = Float(statistics.sums[0].squareRoot())
            pendingIteration?.stepLength = length
            stage = length < tolerance || !length.isFinite ? .done : .length
        case .length:
            let length = Float(statistics.sums[0].squareRoot())
            pendingIteration?.length = length > tolerance ? length : 1
            if let pendingIteration { iterations.append(pendingIteration) }
            stage = iterations.count < iterationLimit ? .cosines : .done
        case .done: break
        }
    }

    /// Writes the mean with the mean length of all inputs.
    func combine(_ block: inout MergeBlock, scratch: inout MergeScratch, into output: inout MutableSpan<Float>) {
        let length = lengths.reduce(0, +) / Float(inputCount)
        let scale = roundsScale ? rounding(length) : length
        for i in output.indices { output[i] = share == 0 ? 0 : mean(block, i) * scale }
    }

    private func unit(_ block: borrowing MergeBlock, _ input: Int, _ i: Int) -> Float {
        rounding(block.input(input)[i] / lengths[input])
    }

    private func firstMean(_ block: borrowing MergeBlock, _ i: Int) -> Float {
        var mean: Float = 0
        for input in 0..<inputCount where lengths[input] > tolerance {
            mean = rounding(mean + rounding(share * unit(block, input, i)))
        }
        return mean
    }

    /// One element of the mean after all iterations so far.
    private func mean(_ block: borrowing MergeBlock, _ i: Int) -> Float {
        var mean = startsAt.map { unit(block, $0, i) } ?? rounding(firstMean(block, i) / firstLength)
        for iteration in iterations { mean = rounding(moved(iteration, mean, block, i) / iteration.length) }
        return mean
    }

    private func step(_ iteration: Iteration, _ mean: Float, _ block: borrowing MergeBlock, _ i: Int) -> Float {
        var step: Float = 0
        for input in 0..<inputCount where iteration.scales[input] != 0 {
            let tangent = rounding(unit(block, input, i) - rounding(iteration.cosines[input] * mean))
            step = rounding(step + rounding(iteration.scales[input] * tangent))
        }
        return step
    }

    private func moved(_ iteration: Iteration, _ mean: Float, _ block: borrowing MergeBlock, _ i: Int) -> Float {
        let direction = rounding(step(iteration, mean, block, i) / iteration.stepLength)
        // The two factors stand before tensors there, and so are rounded to the tensors' dtype.
        let (along, across) = (rounding(cosf(iteration.stepLength)), rounding(sinf(iteration.stepLength)))
        return rounding(rounding(along * mean) + rounding(across * direction))
    }
}
