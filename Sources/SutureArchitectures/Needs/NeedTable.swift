/// What the classes of transformers 5.24 read of a layer and of the ends, family by family.
///
/// A line has families, a colon, and what all of them need; a family with several lines is stored in several forms.
/// `{q,k}` lists, `#` is the number of an expert, `$word` stands for one of ``phrases``, `(a | b)` for what one kind
/// of layer has or another. A name is a module's or a bare parameter's, without `.weight`. `+` behind it: with a bias;
/// `+key`: with a bias where the config's key is true, and with `!` also where it is missing. `?key` and `?-key` say in
/// the same way when there is a module at all, `@first`, `@last` and their like in which layers. `^` leads out of the
/// stack, `^^` one step more. `head` is what ends in logits, unless it is the embedding.
enum NeedTable {
    /// The lines of a family; none where nothing is known of it.
    static func lines(of family: String) -> [Substring] { byFamily[family] ?? [] }

    /// What lines have in common.
    static let phrases: [Substring: String] = [
        "norms": "input_layernorm post_attention_layernorm",
        "four": "post_attention_layernorm post_feedforward_layernorm pre_feedforward_layernorm",
        "ends": "^embed_tokens ^norm head",
        "attn": "self_attn.{q,k,v,o}_proj+attention_bias",
        "qkvo": "self_attn.{q,k,v,o}_proj",
        "qk": "self_attn.{q,k}_norm",
        "mlp": "mlp.{gate,up,down}_proj",
        "experts": "mlp.experts.#.{gate,up,down}_proj",
        "fused": "mlp.experts.{gate_up,down}_proj",
        "shared": "mlp.shared_experts.{gate,up,down}_proj",
        "bias": "mlp.gate.e_score_correction_bias",
        "indexer": "self_attn.indexer.k_norm+ self_attn.indexer.weights_proj self_attn.indexer.{wk,wq_b}",
        "mla":
            "self_attn.kv_a_layernorm self_attn.kv_a_proj_with_mqa+attention_bias self_attn.kv_b_proj self_attn.o_proj+attention_bias",
        "mlaq":
            "self_attn.{kv_a,q_a}_layernorm self_attn.kv_a_proj_with_mqa+attention_bias self_attn.{kv_b,q_b}_proj self_attn.{q_a,o}_proj+attention_bias",
        "lora": "(self_attn.q_a_layernorm self_attn.q_a_proj+attention_bias self_attn.q_b_proj | self_attn.q_proj)",
        "mamba":
            "(mamba.{A_log,D,dt_bias,norm} mamba.conv1d+mamba_conv_bias! mamba.{in,out}_proj+mamba_proj_bias",
        "bert":
            "attention.output.{LayerNorm,dense}+ attention.self.{key,query,value}+ intermediate.dense+ output.{LayerNorm,dense}+",
        "embeddings":
            "^^embeddings.LayerNorm+ ^^embeddings.position_embeddings ^^embeddings.token_type_embeddings ^^embeddings.word_embeddings",
        "bart":
            "encoder_attn_layer_norm+ final_layer_norm+ self_attn_layer_norm+ encoder_attn.{q,k,v,out}_proj+ fc1+ fc2+ self_attn.{q,k,v,out}_proj+",
    ]

    private static let byFamily: [String: [Substring]] = {
        var table: [String: [Substring]] = [:]
        for text in [decodersToI, decodersFromJ, othersToo] {
            for line in text.split(separator: "\n") {
                let halves = line.split(separator: ":", maxSplits: 1)
                guard halves.count == 2 else { continue }
                for family in halves[0].split(separator: " ") { table[String(family), default: []].append(halves[1]) }
            }
        }
        return table
    }()
}
