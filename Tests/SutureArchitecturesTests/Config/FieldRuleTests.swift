import SutureArchitectures
import SutureDiagnostics
import SutureJSON
import Testing

/// One move of layers, and what the config must then say, or why it cannot.
struct Move: Sendable, CustomTestStringConvertible {
    let family: String
    let depth: Int
    let settings: JSONObject
    let layers: [Int]
    var becomes: JSONObject = [:]
    var gone: [String] = []
    var finding: (severity: Diagnostic.Severity, code: String, layer: Int?)?

    var testDescription: String { "\(family) \(JSONPrinter.print(.object(settings))) as \(layers)" }
}

@Suite("A field that follows the layers")
struct FieldRuleTests {
    static let moves: [Move] =
        leading + ranges + indices + periods + tails + depths + otherLists

    static let leading: [Move] = [
        Move(
            family: "deepseek_v3",
            depth: 6,
            settings: ["first_k_dense_replace": 2],
            layers: [0, 1, 0, 1, 2, 3, 4, 5],
            becomes: ["first_k_dense_replace": 4]
        ),
        Move(
            family: "deepseek_v3",
            depth: 6,
            settings: ["first_k_dense_replace": 2],
            layers: [2, 3, 4, 5],
            becomes: ["first_k_dense_replace": 0]
        ),
        Move(
            family: "deepseek_v3",
            depth: 6,
            settings: ["first_k_dense_replace": 2],
            layers: [0, 1, 2, 1, 3],
            finding: (.error, "layout-inexpressible", 3)
        ),
        Move(
            family: "glm4_moe",
            depth: 4,
            settings: [:],
            layers: [0, 0, 1, 2, 3],
            becomes: ["first_k_dense_replace": 2]
        ),
        Move(family: "lfm2_moe", depth: 5, settings: [:], layers: [0, 2, 3, 4], becomes: ["num_dense_layers": 1]),
        Move(
            family: "deepseek",
            depth: 6,
            settings: ["first_k_dense_replace": 1, "moe_layer_freq": 2],
            layers: [0, 1, 2, 3, 2, 3, 4, 5],
            becomes: ["first_k_dense_replace": 2]
        ),
    ]

    static let ranges: [Move] = [
        Move(
            family: "ernie4_5_moe",
            depth: 6,
            settings: ["moe_layer_start_index": 1, "moe_layer_end_index": 5, "moe_layer_interval": 1],
            layers: [0, 0, 1, 2, 3, 4, 5],
            becomes: ["moe_layer_start_index": 2, "moe_layer_end_index": 6, "moe_layer_interval": 1]
        ),
        Move(
            family: "ernie4_5_moe",
            depth: 6,
            settings: ["moe_layer_start_index": 1, "moe_layer_end_index": -1],
            layers: [0, 1, 2, 3],
            becomes: ["moe_layer_start_index": 1, "moe_layer_end_index": 3]
        ),
        Move(
            family: "ernie4_5_moe",
            depth: 6,
            settings: ["moe_layer_start_index": 1, "moe_layer_end_index": 5],
            layers: [0, 1, 0, 2, 3],
            finding: (.error, "layout-inexpressible", 2)
        ),
        Move(
            family: "qwen3_moe",
            depth: 6,
            settings: ["mlp_only_layers": [0], "decoder_sparse_step": 2, "num_experts": 8],
            layers: [0, 1, 1, 2, 3, 4, 5],
            becomes: ["mlp_only_layers": [0, 3, 5], "decoder_sparse_step": 1]
        ),
    ]

