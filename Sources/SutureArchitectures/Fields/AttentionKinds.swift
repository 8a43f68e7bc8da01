import SutureJSON

private let full: JSONValue = "full_attention"
private let sliding: JSONValue = "sliding_attention"
private let linear: JSONValue = "linear_attention"
private let indexed: JSONValue = "indexed_attention"

/// `layer_types` of families that mix full and windowed attention.
extension FieldTable {
    static let attentionKinds: [Field] = windowed + windowedFromConfig + qwen + sameEverywhere

    /// The pattern is the family's own.
    private static let windowed: [Field] = [
        Field(
            "gemma2 vaultgemma t5_gemma_module gpt_oss",
            "layer_types",
            PerLayerList { $0.ends(every: 2) ? full : sliding }
        ),
        Field("gemma3n_text kolibri1", "layer_types", PerLayerList { $0.ends(every: 5) ? full : sliding }),
        Field("olmo3 dory", "layer_types", PerLayerList { $0.ends(every: 4) ? full : sliding }),
        Field("cwm granite_swa granitemoe_swa", "layer_types", PerLayerList { $0.starts(every: 4) ? full : sliding }),
        Field(
            "gemma4_text gemma4_unified_text diffusion_gemma_text beam",
            "layer_types",
            PerLayerList(lastMustBe: full) { $0.i == $0.n - 1 || $0.ends(every: 6) ? full : sliding }
        ),
        Field("mimo_v2_flash", "layer_types", PerLayerList { $0.i == 0 || $0.ends(every: 6) ? full : sliding }),
        Field(
            "flint",
            "layer_types",
            PerLayerList { $0.i < 2 || $0.isAt(1, of: 4) || $0.i == $0.n - 1 ? full : sliding }
        ),
        Field(
            "muse_glimmer_text muse_spark_text",
            "layer_types",
            PerLayerList { ($0.n - 1 - $0.i) % 4 == 0 ? full : sliding }
        ),
        Field("neomme", "layer_types", PerLayerList { neommeKind($0) }),
        Field(
            "inkling2_text inkling2_loop_text",
            "layer_types",
            PerLayerList { $0.ends(every: 6) ? "hybrid" : "hybrid_sliding" }
        ),
        Field(
            "ultrabert",
            "layer_types",
            PerLayerList(supersedes: ["attention_windows"]) { $0.ends(every: 3) ? full : sliding }
        ),
    ]

    /// The pattern's period stands in the config, or did in older files.
    private static let windowedFromConfig: [Field] = [
        Field(
            "gemma3_text t5gemma2_text t5gemma2_decoder",
            "layer_types",
            PerLayerList(supersedes: ["sliding_window_pattern"]) {
                $0.ends(every: $0.int("sliding_window_pattern", 6)) ? full : sliding
            }
        ),
        Field(
            "embedding_gemma2_text",
            "layer_types",
            PerLayerList(supersedes: ["sliding_window_pattern"], lastMustBe: full) {
                $0.i == $0.n - 1 || $0.ends(every: $0.int("sliding_window_pattern", 6)) ? full : sliding
            }
        ),
        Field(
            "cohere2",
            "layer_types",
            PerLayerList(supersedes: ["sliding_window_pattern"]) {
                $0.ends(every: $0.int("sliding_window_pattern", 4)) ? full : sliding
            }
        ),
        Field(
            "cohere2_moe",
            "layer_types",
            PerLayerList(supersedes: ["sliding_window_pattern", "prefix_dense_sliding_window_pattern"]) { layer in
                let prefix = max(0, layer.int("first_k_dense_replace", 0))
                if layer.i < prefix {
                    return layer.ends(every: layer.int("prefix_dense_sliding_window_pattern", 1)) ? full : sliding
                }
                let after = LayerView(config: layer.config, i: layer.i - prefix, n: layer.n)
                return after.ends(every: layer.int("sliding_window_pattern", 4)) ? full : sliding
            }
        ),
        Field(
            "exaone4 exaone_moe exaone4_5_text",
            "layer_types",
            PerLayerList(supersedes: ["sliding_window_pattern"]) {
                guard $0.isSet("sliding_window", whenMissing: true) else { return full }
                return $0.ends(every: $0.int("sliding_window_pattern", 4)) ? full : sliding
            }
        ),
        Field(
            "afmoe",
            "layer_types",
            PerLayerList(supersedes: ["global_attn_every_n_layers"]) {
                $0.ends(every: $0.int("global_attn_every_n_layers", 4)) ? full : sliding
            }
        ),
        Field(
            "modernbert modernbert-decoder",
            "layer_types",
            PerLayerList(supersedes: ["global_attn_every_n_layers"]) {
                $0.starts(every: $0.int("global_attn_every_n_layers", 3)) ? full : sliding
            }
        ),
        Field(
            "smollm3",
            "layer_types",
            PerLayerList(supersedes: ["no_rope_layer_interval"]) {
                let slides = $0.flag("use_sliding_window", false) && $0.isSet("sliding_window", whenMissing: false)
                return slides && !usesRope($0) ? sliding : full
            }
        ),
        Field(
            "llama4_text",
            "layer_types",
            PerLayerList(supersedes: ["no_rope_layer_interval"]) { usesRope($0) ? "chunked_attention" : full }
        ),
        Field(
            "inkling_text",
            "layer_types",
            PerLayerList(mirrors: [.indices("local_layer_ids", of: "hybrid_sliding", base: 0)]) {
                ($0.isIn("local_layer_ids") ?? !$0.ends(every: 6)) ? "hybrid_sliding" : "hybrid"
            }
        ),
        Field(
            "dots3_note_text",
            "layer_types",
            PerLayerList { layer in
                let slides = layer.flag("use_sliding_window", true) && layer.i >= 2 && !layer.isAt(1, of: 4)
                return slides ? sliding : layer.flag("use_dsa", true) ? indexed : full
            }
        ),
    ]

