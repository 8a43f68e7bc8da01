/// Tells which half of a layer a norm belongs to, from its name and from what else the layer has.
struct NormClassifier {
    private let norms: [[UInt8]]
    private let hasAttention: Bool
    private let hasMLP: Bool
    private let hasInnerNorm: Bool
    private let hasCrossAttention: Bool
    private let hasFinal: Bool
    private let hasBeforeAttention: Bool
    private let hasBeforeMLP: Bool

    /// - Parameters:
    ///   - norms: The folded names of the layer's norms.
    ///   - hasAttention: Whether the layer has a token mixer.
    ///   - hasMLP: Whether it has an MLP.
    ///   - hasCrossAttention: Whether it looks at another stack.
    ///   - hasInnerNorm: Whether attention has a norm inside.
    init(norms: [[UInt8]], hasAttention: Bool, hasMLP: Bool, hasCrossAttention: Bool, hasInnerNorm: Bool) {
        self.norms = norms
        self.hasAttention = hasAttention
        self.hasMLP = hasMLP
        self.hasCrossAttention = hasCrossAttention
        self.hasInnerNorm = hasInnerNorm
        hasFinal = norms.contains { Self.isFinal($0) }
        hasBeforeAttention = norms.contains { NameWords.beforeAttention.areWhole($0) }
        hasBeforeMLP = norms.contains { NameWords.beforeMLP.areWhole($0) }
    }

    /// The half that a norm belongs to.
    func sublayer(of norm: [UInt8]) -> Sublayer {
        if NameWords.mlp.areWord(in: norm) { return .mlp }
        if NameWords.afterAttention.areWhole(norm) { return sublayerAfterAttention(norm) }
        if NameWords.attention.areWord(in: norm) { return .attention }
        let name = String(decoding: norm, as: UTF8.self)
        if Self.isInput(name) { return isOnlyNorm && hasBoth ? .shared : .attention }
        if name.hasSuffix("2") || name.hasSuffix("_after") { return .mlp }
        if Self.isFinal(norm) { return .mlp }
        return sublayerOfBareNorm
    }

    /// Llama's `post_attention_layernorm` is the norm before its MLP; OLMo 2's comes after attention.
    private func sublayerAfterAttention(_ norm: [UInt8]) -> Sublayer {
        if hasBeforeMLP { return .attention }
        if hasCrossAttention && norms.contains(where: { String(decoding: $0, as: UTF8.self).hasPrefix("final") }) {
            return .attention
        }
        if !hasBeforeAttention { return .attention }
        let others = norms.filter { $0 != norm && NameWords.afterAttention.areWhole($0) }
        let isLlamas = Self.llamas.areWhole(norm)
        if !isLlamas, others.contains(where: { Self.llamas.areWhole($0) }) { return .attention }
        return .mlp
    }

    private static let llamas = WordPattern.list("post_attention_layer_?norm")

    private var sublayerOfBareNorm: Sublayer {
        if hasFinal { return .attention }
        if hasInnerNorm { return .mlp }
        if hasBoth { return isOnlyNorm ? .shared : .attention }
        return hasMLP ? .mlp : .attention
    }

    private var hasBoth: Bool { hasAttention && hasMLP }

    private var isOnlyNorm: Bool { Set(norms).count == 1 }

    private static func isInput(_ name: String) -> Bool {
        NameWords.beforeAttention.areWhole(Array(name.utf8)) || name.hasSuffix("1") || name.hasSuffix("_before")
    }

    private static func isFinal(_ norm: [UInt8]) -> Bool {
        let name = String(decoding: norm, as: UTF8.self)
        return name.hasPrefix("final_") || name.hasPrefix("output_") || name.hasPrefix("full_")
    }
}