    static let indices: [Move] = [
        Move(
            family: "bamba",
            depth: 6,
            settings: ["attn_layer_indices": [2, 5]],
            layers: [0, 2, 2, 3, 5],
            becomes: ["attn_layer_indices": [1, 2, 4]]
        ),
        Move(
            family: "mllama_text_model",
            depth: 10,
            settings: [:],
            layers: [0, 1, 2, 4, 5, 6, 7, 9],
            becomes: ["cross_attention_layers": []]
        ),
        Move(
            family: "llama4_text",
            depth: 8,
            settings: ["interleave_moe_layer_step": 2],
            layers: [0, 1, 1, 2, 3, 4, 5, 6, 7],
            becomes: ["moe_layers": [1, 2, 4, 6, 8]],
            gone: ["interleave_moe_layer_step"]
        ),
        Move(
            family: "qwen4_exp_text",
            depth: 8,
            settings: ["ple_layer_ids": [3, 6]],
            layers: [0, 2, 3, 4, 5, 6, 7],
            becomes: ["ple_layer_ids": [2, 5]]
        ),
        Move(
            family: "qwen4_exp_text",
            depth: 8,
            settings: ["ple_layer_ids": [3, 6]],
            layers: [0, 1, 3, 4, 5, 6, 7],
            finding: (.error, "rank-changed", 4)
        ),
        Move(
            family: "bamba",
            depth: 4,
            settings: ["attn_layer_indices": [2, 9]],
            layers: [0, 1, 2],
            finding: (.error, "config-layer-outside", nil)
        ),
    ]

    static let periods: [Move] = [
        Move(
            family: "jamba",
            depth: 8,
            settings: ["attn_layer_period": 4, "attn_layer_offset": 1],
            layers: [0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7],
            becomes: ["attn_layer_period": 4, "attn_layer_offset": 1]
        ),
        Move(
            family: "jamba",
            depth: 8,
            settings: ["attn_layer_period": 4, "attn_layer_offset": 1],
            layers: [1, 2, 3, 4, 5, 6, 7],
            becomes: ["attn_layer_period": 4, "attn_layer_offset": 0]
        ),
        Move(
            family: "jamba",
            depth: 8,
            settings: ["attn_layer_period": 4, "attn_layer_offset": 1],
            layers: [0, 1, 1, 2, 3, 4, 5, 6, 7],
            finding: (.error, "layout-inexpressible", 2)
        ),
        Move(
            family: "switch_transformers",
            depth: 8,
            settings: ["num_sparse_decoder_layers": 4],
            layers: [0, 1, 2, 3, 4, 5],
            becomes: ["num_sparse_decoder_layers": 3]
        ),
    ]

    static let tails: [Move] = [
        Move(
            family: "gemma3n_text",
            depth: 10,
            settings: ["num_kv_shared_layers": 4, "layer_types": kinds("sssfsssfsf")],
            layers: [0, 1, 2, 3, 4, 5, 6, 7, 8],
            becomes: ["num_kv_shared_layers": 3]
        ),
        Move(
            family: "gemma3n_text",
            depth: 10,
            settings: ["num_kv_shared_layers": 4, "layer_types": kinds("sssfsssfsf")],
            layers: [0, 1, 2, 3, 4, 5, 6, 7, 4, 5, 6, 7, 8, 9],
            finding: (.error, "layout-inexpressible", 6)
        ),
        Move(
            family: "gemma3n_text",
            depth: 10,
            settings: ["num_kv_shared_layers": 4, "layer_types": kinds("sssfsssfsf")],
            layers: [0, 1, 2, 3, 4, 6, 7, 8],
            finding: (.error, "producer-changed", 5)
        ),
        Move(
            family: "mistral_large4_text",
            depth: 4,
            settings: ["kv_source_layers": [0, 0, 2, 2]],
            layers: [0, 1, 0, 1, 2, 3],
            becomes: ["kv_source_layers": [0, 0, 2, 2, 4, 4]]
        ),
        Move(
            family: "mistral_large4_text",
            depth: 4,
            settings: ["kv_source_layers": [0, 0, 2, 2]],
            layers: [0, 1, 3],
            finding: (.error, "producer-missing", 2)
        ),
        Move(
            family: "glm_moe_dsa",
            depth: 6,
            settings: ["index_topk_freq": 2, "index_skip_topk_offset": 1],
            layers: [1, 2, 3],
            finding: (.error, "first-layer-kind", 0)
        ),
    ]

