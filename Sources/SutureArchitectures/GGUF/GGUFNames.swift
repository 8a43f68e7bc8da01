/// What GGUF files call the tensors of a model.
///
/// Names say what a tensor does in nearly every family alike; the few that do not are told apart by the family.
enum GGUFNames {
    /// What a tensor of a layer does.
    ///
    /// - Parameters:
    ///   - suffix: Its name in the layer, such as `attn_q.weight`.
    ///   - family: The family.
    /// - Returns: The role; `nil` for a name that is not known.
    static func role(of suffix: String, family: GGUFFamily) -> Role? {
        let module = module(of: suffix)
        if module == "post_attention_norm", normsBeforeMLP.contains(family.name) {
            return Role(.norm, "mlp", sublayer: .mlp)
        }
        if module == "ffn_up", fusesGate.contains(family.name) { return Role(.mlp, "gate_up", sublayer: .mlp) }
        if let known = roles[module] { return Role(known.group, known.part, sublayer: known.sublayer) }
        // The first GGUF files have a tensor for each expert: `ffn_gate.3`.
        let parts = module.split(separator: ".")
        guard parts.count == 2, let expert = LayeredName.number(parts[1].utf8),
            let part = ["ffn_gate": "gate", "ffn_up": "up", "ffn_down": "down"][String(parts[0])]
        else { return nil }
        return Role(.expert, part, expert: expert, sublayer: .mlp)
    }

    /// What a tensor outside the layers is.
    static func end(_ name: String, family: GGUFFamily) -> ModelPart? {
        switch module(of: name) {
        case "token_embd": .end(.embed)
        case "position_embd": .end(.embedCompanion("position"))
        case "token_types": .end(.embedCompanion("token_type"))
        case "token_embd_norm":
            family.name.hasPrefix("lfm2") ? .end(.norm) : .end(.embedCompanion("norm"))
        case "output_norm": .end(.norm)
        case "output": .end(.head)
        // Tables of rotation, which every layer reads.
        case "rope_freqs", "rope_factors_long", "rope_factors_short": .other
        default: nil
        }
    }

    /// Families in which `post_attention_norm` stands before the MLP.
    private static let normsBeforeMLP: Set<String> = ["gpt-oss", "qwen35", "qwen35moe", "qwen3next"]

    /// Families whose `ffn_up` holds the gate as well.
    private static let fusesGate: Set<String> = ["phi3", "glm4"]

    private static func module(of name: String) -> String {
        for leaf in [".weight", ".bias"] where name.hasSuffix(leaf) { return String(name.dropLast(leaf.utf8.count)) }
        return name
    }

    private typealias Meaning = (group: Role.Group, part: String, sublayer: Sublayer)

    private static let roles: [String: Meaning] = {
        var roles: [String: Meaning] = [
            "attn_norm": (.norm, "attn", .attention), "attn_norm_2": (.norm, "attn", .attention),
            "post_attention_norm": (.norm, "attn_post", .attention), "ffn_norm": (.norm, "mlp", .mlp),
            "post_ffw_norm": (.norm, "mlp_post", .mlp), "ffn_gate_inp": (.router, "", .mlp),
            "exp_probs_b": (.router, "bias", .mlp), "ffn_gate_inp_shexp": (.sharedExpert, "router", .mlp),
        ]
        let attention = [
            "attn_q": "q", "attn_k": "k", "attn_v": "v", "attn_qkv": "qkv", "attn_output": "o", "attn_q_norm": "q_norm",
            "attn_k_norm": "k_norm", "attn_sinks": "sinks", "attn_gate": "gate", "attn_q_a": "q_a", "attn_q_b": "q_b",
            "attn_q_a_norm": "q_a_norm", "attn_kv_a_mqa": "kv_a", "attn_kv_a_norm": "kv_a_norm", "attn_kv_b": "kv_b",
            "attn_k_b": "k_b", "attn_v_b": "v_b", "attn_sub_norm": "norm",
        ]
        for (name, part) in attention { roles[name] = (.attention, part, .attention) }
        for part in ["gate", "up", "down", "gate_up"] {
            roles["ffn_\(part)"] = (.mlp, part, .mlp)
            roles["ffn_\(part)_exps"] = (.expert, part, .mlp)
            roles["ffn_\(part)_shexp"] = (.sharedExpert, part, .mlp)
        }
        roles["ffn_sub_norm"] = (.mlp, "norm", .mlp)
        let mixers = [
            "ssm_in": "in_proj", "ssm_conv1d": "conv1d", "ssm_dt": "dt_bias", "ssm_a": "A_log", "ssm_d": "D",
            "ssm_norm": "norm", "ssm_out": "out_proj", "ssm_alpha": "in_proj_a", "ssm_beta": "in_proj_b",
            "ssm_ba": "in_proj_ba", "shortconv.conv": "conv", "shortconv.in_proj": "in_proj",
            "shortconv.out_proj": "out_proj",
        ]
        for (name, part) in mixers { roles[name] = (.ssm, part, .attention) }
        return roles
    }()
}
