import SutureCheckpoints
import SutureDiagnostics

/// One thing that models must agree on, or be known to differ in, before their layers are put together.
struct Setting: Sendable {
    /// What of a model a setting has a say in.
    struct Scope: OptionSet, Sendable {
        let rawValue: UInt8

        static let attention = Scope(rawValue: 1)
        static let mlp = Scope(rawValue: 2)
        static let embed = Scope(rawValue: 4)
        static let head = Scope(rawValue: 8)
        static let layers: Scope = [.attention, .mlp]
    }

    /// What it is called, in messages and in `output.accept`.
    let name: String

    /// The keys under which families have it, the usual one first.
    let keys: [String]

    /// How bad a difference is.
    let severity: Diagnostic.Severity

    /// Where it has a say.
    let scope: Scope

    /// Whether a difference can be accepted; shapes cannot.
    let canBeAccepted: Bool

    /// What families do where the config says nothing, by family; the entry without a name is for all others.
    let defaults: [String: JSONValue]

    init(
        _ name: String,
        _ severity: Diagnostic.Severity,
        in scope: Scope,
        also keys: String = "",
        isShape: Bool = false,
        default fallback: JSONValue? = nil,
        of families: [String: JSONValue] = [:]
    ) {
        self.name = name
        self.keys = [name] + keys.split(separator: " ").map(String.init)
        self.severity = severity
        self.scope = scope
        canBeAccepted = !isShape
        var defaults = families
        if let fallback { defaults[""] = fallback }
        self.defaults = defaults
    }
}

extension Setting {
    /// What must agree, and how bad it is where it does not: shapes and what position and activation mean stop a
    /// plan, what a model bears is a warning, what only programs around it read is a note.
    static let all: [Setting] = shapes + positions + arithmetic + experts + ends

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
        Setting("partial_rotary_factor", .error, in: .attention, also: "rotary_pct rotary_dim", default: 1.0),
        Setting("rope_local_base_freq", .error, in: .attention),
        Setting("max_position_embeddings", .note, in: .layers, also: "n_positions n_ctx"),
        Setting(
            "sliding_window",
            .warning,
            in: .attention,
            of: ["gemma2": 4096, "mistral": 4096, "gemma3_text": 4096]
        ),
        Setting("attention_chunk_size", .warning, in: .attention),
        Setting("alibi", .error, in: .attention, default: false),
    ]

    private static let arithmetic: [Setting] = [
        Setting(
            "rms_norm_eps",
            .warning,
            in: .layers,
            also: "layer_norm_eps layer_norm_epsilon norm_eps norm_epsilon layernorm_epsilon",
            default: 1e-06,
            of: epsilons
        ),
        Setting(
            "hidden_act",
            .error,
            in: .mlp,
            also: "hidden_activation activation_function activation",
            default: nil,
            of: activations
        ),
        Setting("query_pre_attn_scalar", .error, in: .attention, of: ["gemma2": 256, "gemma3_text": 256]),
        Setting("attention_multiplier", .error, in: .attention),
        Setting("attn_logit_softcapping", .error, in: .attention, of: ["gemma2": 50.0]),
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
        Setting("final_logit_softcapping", .warning, in: .head, of: ["gemma2": 30.0]),
        Setting("logits_scaling", .warning, in: .head, also: "logit_scale", default: 1.0),
        Setting("embedding_multiplier", .warning, in: .embed, also: "embedding_scale scale_emb", default: 1.0),
        Setting("eos_token_id", .warning, in: [.embed, .head]),
        Setting("bos_token_id", .warning, in: [.embed, .head]),
        Setting("pad_token_id", .note, in: [.embed, .head]),
    ]

    /// Families whose queries, keys and values have a bias without saying so.
    private static let biased: [String: JSONValue] = [
        "qwen2": true, "qwen2_moe": true, "phi": true, "gpt2": true, "gpt_neox": true, "starcoder2": true, "bert": true,
        "gpt_oss": true, "opt": true,
    ]

    /// Families whose class has another ε than most.
    private static let epsilons: [String: JSONValue] = [
        "mixtral": 1e-05, "phi3": 1e-05, "phi": 1e-05, "gpt_neox": 1e-05, "gpt2": 1e-05, "cohere": 1e-05,
        "cohere2": 1e-05,
        "olmoe": 1e-05, "stablelm": 1e-05, "gpt_oss": 1e-05, "bert": 1e-12, "starcoder2": 1e-05, "internlm2": 1e-06,
        "falcon": 1e-05, "bloom": 1e-05, "lfm2": 1e-05, "olmo2": 1e-05, "nemotron": 1e-05,
    ]

    /// What families whose files leave it out apply in their MLPs.
    private static let activations: [String: JSONValue] = [
        "llama": "silu", "mistral": "silu", "mixtral": "silu", "qwen2": "silu", "qwen3": "silu", "qwen2_moe": "silu",
        "qwen3_moe": "silu", "phi3": "silu", "gemma": "gelu_pytorch_tanh", "gemma2": "gelu_pytorch_tanh",
        "gemma3_text": "gelu_pytorch_tanh", "phi": "gelu_new", "gpt2": "gelu_new", "bert": "gelu", "gpt_neox": "gelu",
        "internlm2": "silu", "deepseek_v2": "silu", "deepseek_v3": "silu", "stablelm": "silu", "olmo2": "silu",
        "smollm3": "silu", "granite": "silu", "cohere": "silu", "cohere2": "silu",
    ]
}
