import SutureJSON

/// Lists of one value a layer that say something else than its kind, and lists that others read.
extension FieldTable {
    /// Lists that the kinds of layers are read from where those have no list of their own.
    static let positions: [Field] = [
        Field(
            "llama4_text smollm3 mistral_large4_text",
            "no_rope_layers",
            PerLayerList(supersedes: ["no_rope_layer_interval"], emptyIsMissing: true) {
                .int($0.ends(every: $0.int("no_rope_layer_interval", 4)) ? 0 : 1)
            }
        ),
        Field("minimax", "attn_type_list", PerLayerList()),
        Field("deepseek_v4", "compress_ratios", PerLayerList()),
    ]

    static let otherLists: [Field] = [
        Field("granite_swa granitemoe_swa", "layer_rope_theta", PerLayerList { $0.value("rope_theta") }),
        Field(
            "muse_glimmer_text muse_spark_text",
            "layer_rope_theta",
            PerLayerList { ($0.n - 1 - $0.i) % 4 == 0 ? 0 : $0.value("rope_theta") }
        ),
        Field("laguna", "num_attention_heads_per_layer", PerLayerList { $0.value("num_attention_heads") ?? 64 }),
        Field("gemma3n_text", "intermediate_size", PerLayerList(follows: .mlp, mayBeScalar: true)),
        Field(
            "gemma3n_text",
            "activation_sparsity_pattern",
            PerLayerList(follows: .mlp, mayBeScalar: true) { $0.i < 10 && $0.n > 10 ? 0.95 : 0.0 }
        ),
        Field("hunyuan_v1_moe hunyuan", "num_experts", PerLayerList(follows: .mlp, mayBeScalar: true)),
        Field("hunyuan_v1_moe hunyuan", "moe_topk", PerLayerList(follows: .mlp, mayBeScalar: true)),
        Field("hunyuan_v1_moe hunyuan", "num_shared_expert", PerLayerList(follows: .mlp, mayBeScalar: true)),
        Field("hunyuan_v1_moe hunyuan", "moe_intermediate_size", PerLayerList(follows: .mlp, mayBeScalar: true)),
        Field("step3p5", "swiglu_limits", PerLayerList(follows: .mlp)),
        Field("step3p5", "swiglu_limits_shared", PerLayerList(follows: .mlp)),
        Field("step3p5", "rope_theta", PerLayerList(mayBeScalar: true)),
        Field("step3p5", "partial_rotary_factors", PerLayerList()),
        Field("longformer", "attention_window", PerLayerList(mayBeScalar: true)),
        Field("led", "attention_window", Stays("a window for each layer of the encoder, the decoder's have none")),
        Field(
            "gemma4_text gemma4_unified_text diffusion_gemma_text",
            "global_head_dim",
            Stays("it is that of the layers which layer_types names")
        ),
        Field(
            "gemma4_text gemma4_unified_text diffusion_gemma_text",
            "num_global_key_value_heads",
            Stays("it is that of the layers which layer_types names")
        ),
        Field(
            "chatglm",
            "apply_query_key_layer_scaling",
            Stays("queries are divided by what scores are multiplied by")
        ),
        Field("rwkv", "rescale_every", Stays("weights are stored as they were before")),
        Field("moonshine_streaming_encoder", "sliding_windows", PerLayerList()),
        Field("openelm", "num_query_heads", PerLayerList()),
        Field("openelm", "num_kv_heads", PerLayerList()),
        Field("openelm", "ffn_multipliers", PerLayerList(follows: .mlp)),
        Field("deci nemotron-nas", "block_configs", BlockConfigs()),
        Field("deci", "num_key_value_heads_per_layer", PerLayerList()),
        Field("", "per_layer_config", MapByLayer()),
        Field(
            "glm_moe_dsa glm5_next_text mistral_large4_text",
            "indexer_types",
            PerLayerList(
                supersedes: ["index_topk_freq", "index_skip_topk_offset"],
                mirrors: [.letters("index_topk_pattern", ["full": "F", "shared": "S"])],
                firstMustNotBe: "shared",
                leansOnEarlier: "shared"
            ) { layer in
                if let letter = layer.letter("index_topk_pattern") { return letter == "F" ? "full" : "shared" }
                let place = max(layer.i - layer.int("index_skip_topk_offset", 2) + 1, 0)
                return place % max(layer.int("index_topk_freq", 1), 1) == 0 ? "full" : "shared"
            }
        ),
        Field(
            "hy_v4",
            "indexer_types",
            PerLayerList(firstMustNotBe: "shared", leansOnEarlier: "shared") {
                $0.i == 0 || ($0.i - 1) % 4 == 0 ? "full" : "shared"
            }
        ),
    ]
}
