import SutureJSON
import SutureDiagnostics
import SutureTensors
import SutureTestSupport
import Testing

@testable import SutureArchitectures

/// A fault in a config and what must be said of it.
struct Fault: Sendable, CustomTestStringConvertible {
    let family: String
    let settings: JSONObject
    let code: String

    var testDescription: String { "\(family) \(JSONPrinter.print(.object(settings)))" }
}

@Suite("A config that is wrong")
struct MutationTests {
    static let faults: [Fault] = [
        Fault(
            family: "qwen2",
            settings: ["layer_types": ["full_attention", "full_attention"]],
            code: "config-list-length"
        ),
        Fault(family: "qwen2", settings: ["layer_types": "full_attention"], code: "config-wrong-type"),
        Fault(family: "qwen2", settings: ["layer_types": 7], code: "config-wrong-type"),
        Fault(family: "gemma3_text", settings: ["layer_types": []], code: "config-list-length"),
        Fault(family: "glm_moe_dsa", settings: ["mlp_layer_types": ["dense"]], code: "config-list-length"),
        Fault(family: "smollm3", settings: ["no_rope_layers": [1, 0]], code: "config-list-length"),
        Fault(family: "deepseek_v3", settings: ["first_k_dense_replace": "three"], code: "config-wrong-type"),
        Fault(family: "bamba", settings: ["attn_layer_indices": ["two"]], code: "config-wrong-type"),
        Fault(family: "bamba", settings: ["attn_layer_indices": [-4]], code: "config-layer-outside"),
        Fault(
            family: "bamba",
            settings: ["attn_layer_indices": [9_223_372_036_854_775_807]],
            code: "config-layer-outside"
        ),
        Fault(family: "qwen3_moe", settings: ["mlp_only_layers": 3], code: "config-wrong-type"),
        Fault(family: "gemma4_text", settings: ["per_layer_config": ["12": [:]]], code: "config-layer-outside"),
        Fault(family: "gemma4_text", settings: ["per_layer_config": ["x": [:]]], code: "config-layer-outside"),
        Fault(family: "gemma4_text", settings: ["per_layer_config": []], code: "config-wrong-type"),
        Fault(family: "gpt_neo", settings: ["attention_types": [["global", 2]]], code: "config-wrong-type"),
        Fault(family: "gpt_neo", settings: ["attention_types": [[["global"], 2]]], code: "config-list-length"),
        Fault(family: "deci", settings: ["block_configs": [[:]]], code: "config-list-length"),
        Fault(family: "recurrent_gemma", settings: ["block_types": "recurrent"], code: "config-wrong-type"),
        Fault(family: "mistral_large4_text", settings: ["kv_source_layers": [0, 1]], code: "config-list-length"),
        Fault(family: "nemotron_h", settings: ["layers_block_type": ["moe"]], code: "config-list-length"),
        Fault(family: "openelm", settings: ["num_query_heads": [1, 2, 3]], code: "config-list-length"),
    ]

    @Test("is said to be, and where", arguments: faults)
    func says(_ fault: Fault) throws {
        let model = try ToyModel(fault.family, layers: 6, fault.settings)
        let outcome = ConfigSurgery.rewrite(sources: [model.source], donor: 0, layers: stack([0, 1, 1, 2, 3, 4, 5]))
        let finding = try #require(outcome.findings.first { $0.code == fault.code }, "\(outcome.findings.map(\.code))")
        #expect(finding.severity == .error)
        #expect(finding.field.last == fault.settings.keys[0])
        #expect(finding.message.contains("'base'"))
    }

    @Test(
        "in its count is said to be",
        arguments: [
            (5, "layer-count-mismatch"), (7, "layer-count-mismatch"), (1_000_000_000, "no-layer-count"),
            (0, "no-layer-count"),
            (-6, "no-layer-count"),
        ]
    )
    func counts(_ count: Int, _ code: String) throws {
        let anatomy = try Anatomy.read(config: ["num_hidden_layers": .int(count)], tensors: ToyModel.tensors(layers: 6))
        #expect(anatomy.findings.map(\.code) == [code])
    }

