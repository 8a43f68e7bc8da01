import SutureArchitectures
import SutureDiagnostics
import SutureJSON
import SutureTensors
import Testing

/// Two configs of a family, and what putting their layers together would run into.
struct Pair: Sendable, CustomTestStringConvertible {
    var families = ("llama", "llama")
    let mine: JSONObject
    let theirs: JSONObject
    var use: Compatibility.Use = .all
    var message: String?
    var severity: Diagnostic.Severity = .error
    var accept: String?

    var testDescription: String { "\(JSONPrinter.print(.object(mine))) and \(JSONPrinter.print(.object(theirs)))" }
}

@Suite("Two models in one output")
struct CompatibilityTests {
    static let pairs: [Pair] = shapes + meanings + equal

    static let shapes: [Pair] = [
        Pair(
            mine: ["hidden_size": 64],
            theirs: ["hidden_size": 96],
            message: "hidden_size is 64 in 'base' and 96 in 'other'"
        ),
        Pair(
            mine: ["hidden_size": 64, "num_attention_heads": 4, "num_key_value_heads": 2],
            theirs: ["hidden_size": 64, "num_attention_heads": 4],
            message: "num_key_value_heads is 2 in 'base' and 4 in 'other'"
        ),
        Pair(
            mine: ["hidden_size": 64, "num_attention_heads": 4],
            theirs: ["hidden_size": 64, "num_attention_heads": 4, "head_dim": 32],
            message: "head_dim is 16 in 'base' and 32 in 'other'"
        ),
        Pair(
            mine: ["intermediate_size": 128],
            theirs: ["intermediate_size": 160],
            message: "intermediate_size is 128 in 'base' and 160 in 'other'"
        ),
        Pair(
            families: ("mixtral", "mixtral"),
            mine: ["num_local_experts": 8],
            theirs: ["num_local_experts": 4],
            message: "num_experts is 8 in 'base' and 4 in 'other'"
        ),
        Pair(
            families: ("deepseek_v3", "deepseek_v3"),
            mine: ["kv_lora_rank": 512],
            theirs: ["kv_lora_rank": 256],
            message: "kv_lora_rank is 512 in 'base' and 256 in 'other'"
        ),
    ]

    static let meanings: [Pair] = [
        Pair(
            mine: [:],
            theirs: ["rope_theta": 1_000_000.0],
            message: "rope_theta is 10000.0 in 'base' and 1000000.0 in 'other'",
            accept: "rope_theta"
        ),
        Pair(
            mine: ["rope_scaling": ["rope_type": "linear", "factor": 4.0]],
            theirs: ["rope_scaling": .null],
            message: #"rope_scaling is {"factor":4.0,"rope_type":"linear"} in 'base' and missing in 'other'"#,
            accept: "rope_scaling"
        ),
        Pair(
            mine: ["rope_theta": 7.0, "rope_parameters": ["rope_type": "default", "rope_theta": 9.0]],
            theirs: ["rope_parameters": ["rope_type": "default", "rope_theta": 7.0]],
            message: "rope_theta is 9.0 in 'base' and 7.0 in 'other'",
            accept: "rope_theta"
        ),
        Pair(
            families: ("ministral3", "ministral3"),
            mine: ["rms_norm_eps": 1e-06],
            theirs: [:],
            message: "rms_norm_eps is 1e-06 in 'base' and 1e-05 in 'other'",
            severity: .warning,
            accept: "rms_norm_eps"
        ),
        Pair(
            families: ("deepseek_v3", "deepseek_v3"),
            mine: ["rope_interleave": false],
            theirs: [:],
            message: "rope_interleave is false in 'base' and true in 'other'",
            accept: "rope_interleave"
        ),
        Pair(
            families: ("granitemoehybrid", "granitemoehybrid"),
            mine: ["position_embedding_type": "rope"],
            theirs: [:],
            message: "position_embedding_type is rope in 'base' and missing in 'other'",
            accept: "position_embedding_type"
        ),
        Pair(
            mine: ["rms_norm_eps": 1e-05],
            theirs: [:],
            message: "rms_norm_eps is 1e-05 in 'base' and 1e-06 in 'other'",
            severity: .warning,
            accept: "rms_norm_eps"
        ),
        Pair(
            mine: ["hidden_act": "gelu"],
            theirs: [:],
            message: "hidden_act is gelu in 'base' and silu in 'other'",
            accept: "hidden_act"
        ),
        Pair(
            families: ("gemma2", "gemma2"),
            mine: [:],
            theirs: ["attn_logit_softcapping": .null],
            message: "attn_logit_softcapping is 50.0 in 'base' and missing in 'other'",
            accept: "attn_logit_softcapping"
        ),
        Pair(
            families: ("granite", "granite"),
            mine: ["residual_multiplier": 0.22],
            theirs: [:],
            message: "residual_multiplier is 0.22 in 'base' and 1.0 in 'other'",
            accept: "residual_multiplier"
        ),
        Pair(
            mine: ["eos_token_id": 2],
            theirs: ["eos_token_id": [2, 7]],
            message: "eos_token_id is 2 in 'base' and [2, 7] in 'other'",
            severity: .warning,
            accept: "eos_token_id"
        ),
        Pair(
            mine: ["tie_word_embeddings": true],
            theirs: [:],
            message: "tie_word_embeddings is true in 'base' and false in 'other'",
            severity: .warning,
            accept: "tie_word_embeddings"
        ),
        Pair(
            mine: ["quantization_config": ["quant_method": "gptq", "bits": 4]],
            theirs: [:],
            message: #"quantization_config is {"quant_method":"gptq","bits":4} in 'base' and none in 'other'"#,
            accept: "quantization_config"
        ),
        Pair(
            families: ("llama", "mistral"),
            mine: [:],
            theirs: ["sliding_window": .null],
            message: "model_type is llama in 'base' and mistral in 'other'",
            severity: .warning,
            accept: "model_type"
        ),
        Pair(
            families: ("llama", "gpt2"),
            mine: [:],
            theirs: [:],
            message: "model_type is llama in 'base' and gpt2 in 'other'",
            accept: "model_type"
        ),
    ]

