import SutureArchitectures
import SutureDiagnostics
import SutureJSON
import Testing

/// What a config says to programs that do not read it as transformers does; each case was run in mlx-lm 0.32.2.
@Suite("A config for other programs")
struct LoaderSettingsTests {
    private func complete(
        _ family: String,
        _ settings: JSONObject,
        depth: Int = 4,
        _ layers: [Int]? = nil
    ) throws -> (config: JSONObject, findings: [Finding], settled: Set<String>) {
        let model = try ToyModel(family, layers: depth, settings)
        let stacked = stack(layers ?? Array(0..<depth))
        let moved = ConfigSurgery.rewrite(sources: [model.source], donor: 0, layers: stacked)
        return LoaderSettings.complete(moved.config, sources: [model.source], donor: 0, layers: stacked)
    }

    // MARK: - Rotation

    /// A family, what its config says, and the keys that must say it too.
    struct Said: Sendable, CustomTestStringConvertible {
        let family: String
        let config: JSONObject
        let also: JSONObject

        var testDescription: String { "\(family): \(JSONPrinter.print(.object(config)))" }
    }

    private static let plain: JSONValue = ["rope_type": "default", "rope_theta": 500_000.0]

    static let said: [Said] = [
        Said(family: "llama", config: ["rope_parameters": plain], also: ["rope_theta": 500_000.0]),
        Said(family: "mistral", config: ["rope_parameters": plain], also: ["rope_theta": 500_000.0]),
        Said(family: "mixtral", config: ["rope_parameters": plain], also: ["rope_theta": 500_000.0]),
        Said(
            family: "qwen2",
            config: ["rope_parameters": ["rope_type": "linear", "factor": 2.0, "rope_theta": 7.0]],
            also: ["rope_theta": 7.0, "rope_scaling": ["rope_type": "linear", "factor": 2.0, "type": "linear"]]
        ),
        Said(
            family: "llama",
            config: ["max_position_embeddings": 64, "rope_parameters": ["rope_type": "yarn", "factor": 2.0]],
            also: [
                "rope_scaling": [
                    "rope_type": "yarn", "factor": 2.0, "original_max_position_embeddings": 64, "type": "yarn",
                ]
            ]
        ),
        Said(
            family: "qwen3_next",
            config: ["rope_parameters": ["rope_type": "default", "rope_theta": 7.0, "partial_rotary_factor": 0.25]],
            also: ["rope_theta": 7.0, "partial_rotary_factor": 0.25]
        ),
        Said(
            family: "gemma3_text",
            config: [
                "rope_parameters": [
                    "full_attention": plain, "sliding_attention": ["rope_type": "default", "rope_theta": 7.0],
                ]
            ],
            also: ["rope_theta": 500_000.0, "rope_local_base_freq": 7.0]
        ),
        Said(
            family: "gpt_neox",
            config: ["rope_parameters": ["rope_type": "default", "rope_theta": 7.0, "partial_rotary_factor": 0.5]],
            also: ["rotary_emb_base": 7.0, "rotary_pct": 0.5]
        ),
        // Where nothing is said the class has 10000 and mlx-lm a million.
        Said(family: "qwen2", config: [:], also: ["rope_theta": 10000.0]),
        // Of two forms that differ the one in force is said in both.
        Said(
            family: "llama",
            config: ["rope_theta": 7.0, "rope_parameters": ["rope_type": "default", "rope_theta": 9.0]],
            also: ["rope_theta": 9.0]
        ),
        Said(
            family: "llama",
            config: [
                "rope_theta": 7.0, "rope_parameters": ["rope_type": "default", "rope_theta": 9.0],
                "rope_scaling": ["rope_type": "linear", "factor": 2.0],
            ],
            also: ["rope_parameters": ["rope_type": "linear", "factor": 2.0, "rope_theta": 7.0]]
        ),
        // mlx-lm reads these in the newer form alone.
        Said(
            family: "qwen3_5_text",
            config: ["rope_theta": 7.0, "partial_rotary_factor": 0.5],
            also: ["rope_parameters": ["rope_theta": 7.0, "partial_rotary_factor": 0.5, "rope_type": "default"]]
        ),
        Said(family: "exaone4", config: ["rope_theta": 7.0], also: ["rope_scaling": .null]),
        Said(family: "qwen3_moe", config: ["num_local_experts": 4, "rope_theta": 1.0], also: ["num_experts": 4]),
    ]

