import SutureJSON
import SutureDiagnostics
import SutureTensors
import Testing

@testable import SutureArchitectures

@Suite("Where a layer stands, in the arithmetic")
struct DepthArithmeticTests {
    private func outcome(_ models: [ToyModel], _ layers: [(source: Int, layer: Int)]) -> ConfigSurgery.Outcome {
        let origins = layers.map { LayerOrigin(source: $0.source, layer: $0.layer) }
        return ConfigSurgery.rewrite(sources: models.map(\.source), donor: 0, layers: origins.map { ($0, $0) })
    }

    private func outcome(_ model: ToyModel, _ layers: [Int]) -> ConfigSurgery.Outcome {
        outcome([model], layers.map { (0, $0) })
    }

    @Test("ESMC's scale by the number of layers is told with what makes up for it")
    func esmc() throws {
        let model = try ToyModel("esmc", layers: 9)
        let finding = try #require(outcome(model, [0, 1, 2, 8]).findings.first)
        #expect(finding.code == "depth-matters")
        #expect(finding.severity == .error)
        #expect(finding.fix?.contains("by 0.6666666666666666 in the recipe") == true)
        #expect(finding.accept == "depth-scale")
        #expect(outcome(model, [0, 1, 2, 3, 4, 5, 6, 8, 7]).findings.isEmpty)
    }

    @Test("NeoMME's value embeddings reach the first and the last full layer")
    func neomme() throws {
        let kinds: JSONValue = ["s", "full_attention", "s", "full_attention", "s", "full_attention"]
        let model = try ToyModel("neomme", layers: 6, ["layer_types": kinds, "residual_multiplier": 0.5])
        #expect(outcome(model, [0, 1, 2, 3, 2, 3, 4, 5]).findings.isEmpty)
        for layers in [[0, 1, 0, 1, 2, 3, 4, 5], [0, 2, 3, 4, 5]] {
            let finding = try #require(outcome(model, layers).findings.first, "\(layers)")
            #expect(finding.code == "layer-number-matters")
            #expect(finding.severity == .error)
        }
    }

