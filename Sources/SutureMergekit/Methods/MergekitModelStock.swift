import SutureKernels
import SutureMerging

/// Averages the models themselves, not their differences, with steps that are rounded; a ratio may be negative, and small
/// differences have no direction.
struct MergekitModelStock: TensorMerge {
    private let isFilterWise: Bool
    private let steps: MergekitSteps
    private let layout: MergeLayout
    private var ratio: Float?

    private var rounding: StepRounding { steps.rounding }

    init(_ values: MergeValues, _ layout: MergeLayout, _ steps: MergekitSteps) {
        isFilterWise = values.flag("filter_wise")
        self.layout = layout
        self.steps = steps
    }

    var granularity: MergeGranularity { isFilterWise ? .rows : .elements }
    var scratchRowCount: Int { isFilterWise ? layout.inputCount : 0 }
    var maximumSurveyCount: Int { isFilterWise ? 0 : 1 }

    var pendingSurvey: SurveyPass? {
        ratio == nil && !isFilterWise ? GramMatrix.pass(of: layout.inputCount) : nil
    }

    func survey(_ block: inout MergeBlock, scratch: inout MergeScratch, adding statistics: inout MergeStatistics) {
        for input in 0..<block.inputCount { block.subtractBase(from: input, rounding) }
        for (index, (i, j)) in GramMatrix.products(of: block.inputCount).enumerated() {
            statistics.sums[index] += product(block.input(i), block.input(j), isSquare: i == j)
        }
    }

    private func product(_ a: Span<Float>, _ b: Span<Float>, isSquare: Bool) -> Double {
        isSquare ? dot(a, b) : dot(a, b, rounding)
    }

    mutating func absorb(_ statistics: MergeStatistics) {
        ratio = ratio(of: GramMatrix(statistics, of: layout.inputCount))
    }

    private func ratio(of gram: GramMatrix) -> Float {
        let count = Double(gram.count)
        let cosines = gram.pairs.map { i, j in
            let lengths = rounding(rounding(gram.length(i)) * rounding(gram.length(j)))
            let least = rounding(1e-6 as Float)
            let cosine = rounding(rounding(gram[i, j]) / (lengths > least ? lengths : least))
            return min(1, max(-1, cosine))
        }
        let cosine = rounding(cosines.reduce(0, +) / Float(cosines.count))
        let divisor = rounding(1 + rounding(Float(count - 1) * cosine))
        guard steps.isOld || abs(divisor) >= rounding(1e-6 as Float) else { return 0 }
        return rounding(rounding(Float(count) * cosine) / divisor)
    }

    func combine(_ block: inout MergeBlock, scratch: inout MergeScratch, into output: inout MutableSpan<Float>) {
        guard isFilterWise else { return write(block, 0..<block.count, ratio ?? 0, into: &output) }
        // The averages need the models themselves, the cosines their differences.
        for input in 0..<block.inputCount {
            var row = scratch.mutableRow(input)
            copy(block.input(input), to: &row)
            subtract(block.base, from: &row, rounding)
        }
        for start in stride(from: 0, to: block.count, by: layout.rowLength) {
            let row = start..<min(start + layout.rowLength, block.count)
            var products: [Double] = []
            for (i, j) in GramMatrix.products(of: block.inputCount) {
                let (a, b) = (scratch.row(i).extracting(row), scratch.row(j).extracting(row))
                products.append(product(a, b, isSquare: i == j))
            }
            let gram = GramMatrix(products: products, of: block.inputCount)
            write(block, row, ratio(of: gram), into: &output)
        }
    }

    private func write(
        _ block: borrowing MergeBlock,
        _ range: Range<Int>,
        _ ratio: Float,
        into output: inout MutableSpan<Float>
    ) {
        let base = block.base
        let count = Float(block.inputCount)
        for i in range { output[i] = 0 }
        for input in 0..<block.inputCount {
            let values = block.input(input)
            for i in range { output[i] = rounding(output[i] + values[i]) }
        }
        let rest = rounding(1 - ratio)
        for i in range {
            output[i] = rounding(ratio * rounding(output[i] / count)) + rounding(rest * base[i])
        }
    }
}
