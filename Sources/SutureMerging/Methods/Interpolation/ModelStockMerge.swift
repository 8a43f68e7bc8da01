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
        parameters: [.flag("filter_wise", default: false, "one ratio for each row, not one for the tensor")],
        base: .required,
        inputs: 2 ... .max,
        decisions: [negativeCosine, smallDifferences],
        fragment: "blend: {method: model_stock, base: base, inputs: [a, b, c]}"
    )

    /// What differences that point apart give.
    package static let negativeCosine = MergeDecision(
        "model-stock-negative",
        documented: "a negative mean cosine gives the base"
    )

    /// Whether small differences have a direction.
    package static let smallDifferences = MergeDecision(
        "model-stock-small",
        documented: "cosines do not depend on lengths"
    )

    private let isFilterWise: Bool
    private let layout: MergeLayout
    private var ratio: Float?
    package private(set) var appliedDecisions: [MergeDecision] = []

    package init(_ values: MergeValues, layout: MergeLayout, random: RandomKey) {
        isFilterWise = values.flag("filter_wise")
        self.layout = layout
    }

    package var granularity: MergeGranularity { isFilterWise ? .rows : .elements }
    package var usesDifferences: Bool { true }
    package var maximumSurveyCount: Int { isFilterWise ? 0 : 1 }

    package var pendingSurvey: SurveyPass? {
        ratio == nil && !isFilterWise ? GramMatrix.pass(of: layout.inputCount) : nil
    }

    package func survey(
        _ block: inout MergeBlock,
        scratch: inout MergeScratch,
        adding statistics: inout MergeStatistics
    ) {
        GramMatrix.survey(block, adding: &statistics)
    }

    package mutating func absorb(_ statistics: MergeStatistics) {
        let gram = GramMatrix(statistics, of: layout.inputCount)
        ratio = ratio(of: gram)
        if meanCosine(gram) < 0 { appliedDecisions.append(Self.negativeCosine) }
        if gram.pairs.contains(where: { gram.length($0) * gram.length($1) < 1e-6 && gram[$0, $1] != 0 }) {
            appliedDecisions.append(Self.smallDifferences)
        }
    }

    private func meanCosine(_ gram: GramMatrix) -> Double {
        let sum = gram.pairs.reduce(0.0) { sum, pair in
            let lengths = gram.length(pair.0) * gram.length(pair.1)
            return sum + (lengths > 0 ? min(1, max(-1, gram[pair.0, pair.1] / lengths)) : 0)
        }
        return sum / Double(gram.pairs.count)
    }

    private func ratio(of gram: GramMatrix) -> Float {
        let count = Double(gram.count)
        let cosine = max(0, meanCosine(gram))
        return Float(count * cosine / (1 + (count - 1) * cosine))
    }

    package func combine(_ block: inout MergeBlock, scratch: inout MergeScratch, into output: inout MergeOutput) {
        guard isFilterWise else {
            let factor = Double(ratio ?? 0) / Double(block.inputCount)
            return block.combine((0..<block.inputCount).map { _ in factor }, base: 1, into: &output)
        }
        let base = block.base
        let count = Float(block.inputCount)
        for start in stride(from: 0, to: block.count, by: layout.rowLength) {
            let row = start..<min(start + layout.rowLength, block.count)
            var products: [Double] = []
            for (i, j) in GramMatrix.products(of: block.inputCount) {
                products.append(dot(block.input(i).extracting(row), block.input(j).extracting(row)))
            }
            let ratio = ratio(of: GramMatrix(products: products, of: block.inputCount))
            for i in row { output[i] = 0 }
            for input in 0..<block.inputCount {
                let differences = block.input(input)
                for i in row { output[i] += differences[i] }
            }
            for i in row { output[i] = base[i] + ratio * (output[i] / count) }
        }
    }
}
