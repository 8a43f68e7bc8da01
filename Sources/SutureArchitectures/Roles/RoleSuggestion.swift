/// What somebody meant who wrote a family's word where a role stands: `mlp.*` for `ffn`, `attn.q` for `q_proj`.
enum RoleSuggestion {
    /// The roles that a text may mean, likeliest first; none where it is no word of a family.
    static func roles(for text: String) -> [String] {
        let modules = RoleNamer.modules(of: text).map { NameWords.folded($0) }
        let names = modules.filter { name in
            !name.isEmpty && !name.allSatisfy { isDigit($0) || $0 == UInt8(ascii: "*") } && !outer.areWhole(name)
        }
        guard let last = names.last else { return [] }
        if let whole = whole.first(where: { $0.words.areWhole(last) }) { return [whole.role] }
        let inner = names.dropLast()
        if inner.contains(where: NameWords.isNorm) || NameWords.isNorm(last) { return norms(last, in: Array(inner)) }
        return parts(last, in: Array(inner))
    }

    /// Words that hold a layer, not a part of it.
    private static let outer = WordPattern.list(
        "model transformer decoder encoder layers layer h block blocks weight bias"
    )

    /// Words that mean a group, or one of its own kind.
    private static let whole: [(words: [WordPattern], role: String)] = [
        (WordPattern.list("self_?attn self_?attention attentions? attn mha"), "attn.*"),
        (WordPattern.list("cross_?attn cross_?attention encoder_attn enc_dec_attention"), "cross_attn.*"),
        (WordPattern.list("mlps? ffns? ff feed_?forward dense_?relu_?dense"), "mlp.*"),
        (WordPattern.list("experts? moe block_sparse_moe"), "expert[*].*"),
        (WordPattern.list("shared_experts? shared_mlp"), "shared_expert.*"),
        (WordPattern.list("norms? layer_?norms? rms_?norms? ln"), "norm.*"),
        (WordPattern.list("mamba# mamba ssm linear_?attn conv shortconv"), "ssm.*"),
        (WordPattern.list("routers? gating"), "router"),
        (WordPattern.list("embed_tokens wte embeddings? word_embeddings tok_embeddings embed_in shared"), "embed"),
        (WordPattern.list("lm_head heads? embed_out output_layer unembed"), "head"),
        (WordPattern.list("final_norm final_layer_?norm ln_f"), "norm.final"),
    ]

    private static func norms(_ last: [UInt8], in inner: [[UInt8]]) -> [String] {
        if let part = RoleNames.part(of: last, in: RoleNames.attention), NameWords.innerNorms.areWhole(last) {
            return ["attn.\(part)"]
        }
        if NameWords.beforeMLP.areWhole(last) || NameWords.afterAttention.areWhole(last) { return ["norm.mlp"] }
        if NameWords.mlp.areWord(in: last) { return ["norm.mlp_post"] }
        let isSecond = String(decoding: last, as: UTF8.self).hasSuffix("2")
        return NameWords.isNorm(last) || !inner.isEmpty ? [isSecond ? "norm.mlp" : "norm.attn"] : []
    }

    /// A projection, of the half that the text names or else of either.
    private static func parts(_ last: [UInt8], in inner: [[UInt8]]) -> [String] {
        let attention = RoleNames.part(of: last, in: RoleNames.attention)
        let channels =
            RoleNames.part(of: last, in: RoleNames.mlp) ?? threeWeights[String(decoding: last, as: UTF8.self)]
        var found: [String] = []
        let saysExpert = inner.contains { String(decoding: $0, as: UTF8.self).hasPrefix("expert") }
        let saysMLP = saysExpert || inner.contains { NameWords.mlp.areWord(in: $0) }
        let saysAttention = !saysMLP && inner.contains { NameWords.attention.areWord(in: $0) }
        if let channels, !saysAttention {
            found += saysExpert ? ["expert[*].\(channels)"] : ["mlp.\(channels)"]
            if !saysMLP { found.append("expert[*].\(channels)") }
        }
        if let attention, !saysMLP {
            // `gate_proj` is attention's in few families, `o_proj` nobody else's.
            let role = inner.contains(where: NameWords.isCross) ? "cross_attn.\(attention)" : "attn.\(attention)"
            found.insert(role, at: channels == nil || saysAttention ? 0 : found.count)
        }
        return found
    }

    private static let threeWeights = ["w1": "gate", "w2": "down", "w3": "up"]
}
