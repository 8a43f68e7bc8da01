import SutureJSON
import SutureDiagnostics
import SutureTensors
import Testing

@testable import SutureArchitectures

/// A model of named stacks, whose layers are llama's.
private func model(_ config: JSONObject, _ stacks: [(prefix: String, layers: Int)], more: [TensorSpec] = []) throws
    -> ToyModel
{
    let tensors = try stacks.flatMap { try ToyModel.tensors(layers: $0.layers, prefix: $0.prefix) }
    var seen: Set<String> = []
    let all = (tensors + more).filter { seen.insert($0.name).inserted }
    return ToyModel(name: "base", config: config, anatomy: try Anatomy.read(config: config, tensors: all))
}

/// What config surgery makes of some layers of a model.
private func moved(_ model: ToyModel, _ layers: [Int]) -> ConfigSurgery.Outcome {
    ConfigSurgery.rewrite(sources: [model.source], donor: 0, layers: stack(layers))
}

@Suite("A stack and the key that counts it are one choice")
struct StackChoiceTests {
    @Test("where an encoder has an object of its own and as many layers", arguments: [2, 6])
    func granite(encoderLayers: Int) throws {
        let speech = try model(
            [
                "model_type": "granite_speech", "encoder_config": ["num_layers": .int(encoderLayers)],
                "text_config": ["model_type": "granite", "num_hidden_layers": 6, "vocab_size": 96],
            ],
            [("encoder.layers", encoderLayers), ("language_model.model.layers", 6)]
        )
        #expect(speech.anatomy.mainStack.prefix == "language_model.model.layers")
        let outcome = moved(speech, [0, 1, 5])
        #expect(outcome.findings.isEmpty)
        #expect(outcome.config[["text_config", "num_hidden_layers"]]?.int == 3)
        #expect(outcome.config[["encoder_config", "num_layers"]]?.int == encoderLayers)
    }

    @Test("where the key of the text is the one that T5 counts its encoder by")
    func pix2struct() throws {
        let text: JSONObject = ["model_type": "pix2struct_text_model", "num_layers": 6, "vocab_size": 96]
        let model = try model(
            ["model_type": "pix2struct", "text_config": .object(text), "vision_config": ["num_hidden_layers": 6]],
            [("encoder.encoder.layer", 6), ("decoder.layer", 6)]
        )
        #expect(model.anatomy.mainStack.prefix == "decoder.layer")
        let config = moved(model, [0, 1, 2, 3, 2, 3, 4, 5]).config
        #expect(config[["text_config", "num_layers"]]?.int == 8)
        #expect(config[["text_config", "num_decoder_layers"]] == nil)
    }

    @Test("where T5 counts its decoder by the encoder's key")
    func t5() throws {
        let model = try model(["model_type": "t5", "num_layers": 6], [("encoder.block", 6), ("decoder.block", 6)])
        let config = moved(model, [0, 1, 2]).config
        #expect(config["num_layers"]?.int == 6)
        #expect(config["num_decoder_layers"]?.int == 3)
    }

    @Test("where two language models are counted alike in objects of their own")
    func omni() throws {
        let count: JSONObject = ["num_hidden_layers": 6, "vocab_size": 96]
        let model = try model(
            [
                "model_type": "qwen2_5_omni", "thinker_config": ["text_config": .object(count)],
                "talker_config": .object(count),
            ],
            [("thinker.model.layers", 6), ("talker.model.layers", 6)]
        )
        let config = moved(model, [0, 1, 5]).config
        let counts = [["thinker_config", "text_config"], ["talker_config"]].map {
            config[$0 + ["num_hidden_layers"]]?.int
        }
        #expect(counts.compactMap(\.self).sorted() == [3, 6])
    }

    @Test("where the text's object leaves its depth to the class")
    func llava() throws {
        let model = try model(
            ["model_type": "llava", "text_config": ["model_type": "llama"], "vision_config": ["num_hidden_layers": 3]],
            [("language_model.model.layers", 6)]
        )
        let outcome = moved(model, [0, 1, 2, 5])
        #expect(outcome.config[["text_config", "num_hidden_layers"]]?.int == 4)
        #expect(outcome.config["num_hidden_layers"] == nil)
        #expect(outcome.findings.isEmpty)
    }

    @Test("where only an object under another name counts")
    func elsewhere() throws {
        let model = try model(
            ["model_type": "unheard-of", "backbone_config": ["num_hidden_layers": 6]],
            [("backbone.layers", 6)]
        )
        #expect(moved(model, [0, 1, 2]).config[["backbone_config", "num_hidden_layers"]]?.int == 3)
    }

    @Test("and a count that is not known stops a change of depth, and no other")
    func unknownKey() throws {
        let model = try model(["model_type": "unheard-of", "transformer_depth": 6], [("model.layers", 6)])
        let outcome = moved(model, [0, 1, 5])
        let finding = try #require(outcome.findings.first { $0.code == "layer-count-unknown" })
        #expect(finding.severity == .error)
        #expect(finding.message.contains("transformer_depth"))
        #expect(finding.accept == "layer-count")
        #expect(moved(model, [5, 4, 3, 2, 1, 0]).findings.allSatisfy { $0.code != "layer-count-unknown" })
    }

