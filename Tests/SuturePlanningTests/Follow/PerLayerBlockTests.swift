import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SuturePlanning
import SutureTensors
import SutureTestSupport
import Testing

extension TinyCheckpoint {
    /// A llama with Gemma 3n's table of four numbers a layer for each token, and the gates that read it.
    static func perLayer(layers: Int, family: String = "gemma3n_text", seed: Int = 0) -> TinyCheckpoint {
        var model = TinyCheckpoint.llama(layers: layers, seed: seed)
        model.config["model_type"] = .string(family)
        model.config["hidden_size_per_layer_input"] = 4
        model.config["num_kv_shared_layers"] = 0
        model.config["tie_word_embeddings"] = false
        model.tensors.append(("model.embed_tokens_per_layer.weight", .bfloat16, [32, layers * 4]))
        model.tensors.append(("model.per_layer_model_projection.weight", .bfloat16, [layers * 4, 8]))
        for layer in 0..<layers {
            model.tensors.append(("model.layers.\(layer).per_layer_input_gate.weight", .bfloat16, [4, 8]))
        }
        return model
    }
}

@Suite("A tensor with a block for each layer")
struct PerLayerBlockTests {
    private func plan(_ graph: String, output: String = "{}", b: TinyCheckpoint? = nil) throws -> Planning {
        try planning(
            """
            slicegraph: 1
            inputs: {a: @a, b: @b}
            graph: {\(graph)}
            output: \(output)
            """,
            models: ["a": .perLayer(layers: 6), "b": b ?? .perLayer(layers: 6, seed: 7)]
        )
    }

    private func gathered(_ planning: Planning, _ module: String) throws -> GatheredTensor {
        let plan = try #require(planning.plan, "\(planning.drawn)")
        let tensor = try #require(plan.tensors.first { $0.spec.name.contains(module) })
        guard case .gathered(let gathered) = tensor.expression else {
            Issue.record("\(tensor.expression)")
            throw Missing()
        }
        #expect(gathered.shape == tensor.spec.shape)
        return gathered
    }

    private struct Missing: Error {}

    @Test(
        "has its blocks where its layers are",
        arguments: [
            ("out: {stack: [\"a[0:4]\", \"a[2:6]\"]}", ["a[0:4]", "a[2:6]"]),
            ("out: {stack: [\"a[0:2]\", \"a[3:6]\"]}", ["a[0:2]", "a[3:6]"]),
            ("out: {slice: \"a[5, 0]\"}", ["a[5:6]", "a[0:1]"]),
            ("out: {stack: [\"a[0]\", \"b[1]\", \"a[1]\", \"b[2:6]\"]}", ["a[0:1]", "b[1:2]", "a[1:2]", "b[2:6]"]),
        ]
    )
    func blocks(graph: String, expected: [String]) throws {
        let planning = try plan(graph)
        for (module, dimension) in [("embed_tokens_per_layer", 1), ("per_layer_model_projection", 0)] {
            let gathered = try gathered(planning, module)
            #expect(gathered.dimension == dimension)
            #expect(gathered.blockLength == 4)
            let runs = gathered.runs.map { run in
                guard case .blocks(let input, let numbers) = run else { return "\(run)" }
                let source = gathered.inputs[input].leaves[0].source == 0 ? "a" : "b"
                return "\(source)[\(numbers.lowerBound):\(numbers.upperBound)]"
            }
            #expect(runs == expected)
        }
    }

    @Test("is the other model's own where all layers are")
    func whole() throws {
        let planning = try plan("out: {slice: b}", output: "{config: a}")
        let plan = try #require(planning.plan, "\(planning.drawn)")
        let tensor = try #require(plan.tensors.first { $0.spec.name.contains("embed_tokens_per_layer") })
        #expect(tensor.expression.text(in: plan) == "b:model.embed_tokens_per_layer.weight")
    }

    @Test("follows the layer whose gate reads it, where halves come from different layers")
    func spliced() throws {
        let planning = try plan(
            "out: {splice: {onto: a, take: [{where: attn.*, from: \"b[1, 0, 2, 3, 4, 5]\"}]}}"
        )
        let plan = try #require(planning.plan, "\(planning.drawn)")
        let tensor = try #require(plan.tensors.first { $0.spec.name.contains("embed_tokens_per_layer") })
        #expect(tensor.expression.text(in: plan) == "a:model.embed_tokens_per_layer.weight")
    }

    @Test("is refused where it is no copy, or is stored otherwise")
    func refused() throws {
        let blended = try plan(
            """
            m: {blend: {method: linear, inputs: [{from: a, weight: 0.5}, {from: b, weight: 0.5}]}, }
              out: {slice: "m[0, 0, 1, 2]"}
            """.replacing("}, }", with: "}}").split(separator: "\n").joined(separator: ", ")
        )
        #expect(blended.codes.contains("per-layer-blocks"), "\(blended.drawn)")

        var odd = TinyCheckpoint.perLayer(layers: 6)
        odd.tensors = odd.tensors.map { tensor in
            tensor.name.contains("embed_tokens_per_layer") ? (tensor.name, .float32, tensor.shape) : tensor
        }
        let mixed = try plan("out: {stack: [\"a[0:3]\", \"b[2:6]\"]}", b: odd)
        #expect(mixed.codes.contains("per-layer-blocks"), "\(mixed.drawn)")
    }
}
