import SutureArchitectures
import SutureDiagnostics
import SutureJSON
import SutureTensors
import Testing

@Suite("A model of several parts")
struct TowerTests {
    /// A vision model whose towers are as deep as its language model.
    private func gemma() throws -> ToyModel {
        let config: JSONObject = [
            "model_type": "gemma3",
            "text_config": [
                "model_type": "gemma3_text", "num_hidden_layers": 6, "vocab_size": 96, "sliding_window_pattern": 3,
            ],
            "vision_config": ["num_hidden_layers": 6, "hidden_size": 32],
        ]
        var tensors = try ToyModel.tensors(layers: 6, prefix: "language_model.model.layers")
        tensors = try tensors.map { tensor in
            try TensorSpec(
                tensor.name.hasPrefix("model.") ? "language_model." + tensor.name : tensor.name,
                tensor.dtype,
                tensor.shape
            )
        }
        tensors += try ToyModel.tensors(layers: 6, prefix: "vision_tower.encoder.layers").filter {
            $0.name.contains("vision")
        }
        tensors.append(try TensorSpec("multi_modal_projector.mm_input_projection_weight", .bfloat16, [32, 64]))
        return ToyModel(name: "gemma", config: config, anatomy: try Anatomy.read(config: config, tensors: tensors))
    }

    @Test("is worked on in its language model, the rest is carried")
    func parts() throws {
        let anatomy = try gemma().anatomy
        #expect(anatomy.stacks.map(\.prefix) == ["language_model.model.layers"])
        #expect(anatomy.mainStack.countPaths == [["text_config", "num_hidden_layers"]])
        #expect(anatomy.scopePath == ["text_config"])
        #expect(anatomy.parts.count { $0 == .tower("vision_tower") } == 24)
        #expect(anatomy.parts.contains(.tower("multi_modal_projector")))
        #expect(anatomy.parts.contains(.end(.embed)) && anatomy.parts.contains(.end(.norm)))
    }

