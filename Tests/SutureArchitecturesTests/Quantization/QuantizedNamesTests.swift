import SutureArchitectures
import SutureDiagnostics
import SutureJSON
import Testing

@Suite("Names of layers in quantization_config")
struct QuantizedNamesTests {
    private func rewrite(_ quantization: JSONObject, layers: [ConfigSurgery.Layer]) throws -> ConfigSurgery.Outcome {
        let base = try ToyModel("llama", layers: 4, ["quantization_config": .object(quantization)])
        let other = try ToyModel(
            "llama",
            layers: 4,
            ["quantization_config": ["ignore": ["model.layers.3.mlp.down_proj", "lm_head"]]],
            name: "other"
        )
        return ConfigSurgery.rewrite(sources: [base.source, other.source], donor: 0, layers: layers)
    }

    @Test("follow their layers, and names of no layer stay")
    func lists() throws {
        let outcome = try rewrite(
            [
                "quant_method": "x",
                "ignore": ["lm_head", "model.layers.1.mlp.up_proj", "layers.3.self_attn", "vision.layers.1.mlp"],
            ],
            layers: stack([0, 1, 1, 3])
        )
        #expect(
            outcome.config["quantization_config"]?.object?["ignore"] == [
                "lm_head", "model.layers.1.mlp.up_proj", "model.layers.2.mlp.up_proj", "layers.3.self_attn",
                "vision.layers.1.mlp",
            ]
        )
    }

    @Test("come from the model whose layer it is")
    func twoModels() throws {
        let outcome = try rewrite(
            ["ignore": ["model.layers.0.mlp.up_proj", "lm_head"]],
            layers: stack([0, 1]) + stack([3, 3], of: 1)
        )
        #expect(
            outcome.config["quantization_config"]?.object?["ignore"] == [
                "model.layers.0.mlp.up_proj", "model.layers.2.mlp.down_proj", "model.layers.3.mlp.down_proj", "lm_head",
            ]
        )
    }

    @Test("follow the half of the layer they are of")
    func halves() throws {
        let halves: [ConfigSurgery.Layer] = [
            (LayerOrigin(source: 0, layer: 1), LayerOrigin(source: 0, layer: 2))
        ]
        let outcome = try rewrite(
            [
                "ignore": [
                    "model.layers.1.self_attn.q_proj", "model.layers.1.mlp.up_proj", "model.layers.2.mlp.down_proj",
                ]
            ],
            layers: halves
        )
        #expect(
            outcome.config["quantization_config"]?.object?["ignore"] == [
                "model.layers.0.self_attn.q_proj", "model.layers.0.mlp.down_proj",
            ]
        )
    }

    @Test("are keys of maps as well, with their signs")
    func maps() throws {
        let outcome = try rewrite(
            ["dynamic": ["-:model.layers.2.mlp": [:], "+:model.layers.0.mlp": ["bits": 8]]],
            layers: stack([0, 2, 2])
        )
        #expect(
            outcome.config["quantization_config"]?.object?["dynamic"] == [
                "+:model.layers.0.mlp": ["bits": 8], "-:model.layers.1.mlp": [:], "-:model.layers.2.mlp": [:],
            ]
        )
    }

    @Test("are refused as patterns with numbers")
    func patterns() throws {
        let moved = try rewrite(["ignore": [#"re:.*layers\.[0-3]\..*"#]], layers: stack([0, 2, 2]))
        #expect(moved.findings.contains { $0.code == "quantization-pattern" && $0.severity == .error })
        let plain = try rewrite(["ignore": ["re:.*mlp.gate$"]], layers: stack([0, 2, 2]))
        #expect(plain.findings == [])
    }

    @Test("follow their layers in a file of their own")
    func sidecar() throws {
        let model = try ToyModel("llama", layers: 3)
        let file: JSONObject = [
            "quantization": ["quantized_layers": ["model.layers.2.mlp.up_proj": ["quant_algo": "FP8"]]]
        ]
        let outcome = ConfigSurgery.rewriteNames([file], sources: [model.source], donor: 0, layers: stack([0, 2, 2]))
        #expect(
            outcome.config == [
                "quantization": [
                    "quantized_layers": [
                        "model.layers.1.mlp.up_proj": ["quant_algo": "FP8"],
                        "model.layers.2.mlp.up_proj": ["quant_algo": "FP8"],
                    ]
                ]
            ]
        )
    }

    @Test("and numbers of layers in generation_config follow as well")
    func generation() throws {
        let model = try ToyModel("whisper", layers: 4)
        let outcome = ConfigSurgery.rewriteGeneration(
            [
                "alignment_heads": [[1, 0], [3, 5]], "dola_layers": [0, 2], "assistant_early_exit": 3,
                "max_length": 448,
            ],
            sources: [model.source],
            donor: 0,
            layers: stack([0, 1, 1, 2])
        )
        #expect(
            outcome.config == [
                "alignment_heads": [[1, 0], [2, 0]], "dola_layers": [0, 3], "assistant_early_exit": 4,
                "max_length": 448,
            ]
        )
        #expect(outcome.findings.map(\.code) == ["alignment-heads-moved"])
    }
}
