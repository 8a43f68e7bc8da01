package import SutureKernels

/// Averages models and moves toward the base by how much their differences from it disagree.
///
/// With c the mean cosine between the differences of N models, `t = N·c/(1 + (N−1)·c)` and the result is
/// `t·mean + (1 − t)·base`, for whole tensors or, with `filter_wise`, for each row.
///
/// - A mean cosine below 0 gives the base. mergekit goes beyond it, and at `c = −1/(N−1)` divides by zero.
/// - Cosines of small differences count like others. mergekit takes them for 0 where the product of two lengths is
///   below 1e-6.
/// - Of embeddings with different numbers of rows, common rows are blended and the others kept. mergekit cuts them off.
package struct ModelStockMerge: MergeMethod {
    package static let descriptor = MergeDescriptor(
        name: "model_stock",
        title: "Model Stock",
        summary: "average of models, nearer to the base the less they agree",
        paper: .init(
            title: "Model Stock: All we need is just a few fine-tuned models",
            url: "https://arxiv.org/abs/2403.19522"
        ),
        parameters: [
            .flag("filter_wise", default: false, "one ratio for each row, not one for the tensor")
        ],
        base: .required,
        inputs: 2 ... .max,
        decisions: [negativeCosine, smallDifferences, .mixedDTypes, .rowsCut],
        fragment: """
            blend: {method: model_stock, base: base, inputs: [a, b, c]}
            """
    )

    private static let negativeCosine = MergeDecision(
        "model-stock-negative",
        documented: "a negative mean cosine gives the base",
        .until(.v014, "a negative mean cosine gives a negative ratio, at -1/(N-1) a division by zero"),
        .since(.v015, "a negative mean cosine gives a negative ratio, but at -1/(N-1) the base")
    )

    private static let smallDifferences = MergeDecision(
        "model-stock-small",
        documented: "cosines do not depend on lengths",
        .always("the cosine of two differences is taken for 0 where the product of their lengths is below 1e-6")
    )

    private let isFilterWise: Bool
    private let version: MergekitVersion?
    private var isMergekit: Bool { version != nil }
    private let rounding: StepRounding
    private let layout: MergeLayout
    private var ratio: Float?
    package private(set) var appliedDecisions: [MergeDecision] = []

    package init(
        _ parameters: MergeParameters,
        layout: MergeLayout,
        random: RandomKey
    ) throws(MergeParameterError) {
        let values = try CheckedParameters(parameters, of: Self.descriptor, layout)
        isFilterWise = values.flag("filter_wise")
        version = parameters.compatibility.version
        rounding = parameters.compatibility.rounding
        self.layout = layout
    }

    package var granularity: MergeGranularity { isFilterWise ? .rows : .elements }

    // mergekit averages the models themselves, and its rounding shows it.
    package var usesDifferences: Bool { !isMergekit }

    package var scratchRowCount: Int { isMergekit && isFilterWise ? layout.inputCount : 0 }
    package var maximumSurveyCount: Int { isFilterWise ? 0 : 1 }

    package var pendingSurvey: SurveyPass? {
        ratio == nil && !isFilterWise ? GramMatrix.pass(of: layout.inputCount) : nil
    }

    package func survey(
        _ block: inout MergeBlock,
        scratch: inout MergeScratch,
        adding statistics: inout MergeStatistics
    ) {
        if isMergekit {
            for input in 0..<block.inputCount { block.subtractBase(from: input, rounding) }
        }
        GramMatrix.survey(block, rounding, adding: &statistics)
    }

    package mutating func absorb(_ statistics: MergeStatistics) {
        let gram = GramMatrix(statistics, of: layout.inputCount)
        ratio = ratio(of: gram)
        guard !isMergekit else { return }
        let pairs = Self.pairs(layout.inputCount)
        if meanCosine(gram) < 0 { appliedDecisions.append(Self.negativeCosine) }
        if pairs.contains(where: { gram.length($0) * gram.length($1) < 1e-6 && gram[$0, $1] != 0 }) {
            appliedDecisions.append(Self.smallDifferences)
        }
    }

    private static func pairs(_ count: Int) -> [(Int, Int)] {
        (0..<count).flatMap { i in ((i + 1)..<max(count, i + 1)).map { (i, $0) } }
    }

    private func meanCosine(_ gram: GramMatrix) -> Double {
        let pairs = Self.pairs(gram.count)
        let sum = pairs.reduce(0.0) { sum, pair in
            let lengths = gram.length(pair.0) * gram.length(pair.1)
            return sum + (lengths > 0 ? min(1, max(-1, gram[pair.0, pair.1] / lengths)) : 0)
        }
        return sum / Double(pairs.count)
    }

    private func ratio(of gram: GramMatrix) -> Float {
        let count = Double(gram.count)
        guard isMergekit else {
            let cosine = max(0, meanCosine(gram))
            return Float(count * cosine / (1 + (count - 1) * cosine))
        }
        let cosines = Self.pairs(gram.count).map { i, j in
            let lengths = rounding(rounding(gram.length(i)) * rounding(gram.length(j)))
            let least = rounding(1e-6 as Float)
            let cosine = rounding(rounding(gram[i, j]) / (lengths > least ? lengths : least))
            return min(1, max(-1, cosine))
        }
        let cosine = rounding(cosines.reduce(0, +) / Float(cosines.count))
        let divisor = rounding(1 + rounding(Float(count - 1) * cosine))
        guard version == .v014 || abs(divisor) >= rounding(1e-6 as Float) else { return 0 }
        return rounding(rounding(Float(count) * cosine) / divisor)
    }

    package func combine(
        _ block: inout MergeBlock,
        scratch: inout MergeScratch,
        into output: inout MutableSpan<Float>
    ) {
        guard isFilterWise else {
            if isMergekit { return write(block, 0..<block.count, ratio ?? 0, into: &output) }
            let factor = Double(ratio ?? 0) / Double(block.inputCount)
            return block.combine((0..<block.inputCount).map { _ in factor }, base: 1, into: &output)
        }
        if isMergekit {
            // The averages need the models themselves, the cosines their differences.
            for input in 0..<block.inputCount {
                var row = scratch.mutableRow(input)
                copy(block.input(input), to: &row)
                subtract(block.base, from: &row, rounding)
            }
        }
        for start in stride(from: 0, to: block.count, by: layout.rowLength) {
            let row = start..<min(start + layout.rowLength, block.count)
            var products: [Double] = []
            for i in 0..<block.inputCount {
                for j in 0...i {
                    if isMergekit {
                        let (a, b) = (scratch.row(i).extracting(row), scratch.row(j).extracting(row))
                        products.append(i == j ? dot(a, b) : dot(a, b, rounding))
                    } else {
                        products.append(dot(block.input(i).extracting(row), block.input(j).extracting(row)))
                    }
                }
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
        for i in range { output[i] = 0 }
        let base = block.base
        let count = Float(block.inputCount)
        guard isMergekit else {
            for input in 0..<block.inputCount {
                let differences = block.input(input)
                for i in range { output[i] += differences[i] }
            }
            for i in range { output[i] = base[i] + ratio * (output[i] / count) }
            return
        }
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