    @Test("or has no layers at all is refused")
    func noLayers() throws {
        #expect(throws: AnatomyError.noLayers(tensorCount: 0, modelType: "")) {
            try Anatomy.read(config: [:], tensors: [])
        }
        let loose = try [
            TensorSpec("0.0.0", .bfloat16, [1]), TensorSpec("..", .bfloat16, [1]), TensorSpec("a.1.", .bfloat16, []),
        ]
        #expect(throws: AnatomyError.self) { try Anatomy.read(config: [:], tensors: loose) }
    }

    @Test("asks for layers that are not there, or for none")
    func strayLayers() throws {
        let model = try ToyModel("llama", layers: 4)
        for (layers, code) in [
            (stack([0, 4]), "layer-out-of-range"), (stack([0], of: 1), "layer-out-of-range"), ([], "no-layers"),
        ] {
            #expect(
                ConfigSurgery.rewrite(sources: [model.source], donor: 0, layers: layers).findings.map(\.code) == [code]
            )
        }
        #expect(
            ConfigSurgery.rewrite(sources: [model.source], donor: 3, layers: stack([0])).findings.map(\.code) == [
                "no-config-donor"
            ]
        )
    }

    /// Every field of every family, set to nonsense of every kind: something may be said, nothing may trap.
    @Test("never traps", .tags(.slow), .unlessQuick, arguments: Array(Set(FieldTable.all.flatMap(\.families))).sorted())
    func nonsensical(_ family: String) throws {
        var random = SplitMix(state: UInt64(family.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) }))
        let keys =
            Set(FieldTable.fields(for: [family]).map(\.key).filter { !$0.isEmpty && !$0.contains(".") }).sorted()
            + Self.readKeys
        for _ in 0..<30 {
            var settings: JSONObject = [:]
            for key in keys where random.next() % 3 == 0 {
                settings[key] = Self.nonsense[Int(random.next() % UInt64(Self.nonsense.count))]
            }
            guard let model = try? ToyModel(family, layers: 7, settings), let other = try? ToyModel(family, layers: 5)
            else { continue }
            let depth = model.anatomy.layerCount
            let layers = (0..<(1 + Int(random.next() % 9))).map { _ -> ConfigSurgery.Layer in
                let origins = (0..<2).map { _ in
                    let isOwn = random.next() % 3 > 0
                    return LayerOrigin(source: isOwn ? 0 : 1, layer: Int(random.next() % UInt64(isOwn ? depth : 5)))
                }
                return (origins[0], random.next() % 2 == 0 ? origins[0] : origins[1])
            }
            let outcome = ConfigSurgery.rewrite(
                sources: [model.source, other.source],
                donor: Int(random.next() % 2),
                layers: layers
            )
            #expect(!outcome.config.isEmpty)
            for finding in outcome.findings { #expect(!finding.message.isEmpty && !finding.message.hasSuffix(".")) }
            _ = Compatibility.compare([model.source, other.source], base: 0)
        }
    }

    /// Keys that defaults of the table read, or that count.
    private static let readKeys = [
        "sliding_window", "use_sliding_window", "max_window_layers", "sliding_window_pattern", "no_rope_layer_interval",
        "full_attention_interval", "moe_layer_freq", "first_k_dense_replace", "index_topk_freq", "index_topk_pattern",
        "hybrid_override_pattern", "num_nextn_predict_layers", "linear_attn_config", "quantization_config",
        "rope_parameters",
        "rope_scaling", "num_experts", "text_config", "hidden_size", "num_attention_heads", "full_attn_idxs",
    ]

    private static let nonsense: [JSONValue] = [
        .null, true, 0, -1, 3, .int(.max), .int(.min), 1e300, 0.5, .number("NaN"), .number("-Infinity"), "", "ME*-xyz",
        "full_attention",
        [], [0], [-1, .int(.max)], ["a"], [[]], [.null, .null, .null, .null, .null, .null, .null],
        [0, 1, 2, 3, 4, 5, 6],
        ["full_attention", "x", "y", "z", "full_attention", "a", 3], [:], ["0": 1], ["5": ["a": 1]], ["99": [:]],
        ["ignore": ["model.layers.1.x", "model.layers.99999999999.x", "re:["]], ["rope_theta": "x"],
        ["full_attn_layers": [0, 99]],
        ["quant_method": 3, "weight_block_size": ["x", -1, 0], "bits": [:]],
        ["quant_method": "fp8", "config_groups": ["a": 1, "b": ["weights": .null, "targets": 3]]],
        [[["global", "local"], 1_000_000_000]], ["num_hidden_layers": 7],
    ]
}

/// A small generator that gives the same numbers on every run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