    static let depths: [Move] = [
        Move(
            family: "minicpm3",
            depth: 4,
            settings: ["scale_depth": 1.5],
            layers: Array(0..<4) + Array(0..<4) + Array(0..<4) + Array(0..<4),
            becomes: ["scale_depth": 3.0]
        ),
        Move(
            family: "gpt2",
            depth: 4,
            settings: ["scale_attn_by_inverse_layer_idx": true],
            layers: [0, 1, 1, 2],
            finding: (.error, "layer-number-matters", 2)
        ),
        Move(
            family: "minimax",
            depth: 4,
            settings: [:],
            layers: [0, 2, 3],
            finding: (.warning, "layer-number-matters", 1)
        ),
        Move(
            family: "modernbert",
            depth: 4,
            settings: [:],
            layers: [1, 2, 3],
            finding: (.error, "first-layer-differs", 0)
        ),
        Move(
            family: "zamba2",
            depth: 6,
            settings: [
                "layers_block_type": ["mamba", "hybrid", "mamba", "hybrid", "mamba", "mamba"], "num_mem_blocks": 2,
            ],
            layers: [0, 3, 4],
            finding: (.error, "rank-changed", 1)
        ),
    ]

    static let otherLists: [Move] = [
        Move(
            family: "gpt_neo",
            depth: 4,
            settings: [
                "attention_types": [[["global", "local"], 2]],
                "attention_layers": ["global", "local", "global", "local"],
            ],
            layers: [0, 1, 1, 2],
            becomes: [
                "attention_types": [[["global", "local", "local", "global"], 1]],
                "attention_layers": ["global", "local", "local", "global"],
            ]
        ),
        Move(
            family: "recurrent_gemma",
            depth: 6,
            settings: ["block_types": ["recurrent", "recurrent", "attention"]],
            layers: [0, 1, 2, 2, 3],
            becomes: ["block_types": ["recurrent", "recurrent", "attention", "attention", "recurrent"]]
        ),
        Move(
            family: "deci",
            depth: 3,
            settings: ["block_configs": [["ffn": 1], ["ffn": 2], ["ffn": 3]]],
            layers: [0, 2, 2],
            becomes: ["block_configs": [["ffn": 1], ["ffn": 3], ["ffn": 3]]]
        ),
        Move(
            family: "gemma4_text",
            depth: 12,
            settings: ["per_layer_config": ["05": ["head_dim": 512], "11": ["head_dim": 256]]],
            layers: [0, 1, 2, 3, 4, 5, 11],
            becomes: ["per_layer_config": ["05": ["head_dim": 512], "06": ["head_dim": 256]]]
        ),
        Move(
            family: "openelm",
            depth: 4,
            settings: ["num_query_heads": [12, 16, 20, 24], "num_transformer_layers": 4],
            layers: [0, 1, 3],
            becomes: ["num_query_heads": [12, 16, 24], "num_transformer_layers": 3]
        ),
        Move(
            family: "step3p5",
            depth: 4,
            settings: ["swiglu_limits": [1, 2, 3, 4, 9], "num_nextn_predict_layers": 1],
            layers: [0, 3],
            becomes: ["swiglu_limits": [1, 4], "num_nextn_predict_layers": 0]
        ),
        Move(
            family: "zamba2",
            depth: 4,
            settings: ["layers_block_type": ["m", "hybrid", "m", "hybrid"]],
            layers: [0, 1, 2],
            finding: (.error, "rank-changed", nil)
        ),
        Move(
            family: "idefics",
            depth: 4,
            settings: [:],
            layers: [0, 1, 2],
            finding: (.error, "layer-number-matters", 2)
        ),
        Move(
            family: "hunyuan",
            depth: 6,
            settings: ["use_cla": true, "cla_share_factor": 2],
            layers: [0, 1, 2, 5],
            finding: (.error, "layer-number-matters", 3)
        ),
        Move(
            family: "minimax",
            depth: 4,
            settings: ["attn_type_list": [0, 0, 0, 1]],
            layers: [0, 1, 2, 3, 0, 1, 2, 3],
            becomes: ["attn_type_list": [0, 0, 0, 1, 0, 0, 0, 1]],
            gone: ["layer_types"]
        ),
        // A family that has no use for a list which its file carries all the same.
        Move(
            family: "llama",
            depth: 3,
            settings: ["layer_types": ["full_attention", "full_attention", "full_attention"]],
            layers: [0, 1, 1, 2],
            becomes: ["layer_types": ["full_attention", "full_attention", "full_attention", "full_attention"]]
        ),
        Move(
            family: "llama",
            depth: 6,
            settings: ["layer_types": ["full_attention"]],
            layers: [0, 1, 1, 2],
            finding: (.error, "config-list-length", nil)
        ),
        Move(
            family: "zamba2",
            depth: 8,
            settings: [
                "hybrid_layer_ids": [2, 5], "layers_block_type": ["m", "m", "hybrid", "m", "m", "hybrid", "m", "m"],
            ],
            layers: [0, 2, 3, 4, 5],
            becomes: ["hybrid_layer_ids": [1, 4], "layers_block_type": ["m", "hybrid", "m", "m", "hybrid"]]
        ),
        Move(
            family: "qwen2",
            depth: 8,
            settings: ["eagle_aux_hidden_state_layer_ids": [1, 4, 6]],
            layers: [0, 1, 2, 3],
            finding: (.warning, "unknown-layer-list", nil)
        ),
        // A family that nobody knows.
        Move(
            family: "unheard-of",
            depth: 6,
            settings: ["global_attn_indexes": [2, 5, 8]],
            layers: [0, 1, 1, 2],
            finding: (.error, "unknown-layer-list", nil)
        ),
        Move(
            family: "unheard-of",
            depth: 5,
            settings: ["gate_kinds": ["a", "b", "a", "b", "c"], "pruned_heads": ["1": [0], "4": [2]]],
            layers: [1, 4, 4],
            becomes: ["gate_kinds": ["b", "c", "c"], "pruned_heads": ["0": [0], "1": [2], "2": [2]]]
        ),
        Move(
            family: "unheard-of",
            depth: 6,
            settings: ["special_layers_idx": [1, 3]],
            layers: [0, 1, 2],
            finding: (.error, "unknown-layer-list", nil)
        ),
        Move(
            family: "unheard-of",
            depth: 6,
            settings: ["global_attn_every": 3],
            layers: [0, 1, 2, 2, 3],
            finding: (.warning, "unknown-period", 3)
        ),
    ]