    /// The window begins or ends at a layer, and only if it is switched on.
    private static let qwen: [Field] = [
        Field(
            """
            qwen2 qwen3 qwen2_vl_text qwen2_5_vl_text qwen2_5_omni_text qwen2_5_omni_talker qwen2_vl qwen2_5_vl \
            deepseek_ocr2_encoder
            """,
            "layer_types",
            PerLayerList(supersedes: ["max_window_layers"]) {
                let slides = $0.flag("use_sliding_window", false) && $0.isSet("sliding_window", whenMissing: true)
                return slides && $0.i >= $0.int("max_window_layers", 28) ? sliding : full
            }
        ),
        Field(
            "dots1 qwen3_omni_moe_talker_code_predictor",
            "layer_types",
            PerLayerList(supersedes: ["max_window_layers"]) {
                let slides = $0.isSet("sliding_window", whenMissing: false)
                return slides && $0.i >= $0.int("max_window_layers", 62) ? sliding : full
            }
        ),
        Field(
            "qwen2_moe",
            "layer_types",
            PerLayerList(supersedes: ["max_window_layers"]) {
                let slides = $0.flag("use_sliding_window", false) && $0.i < $0.int("max_window_layers", 28)
                return slides && $0.starts(every: 2) ? sliding : full
            }
        ),
    ]

    /// One kind for all layers unless a list says otherwise.
    private static let sameEverywhere: [Field] = [
        Field(
            "cohere_compass_text laguna mellum step3p5 minimax_m3_vl_text",
            "layer_types",
            PerLayerList { _ in full }
        ),
        Field("muse_glimmer_assistant", "layer_types", PerLayerList { _ in sliding }),
        Field("zaya", "layer_types", PerLayerList { _ in "hybrid" }),
        Field("axk2 deepseek_v32 glm_moe_dsa hy_v4 mistral_large4_text", "layer_types", PerLayerList { _ in indexed }),
        Field(
            "ministral",
            "layer_types",
            PerLayerList { $0.isSet("sliding_window", whenMissing: true) ? sliding : full }
        ),
        Field(
            "unlimited_ocr_text",
            "layer_types",
            PerLayerList { $0.isSet("sliding_window", whenMissing: false) ? "reference_sliding_attention" : full }
        ),
    ]

    /// What the class of NeoMME makes a layer where the config has no list.
    static func neommeKind(_ layer: LayerView) -> JSONValue {
        layer.ends(every: 6) || layer.i == layer.n - 1 ? full : sliding
    }

    /// Whether a layer rotates queries and keys, in the families that leave some out.
    static func usesRope(_ layer: LayerView) -> Bool {
        if let entry = layer.entry("no_rope_layers") { return entry.int.map { $0 != 0 } ?? entry.bool ?? true }
        return !layer.ends(every: layer.int("no_rope_layer_interval", 4))
    }
}
