import SutureJSON

private let dense: JSONValue = "dense"
private let sparse: JSONValue = "sparse"

/// Which layers have one MLP and which have experts.
extension FieldTable {
    static let mlpKinds: [Field] = lists + leading + others

    private static let lists: [Field] = [
        Field(
            "axk1 axk2",
            "mlp_layer_types",
            PerLayerList(follows: .mlp, supersedes: ["first_k_dense_replace", "moe_layer_freq"]) {
                $0.i >= $0.int("first_k_dense_replace", 1) && $0.starts(every: $0.int("moe_layer_freq", 1))
                    ? sparse : dense
            }
        ),
        firstDense("bailing_hybrid", "first_k_dense_replace", 2),
        firstDense("exaone_moe", "first_k_dense_replace", 1),
        firstDense("cohere2_moe", "first_k_dense_replace", 0),
        firstDense("deepseek_v32 glm_moe_dsa", "first_k_dense_replace", 3),
        firstDense("inkling_text", "dense_mlp_idx", 0),
        Field(
            "mistral_large4_text kimi_linear dots3_note_text unlimited_ocr_text",
            "mlp_layer_types",
            PerLayerList(follows: .mlp, supersedes: ["first_k_dense_replace", "moe_layer_freq"]) {
                if let entry = $0.entry("moe_layer_freq")?.int { return entry == 0 ? dense : sparse }
                return $0.i < $0.int("first_k_dense_replace", 1) ? dense : sparse
            }
        ),
        Field(
            "glm4_moe_lite ernie4_5_vl_moe_text laguna mimo_v2_flash hy_v3 hy_v4",
            "mlp_layer_types",
            PerLayerList(follows: .mlp) { $0.i < 1 ? dense : sparse }
        ),
        Field("beam glm5_next_text", "mlp_layer_types", PerLayerList(follows: .mlp) { $0.i < 3 ? dense : sparse }),
        Field(
            "step3p5",
            "mlp_layer_types",
            PerLayerList(follows: .mlp, mirrors: [.commas("moe_layers_enum", of: "sparse")]) { layer in
                guard let list = layer.value("moe_layers_enum")?.string else { return layer.i < 3 ? dense : sparse }
                let layers = list.split(separator: ",").map { $0.filter { $0 != " " } }
                return layers.contains(String(layer.i)) ? sparse : dense
            }
        ),
        Field(
            "mellum muse_spark_text minimax_m3_vl_text",
            "mlp_layer_types",
            PerLayerList(follows: .mlp, supersedes: ["moe_layer_freq"]) {
                $0.entry("moe_layer_freq")?.int == 0 ? dense : sparse
            }
        ),
        Field(
            "deepseek_v4",
            "mlp_layer_types",
            PerLayerList(follows: .mlp, supersedes: ["num_hash_layers"]) {
                $0.i < $0.int("num_hash_layers", 3) ? "hash_moe" : "moe"
            }
        ),
    ]

    private static func firstDense(_ families: String, _ key: String, _ fallback: Int) -> Field {
        Field(
            families,
            "mlp_layer_types",
            PerLayerList(follows: .mlp, supersedes: [key]) { $0.i < $0.int(key, fallback) ? dense : sparse }
        )
    }

    /// Only a number says how many layers at the front are dense.
    private static let leading: [Field] = [
        Field("deepseek_v2", "first_k_dense_replace", LeadingLayers(fallback: 0)),
        Field("deepseek_v3 kimi_k2 kimi_k25_text", "first_k_dense_replace", LeadingLayers(fallback: 3)),
        Field("glm4_moe glm4v_moe_text", "first_k_dense_replace", LeadingLayers(fallback: 1)),
        Field("dots1 mistral4", "first_k_dense_replace", LeadingLayers(fallback: 0)),
        Field("deepseek", "first_k_dense_replace", LeadingLayers(fallback: 0, frequency: "moe_layer_freq")),
        Field("afmoe", "num_dense_layers", LeadingLayers(fallback: 1)),
        Field("lfm2_moe", "num_dense_layers", LeadingLayers(fallback: 2)),
    ]

    private static let others: [Field] = [
        Field(
            """
            qwen2_moe qwen3_moe qwen3_next qwen3_vl_moe_text qwen3_omni_moe_text qwen3_omni_moe_talker_text
            """,
            "mlp_only_layers",
            DenseList()
        ),
        Field("flint", "mlp_only_layers", DenseList(fallback: [0, 1])),
        Field("ernie4_5_moe", "moe_layer_start_index", SparseRange()),
        Field(
            "llama4_text",
            "moe_layers",
            LayerIndices(follows: .mlp, supersedes: ["interleave_moe_layer_step"]) {
                $0.ends(every: $0.int("interleave_moe_layer_step", 1))
            }
        ),
        Field(
            "jamba",
            "expert_layer_period",
            PeriodicLayers(
                follows: .mlp,
                offset: ("expert_layer_offset", 1),
                fallback: 2,
                kind: "a layer of experts"
            ) { layer, period, offset in
                period > 0 && layer % period == offset
            }
        ),
        Field(
            "nllb-moe",
            "decoder_sparse_step",
            PeriodicLayers(follows: .mlp, fallback: 4, kind: "a layer of experts") { layer, period, _ in
                period > 0 && (layer + 1) % period == 0
            }
        ),
        Field("nllb-moe", "encoder_sparse_step", Stays("it is the encoder's")),
        Field("switch_transformers", "num_sparse_decoder_layers", SparseCount()),
        Field("switch_transformers", "num_sparse_encoder_layers", Stays("it counts the encoder's")),
        Field("switch_transformers", "encoder_sparse_step", Stays("it is the encoder's")),
    ]
}
