import SutureCheckpoints
import SutureJSON
import SuturePlanning
import SutureTensors
import SutureTestSupport
import Testing

/// A model of several parts: how it names its language model, its towers, and where its config counts layers.
struct TowerModel: Sendable, CustomTestStringConvertible {
    let family: String
    let text: String
    let layers: String
    let embed: String
    let norm: String
    let head: String
    let towers: [String]
    var isNested = true
    /// What a difference from the text-only family is called where it must be accepted.
    var accepts = "[missing-tensors]"

    var testDescription: String { family }

    static let all = [
        TowerModel(
            family: "llava",
            text: "llama",
            layers: "language_model.model.layers",
            embed: "language_model.model.embed_tokens",
            norm: "language_model.model.norm",
            head: "language_model.lm_head",
            towers: ["vision_tower.vision_model.encoder.layers", "multi_modal_projector.linear_1"]
        ),
        TowerModel(
            family: "qwen2_vl",
            text: "qwen2",
            layers: "model.layers",
            embed: "model.embed_tokens",
            norm: "model.norm",
            head: "lm_head",
            towers: ["visual.blocks", "visual.merger.mlp.0", "visual.patch_embed.proj"],
            isNested: false,
            accepts: "[model_type, missing-tensors]"
        ),
        TowerModel(
            family: "qwen3_vl",
            text: "qwen3",
            layers: "model.language_model.layers",
            embed: "model.language_model.embed_tokens",
            norm: "model.language_model.norm",
            head: "lm_head",
            towers: ["model.visual.blocks", "model.visual.deepstack_merger_list.0.linear_fc1"],
            accepts: "[model_type, deepstack, missing-tensors]"
        ),
        TowerModel(
            family: "gemma3",
            text: "gemma3_text",
            layers: "language_model.model.layers",
            embed: "language_model.model.embed_tokens",
            norm: "language_model.model.norm",
            head: "language_model.lm_head",
            towers: ["vision_tower.vision_model.encoder.layers", "multi_modal_projector.mm_soft_emb_norm"]
        ),
        TowerModel(
            family: "mistral3",
            text: "mistral",
            layers: "language_model.model.layers",
            embed: "language_model.model.embed_tokens",
            norm: "language_model.model.norm",
            head: "language_model.lm_head",
            towers: ["vision_tower.transformer.layers", "multi_modal_projector.patch_merger.merging_layer"]
        ),
    ]

    /// The model: six layers of text, and as many of vision.
    var checkpoint: TinyCheckpoint {
        var model = plain(seed: 1)
        model.tensors = model.tensors.map { tensor in (renamed(tensor.name), tensor.dtype, tensor.shape) }
        for tower in towers {
            let isStack = tower.hasSuffix("layers") || tower.hasSuffix("blocks")
            for layer in isStack ? (0..<6).map({ "\(tower).\($0).attn.qkv" }) : [tower] {
                model.tensors.append(("\(layer).weight", .float16, [4, 6]))
            }
        }
        let vision: JSONObject = ["num_hidden_layers": 6, "depth": 6, "hidden_size": 4]
        var own = model.config
        own["model_type"] = .string(isNested ? (family == "qwen3_vl" ? "qwen3_vl_text" : text) : family)
        if isNested {
            model.config = [
                "architectures": ["ForConditionalGeneration"], "model_type": .string(family),
                "text_config": .object(own), "vision_config": .object(vision),
            ]
        } else {
            own["vision_config"] = .object(vision)
            model.config = own
        }
        return model
    }

    /// A model of text alone.
    func plain(seed: Int) -> TinyCheckpoint {
        var model = TinyCheckpoint.llama(layers: 6, seed: seed)
        model.config["model_type"] = .string(text)
        model.config["sliding_window"] = .null
        // The classes of these families have other bases where a config says nothing.
        model.config["rope_theta"] = 1_000_000
        return model
    }

