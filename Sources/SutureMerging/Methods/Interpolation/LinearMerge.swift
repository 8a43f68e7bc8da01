package import SutureKernels

/// Averages tensors with weights: `Σ wᵢxᵢ / Σ wᵢ`.
///
/// - Weights that sum to 0 cannot be normalised and are refused. mergekit divides by zero.
/// - Of embeddings with different numbers of rows, common rows are blended and the others kept. mergekit cuts them off.
package struct LinearMerge: ElementwiseMerge {
    package static let descriptor = MergeDescriptor(
        name: "linear",
        title: "Linear",
        summary: "weighted average of any number of models",
        paper: .init(
            title: "Model soups: averaging weights of multiple fine-tuned models improves accuracy",
            url: "https://arxiv.org/abs/2203.05482"
        ),
        parameters: [
            .number("weight", .perInput, usually: -5...5, "how much an input counts"),
            .flag("normalize", default: true, "divide by the sum of the weights"),
        ],
        inputs: 1 ... .max,
        fragment: "blend: {method: linear, inputs: [{from: a, weight: 0.6}, {from: b, weight: 0.4}]}"
    )

    /// What each input is multiplied by.
    private let factors: [Double]

    package static func algebra(of values: MergeParameters) -> MergeAlgebra {
        let weights = values.inputs.map { $0["weight"] ?? 0 }
        let heavy = weights.indices.filter { weights[$0] != 0 }
        var algebra = MergeAlgebra()
        algebra.isMean = values.global["normalize"] ?? 1 != 0
        // Weights that add up to nothing are divided by that.
        algebra.isSum = weights.reduce(0, +) != 0
        if heavy.count == 1, algebra.isMean || weights[heavy[0]] == 1 {
            algebra.multiple = (heavy[0], 1)
        }
        return algebra
    }

    package init(_ values: MergeValues, layout: MergeLayout, random: RandomKey) throws(MergeParameterError) {
        let weights = values.each("weight")
        factors =
            values.flag("normalize")
            ? try normalisedWeights(weights, of: Self.descriptor.name, flag: "normalize") : weights
    }

    package func combine(_ block: inout MergeBlock, into output: inout MutableSpan<Float>) {
        block.combine(factors, into: &output)
    }
}
