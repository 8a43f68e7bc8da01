import SutureDiagnostics
import SutureJSON

extension Setting {
    /// What must agree, and how bad it is where it does not: shapes and what position and activation mean stop a
    /// plan, what a model bears is a warning, what only programs around it read is a note.
    static let all: [Setting] = sizes + shapes + positions + arithmetic + experts + ends + whole

    /// What the layers are large; also known from tensors where the config is silent.
    private static let sizes: [Setting] = [
        size("hidden_size", in: .all) { $0.hidden?.value },
        size("num_attention_heads", in: .attention) { $0.heads?.value },
        size("num_key_value_heads", in: .attention) { $0.kvHeads?.value },
        size("head_dim", in: .attention) { $0.headDim?.value },
        size("intermediate_size", in: .mlp) { $0.mlp?.value },
        size("num_experts", in: .mlp) { $0.experts?.value },
    ]

    private static func size(
        _ name: String,
        in scope: Scope,
        _ fact: @escaping @Sendable (ModelFacts) -> Int?
    ) -> Setting {
        Setting(name, .error, in: scope, isShape: true) { fact($0.anatomy.facts).map(JSONValue.int) }
    }

    private static let shapes: [Setting] = [
        Setting("qk_nope_head_dim", .error, in: .attention, isShape: true),
        Setting("qk_rope_head_dim", .error, in: .attention, isShape: true),
        Setting("v_head_dim", .error, in: .attention, isShape: true),
        Setting("kv_lora_rank", .error, in: .attention, isShape: true),
        Setting("q_lora_rank", .error, in: .attention, isShape: true),
        Setting("moe_intermediate_size", .error, in: .mlp, also: "expert_ffn_hidden_size", isShape: true),
        Setting("shared_expert_intermediate_size", .error, in: .mlp, isShape: true),
        Setting("n_shared_experts", .error, in: .mlp, also: "num_shared_expert", isShape: true),
        Setting("mamba_d_state", .error, in: .attention, also: "ssm_state_size state_size", isShape: true),
        Setting(
            "mamba_d_conv",
            .error,
            in: .attention,
            also: "conv_kernel conv_L_cache linear_conv_kernel_dim",
            isShape: true
        ),
        Setting("mamba_n_heads", .error, in: .attention, also: "mamba_num_heads linear_num_value_heads", isShape: true),
        Setting("attention_bias", .error, in: .attention, also: "qkv_bias use_qkv_bias", default: false, of: biased),
        Setting("mlp_bias", .error, in: .mlp, also: "use_mlp_bias", default: false),
        Setting("use_qk_norm", .error, in: .attention, also: "qk_layernorm", default: false),
    ]

    private static let positions: [Setting] = [
        Setting("rope_theta", .error, in: .attention, also: "rope_parameters rotary_emb_base rope_base") {
            Rotation($0.scope, families: $0.families).theta
        },
        Setting("rope_scaling", .error, in: .attention, also: "rope_parameters") {
            Rotation($0.scope, families: $0.families).scaling
        },
        Setting("partial_rotary_factor", .error, in: .attention, also: "rope_parameters rotary_pct") {
            Rotation($0.scope, families: $0.families).partial
        },
        Setting("max_position_embeddings", .note, in: .layers, also: "n_positions n_ctx"),
        Setting("sliding_window", .warning, in: .attention, reading: window),
        Setting("attention_chunk_size", .warning, in: .attention),
        Setting("alibi", .error, in: .attention, default: false),
        Setting(
            "position_embedding_type",
            .error,
            in: .attention,
            default: "absolute",
            of: ["granitemoehybrid": .null]
        ),
    ]

    private static let arithmetic: [Setting] = [
        Setting(
            "rms_norm_eps",
            .warning,
            in: .layers,
            also: "layer_norm_eps layer_norm_epsilon norm_eps norm_epsilon layernorm_epsilon",
            default: 1e-06
        ),
        Setting(
            "hidden_act",
            .error,
            in: .mlp,
            also: "hidden_activation activation_function activation",
            of: ["internlm2": "silu"],
            sameAs: activation
        ),
        Setting("query_pre_attn_scalar", .error, in: .attention),
        Setting("attention_multiplier", .error, in: .attention),
        Setting("attn_logit_softcapping", .error, in: .attention),
        Setting("residual_multiplier", .error, in: .layers, default: 1.0),
        Setting("clip_qkv", .warning, in: .attention),
        Setting("use_parallel_residual", .error, in: .layers, also: "parallel_attn"),
        Setting("mamba_scan_scale", .warning, in: .attention),
    ]

    private static let experts: [Setting] = [
        Setting("num_experts_per_tok", .error, in: .mlp, also: "moe_topk num_experts_per_token moe_k"),
        Setting("norm_topk_prob", .error, in: .mlp),
        Setting("routed_scaling_factor", .error, in: .mlp),
        Setting("scoring_func", .error, in: .mlp),
        Setting("n_group", .error, in: .mlp),
        Setting("topk_group", .error, in: .mlp),
    ]

    private static let ends: [Setting] = [
        Setting("final_logit_softcapping", .warning, in: .head),
        Setting("logits_scaling", .warning, in: .head, also: "logit_scale", default: 1.0),
        Setting("embedding_multiplier", .warning, in: .embed, also: "embedding_scale scale_emb", default: 1.0),
        Setting("eos_token_id", .warning, in: [.embed, .head]),
        Setting("bos_token_id", .warning, in: [.embed, .head]),
        Setting("pad_token_id", .note, in: [.embed, .head]),
    ]

    private static let whole: [Setting] = [
        Setting("tie_word_embeddings", .warning, in: [.embed, .head]) { .bool($0.anatomy.facts.isTied.value) },
        Setting("quantization_config", .error, in: .all, reading: packing),
    ]

    /// The window where one is switched on: Qwen has a switch, which is off unless a config says otherwise, and a list
    /// of kinds may have none that slides.
    private static let window: Reading = { source in
        if let kinds = source.scope.setting("layer_types")?.array,
            !kinds.contains(where: { $0.string?.contains("sliding") ?? true })
        {
            return nil
        }
        let isQwen = source.families.contains { $0.hasPrefix("qwen") }
        guard source.scope["use_sliding_window"]?.bool ?? !isQwen else { return nil }
        if let value = source.scope["sliding_window"] ?? source.root["sliding_window"] {
            return value == .null ? nil : value
        }
        return ClassDefaults.value("sliding_window", of: source.families)
    }

    /// An activation by the plainest of its names; Gemma's first files say `gelu` and mean its approximation.
    private static let activation: Plain = { value, source in
        guard let name = value.string else { return value }
        switch name {
        case "swish": return "silu"
        case "gelu_new", "gelu_fast", "gelu_accurate", "gelu_pytorch_tanh": return "gelu_pytorch_tanh"
        case "gelu", "gelu_python": return source.families.contains("gemma") ? "gelu_pytorch_tanh" : "gelu"
        default: return value
        }
    }

    /// How weights are packed, without the names of those that are.
    private static let packing: Reading = { source in
        let scheme = QuantizationScheme(of: source.root) ?? QuantizationScheme(of: source.scope)
        return scheme.map { .object($0.settings) }
    }

    /// Families whose queries, keys and values have a bias without saying so.
    private static let biased: [String: JSONValue] = [
        "qwen2": true, "qwen2_moe": true, "qwen2_vl_text": true, "qwen2_5_vl_text": true, "qwen2_5_omni_text": true,
        "phi": true, "gpt2": true, "gpt_neox": true, "starcoder2": true, "bert": true,
        "gpt_oss": true, "opt": true,
    ]
}
