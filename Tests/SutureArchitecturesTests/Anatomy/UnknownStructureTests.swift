import SutureJSON
import SutureDiagnostics
import SutureTensors
import Testing

@testable import SutureArchitectures

@Suite("A family that nobody knows")
struct UnknownStructureTests {
    private func model(_ family: String = "unheard-of", more: [(String, Shape)]) throws -> ToyModel {
        let config: JSONObject = ["model_type": .string(family), "num_hidden_layers": 6, "vocab_size": 96]
        let tensors = try ToyModel.tensors(layers: 6) + more.map { try TensorSpec($0.0, .float32, $0.1) }
        return ToyModel(name: "base", config: config, anatomy: try Anatomy.read(config: config, tensors: tensors))
    }

    private func findings(_ model: ToyModel, _ layers: [Int]) -> [Finding] {
        ConfigSurgery.rewrite(sources: [model.source], donor: 0, layers: stack(layers)).findings
    }

    static let followers: [(String, [(String, Shape)])] = [
        ("a query a layer", (0..<6).map { ("model.residual.queries.\($0)", [64]) }),
        ("all but the first", (0..<5).map { ("model.residual.queries.\($0)", [64]) }),
        ("two a layer", (0..<12).map { ("model.links.\($0).weight", [64, 64]) }),
        ("a vector of scales", [("model.resid_scales", [6])]),
        ("a table with a row a layer", [("model.layer_vectors", [6, 64])]),
        ("blocks of a table", [("model.embed_per_layer.weight", [96, 48])]),
        (
            "a second stack",
            (0..<6).flatMap { layer -> [(String, Shape)] in
                let modules = ["self_attn.q_proj", "self_attn.o_proj", "mlp.up_proj", "mlp.down_proj"]
                return modules.map { ("expert.layers.\(layer).\($0).weight", [64, 64]) }
            }
        ),
    ]

    @Test("does not have layers moved away from what is numbered as they are", arguments: followers)
    func follow(_ name: String, _ tensors: [(String, Shape)]) throws {
        let unknown = try model(more: tensors)
        let finding = try #require(findings(unknown, [0, 1, 2, 5]).first { $0.code == "numbers-outside-layers" })
        #expect(finding.severity == .error)
        #expect(finding.accept == "outside-layers")
        #expect(findings(unknown, [0, 2, 1, 3, 4, 5]).contains { $0.code == "numbers-outside-layers" })
        // A family that is known has what is known of it, and no more; two stacks on one key are none's.
        let known = try findings(model("llama", more: tensors), [0, 1, 2, 5])
        #expect(!known.contains { $0.code == "numbers-outside-layers" })
    }

    @Test("may have other numbers, towers, positions and an encoder beside its layers")
    func noFollowers() throws {
        let others: [[(String, Shape)]] = [
            (0..<3).map { ("model.heads.\($0).weight", [96, 64]) },
            (0..<6).flatMap { layer -> [(String, Shape)] in
                [("vision_tower.layers.\(layer).a.weight", [8]), ("vision_tower.layers.\(layer).b.weight", [8])]
            },
            [("model.rotary_emb.inv_freq", [6]), ("model.position_bias.weight", [32, 6])],
        ]
        for tensors in others { #expect(try findings(model(more: tensors), [0, 1, 2, 5]).isEmpty, "\(tensors[0].0)") }
    }

    @Test("does not have a layer moved that alone has a tensor")
    func lone() throws {
        let shared = try model(more: [("model.layers.2.shared.block.weight", [64, 64])])
        for layers in [[0, 1, 3, 4, 5], [0, 1, 2, 3, 2, 3, 4, 5], [0, 1, 3, 2, 4, 5]] {
            let finding = try #require(findings(shared, layers).first { $0.code == "tensor-of-one-layer" }, "\(layers)")
            #expect(finding.message.contains("only layer 2"))
        }
        #expect(findings(shared, [0, 1, 2, 3, 4, 3, 4, 5]).isEmpty)
    }

    @Test("may have one layer of a kind that a list tells")
    func listed() throws {
        let kinds: JSONValue = ["a", "a", "b", "a", "a", "a"]
        let config: JSONObject = ["model_type": "unheard-of", "num_hidden_layers": 6, "layer_types": kinds]
        let tensors = try ToyModel.tensors(layers: 6) + [try TensorSpec("model.layers.2.extra.weight", .float32, [64])]
        let model = ToyModel(name: "base", config: config, anatomy: try Anatomy.read(config: config, tensors: tensors))
        #expect(findings(model, [0, 1, 3, 4]).isEmpty)
    }
}

@Suite("A checkpoint without anatomy")
struct AnatomyErrorTests {
    @Test("is told in words, with what to do")
    func words() throws {
        let error = #expect(throws: AnatomyError.self) {
            try Anatomy.read(config: ["model_type": "albert"], tensors: ToyModel.tensors(layers: 4))
        }
        let finding = try #require(error).finding
        #expect(finding.code == "unsupported-architecture")
        #expect(finding.message == "layers of a 'albert' model cannot be moved: its layers share one set of weights")
        #expect(finding.fix != nil)
        let none = AnatomyError.noLayers(tensorCount: 3, modelType: "bert").finding
        #expect(none.message == "none of its 3 tensors carry layer numbers (model_type 'bert')")
    }
}