    @Test("Zamba's shared transformer is carried to the first hybrid layer, of one model")
    func zamba() throws {
        let settings: JSONObject = ["layers_block_type": ["m", "hybrid", "m", "hybrid", "m", "hybrid"]]
        let a = try ToyModel("zamba", layers: 6, settings)
        let b = try ToyModel("zamba", layers: 6, settings, name: "other")
        let cut = outcome(a, [2, 3, 4, 5])
        #expect(cut.findings.allSatisfy { $0.severity < .error })
        #expect(
            cut.consequences == [
                .onlyInLayer(1, module: "shared_transf.", from: LayerOrigin(source: 0, layer: 1))
            ]
        )
        #expect(outcome(a, [0, 1, 2, 4]).findings.contains { $0.code == "shared-block-alone" })
        #expect(outcome(a, [0, 2, 4, 4]).findings.allSatisfy { $0.severity < .error }, "without one it loads")
        let mixed = outcome([a, b], [(0, 0), (0, 1), (1, 2), (1, 3), (0, 4), (0, 5)])
        #expect(mixed.findings.contains { $0.code == "shared-block-differs" && $0.accept == "shared-block" })
        #expect(
            !outcome([a, b], [(0, 0), (0, 1), (1, 2), (0, 3)]).findings.contains { $0.code == "shared-block-differs" }
        )
    }

    @Test("a convolution behind the first layer stays with it, where there is one", arguments: [0, 3])
    func deberta(kernel: Int) throws {
        let model = try ToyModel("deberta-v2", layers: 6, ["conv_kernel_size": .int(kernel)])
        #expect(outcome(model, [1, 2, 3]).findings.contains { $0.code == "first-layer-differs" } == (kernel > 0))
        #expect(outcome(model, [0, 2, 3]).findings.isEmpty)
    }

    @Test("a position bias of the first layer serves all", arguments: ["wavlm", "pix2struct"])
    func positionBias(_ family: String) throws {
        let consequences = outcome(try ToyModel(family, layers: 6), [1, 2]).consequences
        #expect(consequences.count == 1)
        guard case .onlyInFirstLayer(_, LayerOrigin(source: 0, layer: 0))? = consequences.first else {
            Issue.record("\(consequences)")
            return
        }
    }

    // MARK: - Loops

    /// Dory of six layers, two before and two behind the loop, whose file counts attention and MLP apart.
    private func dory() throws -> ToyModel {
        let kinds: [JSONValue] = ["a", "b", "a", "b", "a", "c"]
        return try ToyModel(
            "dory",
            layers: 6,
            [
                "num_hidden_layers": 12, "n_input_layers": 4, "n_recurrent_layers": 4, "n_output_layers": 4,
                "layer_types": .array(kinds.flatMap { [$0, "mlp"] }),
            ]
        )
    }

    @Test("a file that counts attention and MLP apart is read and written by its blocks")
    func blocks() throws {
        let model = try dory()
        #expect(model.anatomy.layerCount == 6)
        #expect(model.anatomy.findings.isEmpty)
        let made = outcome(model, [0, 1, 2, 3, 2, 3, 4, 5])
        #expect(made.findings.isEmpty)
        #expect(made.config["num_hidden_layers"]?.int == 16)
        #expect(made.config["n_input_layers"]?.int == 4)
        #expect(made.config["n_recurrent_layers"]?.int == 8)
        #expect(made.config["n_output_layers"]?.int == 4)
        #expect(
            made.config["layer_types"]?.array?.compactMap(\.string) == [
                "a", "mlp", "b", "mlp", "a", "mlp", "b", "mlp", "a", "mlp", "b", "mlp", "a", "mlp", "c", "mlp",
            ]
        )
        #expect(outcome(model, [0, 1, 2, 3, 4, 5]).config == model.config)
    }

    @Test("layers before, in and behind a loop stay in that order")
    func order() throws {
        let finding = try #require(outcome(try dory(), [0, 2, 1, 4]).findings.first { $0.severity == .error })
        #expect(finding.code == "layout-inexpressible")
        #expect(finding.layer == 2)
    }

    @Test("a loop whose layers are known outside by their place stays whole, and may move")
    func loop() throws {
        let model = try ToyModel(
            "inkling2_loop_text",
            layers: 10,
            [
                "n_layers_per_attn_res_block": 2, "loop_layer_index_start": 4, "loop_layer_index_end": 8,
                "layer_types": .array(Array(repeating: "hybrid", count: 10)),
            ]
        )
        let moved = outcome(model, [0, 1, 4, 5, 6, 7, 8, 9])
        #expect(moved.findings.isEmpty)
        #expect(moved.config["loop_layer_index_start"]?.int == 2)
        #expect(moved.config["loop_layer_index_end"]?.int == 6)
        #expect(outcome(model, [0, 1, 2, 3, 4, 5, 8, 9]).findings.map(\.code) == ["layout-inexpressible"])
    }
}

@Suite("What is said of lists that older programs do not read")
struct OlderProgramsTests {
    private func warnings(_ family: String, _ settings: JSONObject, _ layers: [Int]) throws -> [Finding] {
        let model = try ToyModel(family, layers: settings["layers_block_type"]?.array?.count ?? 12, settings)
        return ConfigSurgery.rewrite(sources: [model.source], donor: 0, layers: stack(layers)).findings
    }

    @Test("nothing, where the model itself cannot be read without its list")
    func quiet() throws {
        let kinds: JSONValue = ["linear_attention", "mlp", "full_attention", "mlp"]
        #expect(try warnings("nemotron_h", ["layers_block_type": kinds], [0, 1, 2]).isEmpty)
        let lists: [(String, String, [JSONValue])] = [
            ("granitemoehybrid", "layer_types", (0..<12).map { $0 % 4 == 1 ? "full_attention" : "linear_attention" }),
            ("laguna", "layer_types", (0..<12).map { $0 % 4 == 1 ? "full_attention" : "sliding_attention" }),
            ("gemma3n_text", "activation_sparsity_pattern", (0..<12).map { $0 < 3 ? 0.5 : 0.0 }),
        ]
        for (family, key, list) in lists {
            let found = try warnings(
                family,
                [key: .array(list), "num_kv_shared_layers": 0],
                [0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11]
            )
            #expect(!found.contains { $0.code == "explicit-list-needed" && $0.field.last == key }, "\(family)")
        }
    }

    @Test("which layer they take for what, where they read the model right")
    func told() throws {
        let found = try warnings("gemma3_text", ["sliding_window_pattern": 6], [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11])
        let finding = try #require(found.first { $0.code == "explicit-list-needed" })
        #expect(finding.fix == "move whole runs of 6 layers")
    }
}