    private static func kinds(_ letters: String) -> JSONValue {
        .array(letters.map { $0 == "f" ? "full_attention" : "sliding_attention" })
    }

    @Test("says the same of each layer in its new place, or says why it cannot", arguments: moves)
    func follows(_ move: Move) throws {
        let model = try ToyModel(move.family, layers: move.depth, move.settings)
        let outcome = ConfigSurgery.rewrite(sources: [model.source], donor: 0, layers: stack(move.layers))

        if let wanted = move.finding {
            let found = outcome.findings.map { "\($0.severity) \($0.code) \($0.layer.map(String.init) ?? "-")" }
            #expect(
                found.contains("\(wanted.severity) \(wanted.code) \(wanted.layer.map(String.init) ?? "-")"),
                "\(found)"
            )
        } else {
            #expect(outcome.findings.filter { $0.severity == .error } == [])
        }
        for member in move.becomes.members { #expect(outcome.config[member.key] == member.value, "\(member.key)") }
        for key in move.gone { #expect(outcome.config[key] == nil) }
    }

    @Test("takes no step of a convolution for a period", arguments: ["adaptor_stride", "subsampling_conv_stride"])
    func stride(_ key: String) throws {
        let model = try ToyModel("unheard-of", layers: 6, [key: 2])
        let outcome = ConfigSurgery.rewrite(sources: [model.source], donor: 0, layers: stack([0, 1, 2, 2, 3]))
        #expect(outcome.findings == [])
    }

    /// The law of the identity: all layers in place leave the file as it is.
    @Test("leaves a config alone whose layers stay", arguments: moves)
    func identity(_ move: Move) throws {
        let model = try ToyModel(move.family, layers: move.depth, move.settings)
        let outcome = ConfigSurgery.rewrite(sources: [model.source], donor: 0, layers: stack(Array(0..<move.depth)))
        #expect(JSONPrinter.print(.object(outcome.config)) == JSONPrinter.print(.object(model.config)))
        #expect(outcome.findings == [])
    }
}