    @Test("has the config of its language model rewritten where it lies")
    func nestedConfig() throws {
        let model = try gemma()
        let outcome = ConfigSurgery.rewrite(sources: [model.source], donor: 0, layers: stack([0, 1, 1, 2]))
        #expect(outcome.config[["text_config", "num_hidden_layers"]] == 4)
        let sliding: JSONValue = "sliding_attention"
        #expect(
            outcome.config[["text_config", "layer_types"]] == .array([sliding, sliding, sliding, "full_attention"])
        )
        #expect(outcome.config[["text_config", "sliding_window_pattern"]] == nil)
        #expect(outcome.config["vision_config"] == model.config["vision_config"])
        #expect(outcome.config["layer_types"] == nil)
    }

    @Test("takes layers of a model that has only text")
    func textDonor() throws {
        let model = try gemma()
        let text = try ToyModel("gemma3_text", layers: 6, ["sliding_window_pattern": 2], name: "text")
        let outcome = ConfigSurgery.rewrite(
            sources: [model.source, text.source],
            donor: 0,
            layers: stack([0, 1, 2]) + stack([1, 2], of: 1)
        )
        let kinds = outcome.config[["text_config", "layer_types"]]?.array?.map { $0 == "full_attention" }
        #expect(kinds == [false, false, true, true, false])
        #expect(
            Compatibility.compare([model.source, text.source], base: 0).allSatisfy { $0.code != "families-differ" }
        )
    }

    @Test("says which of encoder and decoder it means by layers")
    func twoStacks() throws {
        var tensors: [TensorSpec] = []
        for half in ["encoder", "decoder"] {
            for layer in 0..<4 {
                for suffix in [
                    "layer.0.SelfAttention.q.weight", "layer.0.layer_norm.weight", "layer.1.DenseReluDense.wi.weight",
                ] {
                    tensors.append(try TensorSpec("\(half).block.\(layer).\(suffix)", .bfloat16, [8, 8]))
                }
            }
            tensors.append(
                try TensorSpec(
                    "\(half).block.0.layer.0.SelfAttention.relative_attention_bias.weight",
                    .bfloat16,
                    [8, 8]
                )
            )
        }
        let config: JSONObject = ["model_type": "t5", "num_layers": 4, "num_decoder_layers": .null]
        let anatomy = try Anatomy.read(config: config, tensors: tensors)
        #expect(anatomy.mainStack.prefix == "decoder.block")
        #expect(anatomy.findings.contains { $0.code == "several-stacks" })

        let outcome = ConfigSurgery.rewrite(sources: [(config, anatomy, "t5")], donor: 0, layers: stack([1, 2, 3]))
        #expect(outcome.config["num_layers"] == 4)
        #expect(outcome.config["num_decoder_layers"] == 3)
        let bias = "SelfAttention.relative_attention_bias.weight"
        #expect(
            outcome.consequences == [.onlyInFirstLayer(suffix: bias, from: LayerOrigin(source: 0, layer: 0))]
        )
    }

    @Test("keeps draft layers apart from the stack, and drops them where it changes")
    func drafts() throws {
        var tensors = try ToyModel.tensors(layers: 4)
        tensors.append(try TensorSpec("model.layers.3.eh_proj.weight", .bfloat16, [64, 128]))
        tensors.append(try TensorSpec("mtp.norm.weight", .bfloat16, [64]))
        let config: JSONObject = ["model_type": "glm4_moe", "num_hidden_layers": 3, "num_nextn_predict_layers": 1]
        let anatomy = try Anatomy.read(config: config, tensors: tensors)
        #expect(anatomy.mainStack.extraLayers == 3..<4)
        #expect(anatomy.parts.count { if case .extraLayer = $0 { true } else { false } } == 5)
        #expect(anatomy.parts.contains(.draft("mtp")))

        let outcome = ConfigSurgery.rewrite(sources: [(config, anatomy, "m")], donor: 0, layers: stack([0, 1, 1, 2]))
        #expect(outcome.config["num_nextn_predict_layers"] == 0)
        #expect(outcome.config["num_hidden_layers"] == 4)
        #expect(outcome.consequences == [.dropDrafts])
        #expect(outcome.findings.map(\.code) == ["drafts-dropped"])
    }

    @Test("tells its tensors that hold a block for each layer")
    func blocks() throws {
        let model = try ToyModel(
            "gemma3n_text",
            layers: 6,
            ["hidden_size_per_layer_input": 32, "num_kv_shared_layers": 0]
        )
        let outcome = ConfigSurgery.rewrite(sources: [model.source], donor: 0, layers: stack([0, 1, 1, 2, 3, 4, 5]))
        #expect(
            outcome.consequences == [
                .regather(module: "embed_tokens_per_layer", dimension: 1, blockLength: 32),
                .regather(module: "per_layer_model_projection", dimension: 0, blockLength: 32),
            ]
        )
    }

    @Test("takes no layers that its family cannot build", arguments: [("llama", true), ("qwen3_moe", false)])
    func otherKinds(_ family: String, _ isRefused: Bool) throws {
        let base = try ToyModel(family, layers: 3)
        var tensors = try ToyModel.tensors(layers: 3)
        for layer in 0..<3 {
            tensors.append(try TensorSpec("model.layers.\(layer).mlp.gate.weight", .bfloat16, [2, 64]))
            for expert in 0..<2 {
                tensors.append(
                    try TensorSpec("model.layers.\(layer).mlp.experts.\(expert).up_proj.weight", .bfloat16, [8, 64])
                )
            }
        }
        let anatomy = try Anatomy.read(config: base.config, tensors: tensors)
        let outcome = ConfigSurgery.rewrite(
            sources: [base.source, (base.config, anatomy, "experts")],
            donor: 0,
            layers: stack([0, 1]) + stack([2], of: 1)
        )
        let finding = outcome.findings.first { $0.code == "layer-kind-unknown" }
        #expect((finding != nil) == isRefused)
        if isRefused {
            #expect(finding?.layer == 2 && finding?.message.contains("mlp.experts.#.up_proj.weight") == true)
        }
    }
}