    /// What only looks different.
    static let equal: [Pair] = [
        Pair(
            mine: ["rope_theta": 10000],
            theirs: ["rope_parameters": ["rope_theta": 10000.0, "rope_type": "default"]]
        ),
        Pair(
            mine: ["rope_scaling": ["type": "linear", "factor": 2]],
            theirs: ["rope_scaling": ["factor": 2.0, "rope_type": "linear"]]
        ),
        Pair(
            mine: [
                "rope_theta": 7.0, "rope_parameters": ["rope_type": "linear", "factor": 2.0, "rope_theta": 9.0],
                "rope_scaling": ["rope_type": "linear", "factor": 2.0],
            ],
            theirs: ["rope_parameters": ["rope_type": "linear", "factor": 2.0, "rope_theta": 7.0]]
        ),
        Pair(
            families: ("gemma3_text", "gemma3_text"),
            mine: ["rope_theta": 1_000_000.0, "rope_local_base_freq": 10000.0, "head_dim": 256],
            theirs: [
                "rope_parameters": [
                    "sliding_attention": ["rope_type": "default", "rope_theta": 10000.0],
                    "full_attention": ["rope_type": "default", "rope_theta": 1_000_000.0],
                ]
            ]
        ),
        Pair(
            families: ("phi", "phi"),
            mine: ["partial_rotary_factor": 0.5],
            theirs: ["rope_parameters": ["rope_type": "default", "partial_rotary_factor": 0.5]]
        ),
        Pair(families: ("llama", "llama"), mine: ["hidden_act": "swish"], theirs: [:]),
        Pair(families: ("gemma", "gemma"), mine: ["hidden_act": "gelu"], theirs: ["hidden_act": "gelu_pytorch_tanh"]),
        Pair(
            families: ("gemma2", "gemma2"),
            mine: ["hidden_act": "gelu", "hidden_activation": "gelu_pytorch_tanh"],
            theirs: ["hidden_activation": "gelu_pytorch_tanh"]
        ),
        Pair(families: ("mistral", "mistral"), mine: ["num_key_value_heads": 8], theirs: [:]),
        Pair(
            families: ("mistral", "mistral"),
            mine: [
                "sliding_window": 4096,
                "layer_types": ["full_attention", "full_attention", "full_attention", "full_attention"],
            ],
            theirs: ["sliding_window": .null]
        ),
        Pair(mine: ["rms_norm_eps": 1e-6], theirs: ["rms_norm_eps": 0.000001]),
        Pair(families: ("qwen2", "qwen2"), mine: ["sliding_window": 4096], theirs: ["sliding_window": .null]),
        Pair(mine: ["use_cache": true, "_name_or_path": "a"], theirs: ["use_cache": false]),
        // A setting of attention is no matter where only an MLP is taken.
        Pair(mine: ["rope_theta": 1.0], theirs: ["rope_theta": 2.0], use: .mlp),
        Pair(mine: ["eos_token_id": 1], theirs: ["eos_token_id": 2], use: [.attention, .mlp]),
    ]

    @Test("differ in so much", arguments: pairs)
    func compares(_ pair: Pair) throws {
        let base = try ToyModel(pair.families.0, layers: 4, pair.mine)
        let other = try ToyModel(pair.families.1, layers: 4, pair.theirs, name: "other")
        let findings = Compatibility.compare([base.source, other.source], base: 0, uses: [.all, pair.use])
        guard let message = pair.message else {
            #expect(findings == [])
            return
        }
        let finding = try #require(findings.first { $0.message == message }, "\(findings.map(\.message))")
        #expect(finding.severity == pair.severity)
        #expect(finding.accept == pair.accept)
    }

    @Test("with other tokens are told apart by what is taken")
    func vocabularies() throws {
        let base = try ToyModel("llama", layers: 2)
        let other = try ToyModel("llama", layers: 2, ["vocab_size": 128], name: "other")
        var tensors = try ToyModel.tensors(layers: 2)
        tensors[0] = try .init("model.embed_tokens.weight", .bfloat16, [128, 64])
        let anatomy = try Anatomy.read(config: other.config, tensors: tensors)
        let findings = Compatibility.compare([base.source, (other.config, anatomy, "other")], base: 0)
        #expect(
            findings.contains {
                $0.code == "vocabularies-differ" && $0.message.contains("96") && $0.message.contains("128")
            }
        )
    }
}
