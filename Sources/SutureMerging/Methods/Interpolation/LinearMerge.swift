package import SutureKernels

/// Averages tensors with weights: `Σ wᵢxᵢ / Σ wᵢ`.
///
/// - Weights that sum to 0 cannot be normalised and are refused. mergekit divides by zero.
/// - Of embeddings with different numbers of rows, common rows are blended and the others kept. mergekit cuts them off.
package struct LinearMerge: MergeMethod {
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
        decisions: [.rowsCut],
        fragment: """
            blend: {method: linear, inputs: [{from: a, weight: 0.6}, {from: b, weight: 0.4}]}
            """
    )

    /// What each input is multiplied by.
    private let factors: [Double]

    /// What the sum is divided by at the end, where the factors are not divided already.
    private let divisor: Float?

    private let version: MergekitVersion?
    private let rounding: StepRounding

    package static func algebra(of values: MergeParameters, in version: MergekitVersion?) -> MergeAlgebra {
        let weights = values.inputs.map { $0["weight"] ?? 0 }
        let heavy = weights.indices.filter { weights[$0] != 0 }
        var algebra = MergeAlgebra()
        algebra.isMean = values.global["normalize"] ?? 1 != 0
        // Weights that add up to nothing are divided by that.
        algebra.isSum = weights.reduce(0, +) != 0
        // mergekit multiplies by a weight and then divides by it, and leaves the rounding there.
        if heavy.count == 1, algebra.isMean && version == nil || weights[heavy[0]] == 1 {
            algebra.multiple = (heavy[0], 1)
        }
        return algebra
    }

    package init(
        _ parameters: MergeParameters,
        layout: MergeLayout,
        random: RandomKey
    ) throws(MergeParameterError) {
        let values = try CheckedParameters(parameters, of: Self.descriptor, layout)
        let weights = values.each("weight")
        rounding = parameters.compatibility.rounding
        version = parameters.compatibility.version
        guard version == nil else {
            // From 0.1.5 on the sum is one of float32, whatever the dtype of the merge.
            let rounding = version == .v014 ? rounding : .none
            let rounded = weights.map { rounding($0) }
            factors = rounded.map { Double($0) }
            divisor = values.flag("normalize") ? rounding(rounded.reduce(0, +)) : nil
            return
        }
        divisor = nil
        guard values.flag("normalize") else {
            factors = weights
            return
        }
        factors = try normalisedWeights(weights, of: Self.descriptor.name, flag: "normalize")
    }

    package func combine(
        _ block: inout MergeBlock,
        scratch: inout MergeScratch,
        into output: inout MutableSpan<Float>
    ) {
        guard let version else { return block.combine(factors, into: &output) }
        fill(&output, with: 0)
        for (input, factor) in factors.enumerated() {
            guard version == .v014 else {
                addFused(block.input(input), times: Float(factor), to: &output)
                continue
            }
            add(block.input(input), times: Float(factor), to: &output, rounding)
        }
        guard let divisor else { return }
        guard version == .v014 else { return divide(&output, by: divisor) }
        round(&output, to: rounding)
        divide(&output, by: divisor, rounding)
    }
}
