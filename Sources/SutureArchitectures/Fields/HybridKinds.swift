import SutureDiagnostics
import SutureJSON

private let full: JSONValue = "full_attention"
private let linear: JSONValue = "linear_attention"
private let indexed: JSONValue = "indexed_attention"

/// Kinds of layers of families that mix attention with state-space, linear or convolution layers.
extension FieldTable {
    static let hybridKinds: [Field] = interval + listed + blocks

    /// Every so many layers one has attention.
    private static let interval: [Field] = [
        Field(
            "qwen3_next qwen3_5_text qwen3_5_moe_text qwen3_5 qwen3_5_moe",
            "layer_types",
            PerLayerList(supersedes: ["full_attention_interval"]) {
                $0.ends(every: $0.int("full_attention_interval", 4)) ? full : linear
            }
        ),
        Field(
            "qwen4_exp_text",
            "layer_types",
            PerLayerList(supersedes: ["full_attention_interval"]) {
                $0.ends(every: $0.int("full_attention_interval", 4)) ? indexed : linear
            }
        ),
        Field(
            "olmo_hybrid",
            "layer_types",
            PerLayerList { $0.isAt(3, of: 4) || $0.n < 4 && $0.i == $0.n - 1 ? full : linear }
        ),
        Field(
            "bailing_hybrid",
            "layer_types",
            PerLayerList(supersedes: ["layer_group_size"]) {
                $0.ends(every: $0.int("layer_group_size", 6)) ? full : linear
            }
        ),
        Field("glm5_next_text", "layer_types", PerLayerList { $0.ends(every: 4) ? indexed : linear }),
        Field(
            "minimax",
            "layer_types",
            PerLayerList {
                if let kind = $0.entry("attn_type_list")?.int { return kind == 1 ? full : linear }
                return $0.starts(every: 2) ? full : linear
            }
        ),
        Field("granitemoehybrid mamba mamba2 falcon_mamba", "layer_types", PerLayerList { _ in linear }),
        Field(
            "lfm3",
            "layer_types",
            PerLayerList {
                if $0.isAt(2, of: 4) { return full }
                return $0.i > 0 && $0.starts(every: 4) ? "sliding_attention" : "conv"
            }
        ),
        Field(
            "deepseek_v4",
            "layer_types",
            PerLayerList {
                let ratios: [Int: JSONValue] = [
                    0: "sliding_attention", 4: "compressed_sparse_attention", 128: "heavily_compressed_attention",
                ]
                if let kind = $0.entry("compress_ratios")?.int.flatMap({ ratios[$0] }) { return kind }
                let isSparse = $0.i >= 2 && !$0.starts(every: 2)
                return isSparse ? "compressed_sparse_attention" : "heavily_compressed_attention"
            }
        ),
    ]

    /// The layers with attention are listed.
    private static let listed: [Field] = [
        Field(
            "lfm2 lfm2_moe",
            "layer_types",
            PerLayerList(mirrors: [.indices("full_attn_idxs", of: "full_attention", base: 0)]) {
                ($0.isIn("full_attn_idxs") ?? true) ? full : "conv"
            }
        ),
        Field(
            "kimi_linear",
            "layer_types",
            PerLayerList(mirrors: [
                .indices("linear_attn_config.full_attn_layers", of: "full_attention", base: 1),
                .indices("linear_attn_config.kda_layers", of: "linear_attention", base: 1),
            ]) {
                let isFull = $0.isIn("linear_attn_config.full_attn_layers", base: 1)
                return (isFull ?? ($0.i > 0 && $0.starts(every: 4))) ? full : linear
            }
        ),
        Field("bamba", "attn_layer_indices", LayerIndices { _ in false }),
        Field(
            "mllama_text_model mllama",
            "cross_attention_layers",
            LayerIndices(isAlwaysWritten: true) { [3, 8, 13, 18, 23, 28, 33, 38].contains($0.i) }
        ),
    ]

    /// The list is called otherwise, or is a text.
    private static let blocks: [Field] = [
        Field(
            "nemotron_h",
            "layers_block_type",
            PerLayerList(mirrors: [
                .letters(
                    "hybrid_override_pattern",
                    ["linear_attention": "M", "moe": "E", "full_attention": "*", "mlp": "-"]
                )
            ]) {
                let kinds: [Character: JSONValue] = ["M": linear, "E": "moe", "*": full, "-": "mlp"]
                guard let letter = $0.letter("hybrid_override_pattern") else { return nil }
                return kinds[letter]
            }
        ),
        Field(
            "zamba",
            "layers_block_type",
            PerLayerList(supersedes: ["attn_layer_period", "attn_layer_offset"]) { zambaPattern($0) }
        ),
        Field("zamba2", "layers_block_type", SharedTransformers()),
        Field("zamba2", "hybrid_layer_ids", LayerIndices { SharedTransformers.released.contains($0.i) }),
        Field("recurrent_gemma", "block_types", PatternCycle(fallback: ["recurrent", "recurrent", "attention"])),
        Field("reformer", "attn_layers", PerLayerList { $0.starts(every: 2) ? "local" : "lsh" }),
        Field("gpt_neo", "attention_types", PatternRuns()),
        Field(
            "jamba",
            "attn_layer_period",
            PeriodicLayers(
                follows: .attention,
                offset: ("attn_layer_offset", 4),
                fallback: 8,
                kind: "an attention layer"
            ) { layer, period, offset in
                period > 0 && layer % period == offset
            }
        ),
        Field(
            "bailing_moe_linear ring_linear ling_linear",
            "layer_group_size",
            PeriodicLayers(follows: .attention, fallback: 6, kind: "a softmax layer") { layer, period, _ in
                period > 0 && (layer + 1) % period == 0
            }
        ),
        Field(
            "phi3small",
            "dense_attention_every_n_layers",
            PeriodicLayers(follows: .attention, fallback: 2, kind: "a dense attention layer") { layer, period, _ in
                period > 0 && (layer + 1) % period == 0
            }
        ),
        Field(
            "hunyuan",
            "cla_share_factor",
            NumberMatters(
                severity: .error,
                effect: "where it would share keys and values with another layer",
                fix: "move whole groups of cla_share_factor layers",
                period: { $0.int("cla_share_factor", 2) },
                keepsRuns: true,
                alongside: ["use_cla"],
                applies: { $0.flag("use_cla", false) }
            )
        ),
        Field(
            "idefics",
            "cross_layer_interval",
            NumberMatters(
                severity: .error,
                effect: "and the gated cross-attention blocks stand between layers by number",
                fix: "keep all layers where they are",
                mindsDepth: true
            )
        ),
        Field(
            "evolla",
            "aligner_num_add_layers",
            NumberMatters(
                severity: .error,
                effect: "and adapters stand in layers by number and depth",
                fix: "keep all layers where they are",
                mindsDepth: true
            )
        ),
    ]

    /// What the class of Zamba makes a layer of where the config has no list.
    private static func zambaPattern(_ layer: LayerView) -> JSONValue {
        guard layer.i >= 3 else { return layer.i == 2 ? "hybrid" : linear }
        let period = layer.int("attn_layer_period", 6)
        return period > 0 && (layer.i - 3) % period == layer.int("attn_layer_offset", 4) ? "hybrid" : linear
    }

    /// What a layer of Zamba is.
    static func zambaKind(_ layer: LayerView) -> JSONValue? {
        layer.value("layers_block_type") == nil ? zambaPattern(layer) : layer.entry("layers_block_type")
    }
}