    @Test("and a second key of an unknown family that may count is told")
    func secondKey() throws {
        let model = try model(
            ["model_type": "unheard-of", "num_hidden_layers": 6, "real_layers": 6],
            [("model.layers", 6)]
        )
        let finding = try #require(moved(model, [0, 1]).findings.first { $0.code == "unknown-count" })
        #expect(finding.severity == .error)
        #expect(finding.field == ["real_layers"])
    }

    @Test("and a key that counts two stacks is not set for one")
    func shared() throws {
        let model = try model(
            ["model_type": "unheard-of", "num_hidden_layers": 6],
            [("model.encoder.layers", 6), ("model.decoder.layers", 6)]
        )
        #expect(moved(model, [0, 1, 2]).findings.contains { $0.code == "layer-count-shared" && $0.severity == .error })
        #expect(!moved(model, [5, 1, 2, 3, 4, 0]).findings.contains { $0.code == "layer-count-shared" })
    }

    @Test("and a text with a letter a layer counts as a list does")
    func pattern() throws {
        let model = try model(
            ["model_type": "nemotron_h", "hybrid_override_pattern": "M-*M-*"],
            [("backbone.layers", 6)]
        )
        #expect(model.anatomy.findings.isEmpty)
        #expect(moved(model, [0, 1, 2]).config["hybrid_override_pattern"]?.string == "M-*")
    }
}

@Suite("Lists beside the layers")
struct SideListTests {
    @Test("are parts of the layers that run in step with them, and are counted with them")
    func hrm() throws {
        let config: JSONObject = [
            "model_type": "hrm_text", "num_layers_per_stack": 6, "num_hidden_layers": 48, "vocab_size": 96,
        ]
        let model = try model(config, [("model.L_module.layers", 6), ("model.H_module.layers", 6)])
        #expect(model.anatomy.stacks.count == 1)
        let roles = model.anatomy.parts.compactMap { part -> String? in
            guard case .layer(0, 2, _, let role) = part else { return nil }
            return role.description
        }
        #expect(roles.sorted() == ["attn.o", "attn.o", "attn.q", "attn.q", "mlp.down", "mlp.down", "mlp.up", "mlp.up"])
        let outcome = moved(model, [0, 1, 5])
        #expect(outcome.findings.isEmpty)
        #expect(outcome.config["num_layers_per_stack"]?.int == 3)
        #expect(outcome.config["num_hidden_layers"]?.int == 24)
    }

    @Test("have the names of their layer's place")
    func names() throws {
        let config: JSONObject = [
            "model_type": "pi0", "vlm_config": ["text_config": ["model_type": "gemma", "num_hidden_layers": 6]],
            "dit_config": ["num_hidden_layers": 6],
        ]
        let model = try model(config, [("model.vlm.language_model.layers", 6), ("model.dit.layers", 6)])
        let anatomy = model.anatomy
        let names = Set(
            anatomy.parts.compactMap { part -> String? in
                guard case .layer(let stack, 2, let suffix, _) = part else { return nil }
                return anatomy.name(stack: stack, layer: 4, suffix: suffix)
            }
        )
        #expect(names.contains("model.vlm.language_model.layers.4.self_attn.q_proj.weight"))
        #expect(names.contains("model.dit.layers.4.self_attn.q_proj.weight"))
        let outcome = moved(model, [0, 1, 2, 3])
        #expect(outcome.config[["vlm_config", "text_config", "num_hidden_layers"]]?.int == 4)
        #expect(outcome.config[["dit_config", "num_hidden_layers"]]?.int == 4)
        #expect(outcome.config["num_hidden_layers"] == nil)
    }

    @Test("may lag behind the layers by one")
    func queries() throws {
        let config: JSONObject = [
            "model_type": "inkling2_text", "num_hidden_layers": 8, "n_layers_per_attn_res_block": 2,
            "layer_types": .array(Array(repeating: "hybrid", count: 8)),
        ]
        let queries =
            try (0..<7).map { try TensorSpec("model.attn_res.attn_queries.\($0)", .float32, [64]) }
            + (0..<8).map { try TensorSpec("model.attn_res.mlp_queries.\($0)", .float32, [64]) }
        let model = try model(config, [("model.layers", 8)], more: queries)
        let anatomy = model.anatomy
        let index = try #require(anatomy.parts.indices.last)
        guard case .layer(let stack, let layer, let suffix, _) = anatomy.parts[index] else {
            Issue.record("\(anatomy.parts[index])")
            return
        }
        #expect(layer == 7)
        #expect(anatomy.name(stack: stack, layer: layer, suffix: suffix) == "model.attn_res.mlp_queries.7")
        let first = anatomy.parts.compactMap { part -> String? in
            guard case .layer(_, 1, let suffix, _) = part, suffix.contains("attn_queries") else { return nil }
            return anatomy.name(stack: 0, layer: 3, suffix: suffix)
        }
        #expect(first == ["model.attn_res.attn_queries.2"])
        #expect(moved(model, [0, 1, 2, 3, 4, 5, 2, 3, 4, 5, 6, 7]).findings.isEmpty)
        #expect(moved(model, [0, 1, 2, 3, 3, 4, 5, 6, 7]).findings.map(\.code) == ["layer-number-matters"])
    }
}