    private func renamed(_ name: String) -> String {
        for (old, new) in [
            ("model.layers", layers), ("model.embed_tokens", embed), ("model.norm", norm), ("lm_head", head),
        ] where name.hasPrefix(old) {
            return new + name.dropFirst(old.count)
        }
        return name
    }

    func isTower(_ name: String) -> Bool { towers.contains { name.hasPrefix($0 + ".") } }
}

@Suite("A model of several parts, planned")
struct TowerPlanTests {
    @Test("has its text stack operated on, and the rest carried byte for byte", arguments: TowerModel.all)
    func carries(_ model: TowerModel) throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {m: @m}
            graph: {out: {stack: ["m[0:4]", "m[2:6]"]}}
            output: {accept: [deepstack, missing-tensors]}
            """,
            models: ["m": model.checkpoint]
        )
        let plan = try #require(planning.plan, "\(planning.drawn)")
        #expect(plan.stack.prefix == model.layers)
        #expect(plan.stack.layerCount == 8)
        let towers = plan.tensors.filter { model.isTower($0.spec.name) }
        #expect(towers.map(\.spec.name) == model.checkpoint.tensors.map(\.name).filter(model.isTower))
        for tensor in plan.tensors {
            #expect(tensor.isCopy)
            #expect(!model.isTower(tensor.spec.name) || tensor.expression.leaves.map(\.spec) == [tensor.spec])
        }
        #expect(planning.accounts == ["m: \(model.checkpoint.tensors.count) used"])
        let config = try #require(planning.configObject)
        let scope = model.isNested ? ["text_config"] : []
        #expect(config[scope + ["num_hidden_layers"]] == 8)
        #expect(config["vision_config"] == model.checkpoint.config["vision_config"])
    }

    @Test("takes the text stack of a model of text alone", arguments: TowerModel.all)
    func takesText(_ model: TowerModel) throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {v: @v, t: @t}
            graph: {out: {slice: "t[0:5]"}}
            output: {config: v, accept: \(model.accepts)}
            """,
            models: ["v": model.checkpoint, "t": model.plain(seed: 2)]
        )
        let plan = try #require(planning.plan, "\(planning.drawn)")
        let towers = model.checkpoint.tensors.count { model.isTower($0.name) }
        for tensor in plan.tensors {
            let giver = plan.sources[tensor.expression.leaves[0].source].name
            #expect(giver == (model.isTower(tensor.spec.name) ? "v" : "t"), "\(tensor.spec.name)")
        }
        let names = Set(plan.tensors.map(\.spec.name))
        #expect(names.isSubset(of: model.checkpoint.tensors.map(\.name)))
        #expect(names.count == model.checkpoint.tensors.count - 9)
        #expect(
            planning.accounts.first == "v: \(towers) used, 54 outside the ranges, 3 another model's is written",
            "\(planning.accounts)"
        )
        let config = try #require(planning.configObject)
        #expect(config["model_type"]?.string == model.family)
        #expect(config[(model.isNested ? ["text_config"] : []) + ["num_hidden_layers"]] == 5)
    }

    @Test("leaves its towers behind where another gives the config, and says so", arguments: TowerModel.all)
    func leavesBehind(_ model: TowerModel) throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {v: @v, t: @t}
            graph: {out: {stack: ["t[0:3]", "v[3:6]"]}}
            output: {accept: \(model.accepts)}
            """,
            models: ["v": model.checkpoint, "t": model.plain(seed: 2)]
        )
        let plan = try #require(planning.plan, "\(planning.drawn)")
        #expect(plan.tensors.allSatisfy { !model.isTower($0.spec.name) })
        let towers = model.checkpoint.tensors.count { model.isTower($0.name) }
        #expect(planning.accounts.contains { $0.contains("\(towers) towers left behind") }, "\(planning.accounts)")
        #expect(planning.codes.contains("left-behind"))
    }
}