    @Test("says the rotation in the keys that are read", arguments: said)
    func rotation(_ case: Said) throws {
        let outcome = try complete(`case`.family, `case`.config)
        for member in `case`.also.members {
            #expect(outcome.config[member.key] == member.value, "\(JSONPrinter.print(.object(outcome.config)))")
        }
        #expect(outcome.findings.isEmpty)
        let again = try complete(`case`.family, outcome.config)
        #expect(again.config == outcome.config)
    }

    @Test(
        "stays as it is where nothing is missing",
        arguments: [
            ("llama", [:]), ("llama", ["rope_theta": 500_000.0]), ("qwen3", ["rope_parameters": plain]),
            ("bert", ["rope_theta": 7.0]), ("unheard_of", ["rope_parameters": plain]),
        ] as [(String, JSONObject)]
    )
    func untouched(family: String, settings: JSONObject) throws {
        let model = try ToyModel(family, layers: 4, settings)
        #expect(try complete(family, settings).config == model.config)
    }

    @Test("that contradicts itself is said")
    func contradiction() throws {
        let model = try ToyModel("llama", layers: 4, Self.said[9].config)
        let finding = try #require(LoaderSettings.contradictions(in: model.source).first)
        #expect(finding.code == "rope-said-twice")
        #expect(finding.severity == .warning)
        #expect(finding.message.contains("rope_theta 7.0 and rope_parameters 9.0"))
        #expect(LoaderSettings.contradictions(in: try ToyModel("llama", layers: 4, Self.said[0].config).source).isEmpty)
    }

    // MARK: - Kinds of layers

    @Test(
        "tells of layers that mlx-lm takes for others, or too few of",
        arguments: [
            ("gemma3_text", 12, [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11], "takes layer 10 for sliding_attention"),
            ("gemma3_text", 12, [0, 1, 3, 4], "fewer than 6 layers"),
            ("cohere2", 8, [0, 1, 2], "fewer than 4 layers"),
            ("gpt_oss", 4, [1, 3], "without a layer that is sliding_attention"),
            ("olmo3", 8, [0, 1, 2], "without a layer that is full_attention"),
            ("llama4_text", 8, [0, 1, 2, 4, 5, 6, 7], "goes by every fourth layer"),
            ("qwen3_next", 8, [0, 1, 2, 3, 3], "goes by full_attention_interval"),
        ]
    )
    func misread(family: String, depth: Int, layers: [Int], words: String) throws {
        let findings = try complete(family, [:], depth: depth, layers).findings
        let finding = try #require(findings.first { $0.code == "loader-differs" }, "\(findings)")
        #expect(finding.message.hasPrefix("mlx-lm 0.32.2 "))
        #expect(finding.message.contains(words), "\(finding.message)")
        #expect(finding.severity == .warning)
    }

    @Test(
        "has the period or the letters under which mlx-lm reads the layers, where there are any",
        arguments: [
            ("gemma3_text", 12, [0, 1, 2, 3, 5, 6, 7, 8, 9, 11], "sliding_window_pattern", 5),
            ("cohere2", 8, [0, 1, 3, 4, 5, 7], "sliding_window_pattern", 3),
            ("qwen3_next", 8, [0, 3, 4, 7], "full_attention_interval", 2),
            ("exaone4", 8, [0, 1, 2, 3, 7], "sliding_window_pattern", "LLLGG"),
            ("exaone4", 8, Array(0..<8), "sliding_window_pattern", "LLLG"),
        ] as [(String, Int, [Int], String, JSONValue)]
    )
    func solved(family: String, depth: Int, layers: [Int], key: String, value: JSONValue) throws {
        let settings: JSONObject = family == "exaone4" ? ["rope_theta": 7.0, "rope_scaling": .null] : [:]
        let outcome = try complete(family, settings, depth: depth, layers)
        #expect(outcome.config[key] == value, "\(JSONPrinter.print(.object(outcome.config)))")
        #expect(outcome.config["layer_types"]?.array?.count == layers.count)
        #expect(outcome.findings.isEmpty, "\(outcome.findings)")
        #expect(outcome.settled == ["layer_types"])
    }

    @Test("uses the words that mlx-lm knows, which transformers knows too")
    func words() throws {
        let outcome = try complete(
            "granitemoehybrid",
            ["rope_theta": 1.0, "layer_types": ["linear_attention", "full_attention", "mamba", "attention"]]
        )
        #expect(outcome.config["layer_types"] == ["mamba", "attention", "mamba", "attention"])
    }
}
