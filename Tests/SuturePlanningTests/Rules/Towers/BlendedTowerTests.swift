import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SuturePlanning
import SutureTensors
import SutureTestSupport
import Testing

extension TowerModel {
    /// The same model with other weights.
    func checkpoint(seed: Int) -> TinyCheckpoint {
        var model = checkpoint
        model.seed = seed
        return model
    }
}

@Suite("What lies outside the layers of a blend")
struct BlendedTowerTests {
    /// Plans a recipe over two models of several parts, and a model of text alone.
    private func plan(
        _ graph: String,
        output: String = "{accept: [missing-tensors]}",
        of model: TowerModel = .all[0],
        change: (inout TinyCheckpoint) -> Void = { _ in }
    ) throws -> Planning {
        var second = model.checkpoint(seed: 2)
        change(&second)
        return try planning(
            """
            slicegraph: 1
            inputs: {v: @v, w: @w, t: @t}
            graph: {\(graph)}
            output: \(output)
            """,
            models: ["v": model.checkpoint, "w": second, "t": model.plain(seed: 3)]
        )
    }

    /// The models that each tensor outside the layers is made of, each set once.
    private func givers(_ planning: Planning, of model: TowerModel = .all[0]) throws -> [Set<String>] {
        let plan = try #require(planning.plan, "\(planning.drawn)")
        return plan.tensors.filter { model.isTower($0.spec.name) }.map { tensor in
            Set(tensor.expression.leaves.map { plan.sources[$0.source].name })
        }.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    private static let linear =
        "out: {blend: {method: linear, inputs: [{from: v, weight: 1}, {from: w, weight: 3}]}}"

    private static let slerp = "{blend: {method: slerp, inputs: [v, w], params: {t: 0.5}}}"

    @Test("is blended as the embedding is, whole", arguments: TowerModel.all)
    func blends(_ model: TowerModel) throws {
        let planning = try plan(Self.linear, of: model)
        let plan = try #require(planning.plan, "\(planning.drawn)")
        #expect(plan.tensors.map(\.spec).count == model.checkpoint.tensors.count)
        for tensor in plan.tensors {
            guard case .blended(let blend) = tensor.expression else {
                Issue.record("'\(tensor.spec.name)' is \(tensor.expression)")
                continue
            }
            #expect(blend.inputs.map { $0.leaves.map(\.spec.name) } == [[tensor.spec.name], [tensor.spec.name]])
            #expect(blend.inputParameters.map { $0["weight"] } == [1, 3])
        }
        let count = model.checkpoint.tensors.count
        #expect(planning.accounts.prefix(2) == ["v: \(count) used", "w: \(count) used"])
        #expect(!planning.codes.contains("left-behind"))
    }

    @Test("goes by the method: a base apart, a curve that begins outside the layers, a base that is the first end")
    func methods() throws {
        let tasks = try plan("out: {blend: {method: task_arithmetic, base: v, inputs: [{from: w, weight: 0.5}]}}")
        #expect(try givers(tasks) == [["v", "w"]])
        // Outside the layers a curve is at its beginning, where the result is the first model.
        let curve = try plan("out: {blend: {method: slerp, inputs: [v, w], params: {t: {curve: [0, 1]}}}}")
        #expect(try givers(curve) == [["v"]])
        #expect(curve.accounts.allSatisfy { !$0.contains("left behind") }, "\(curve.accounts)")
        #expect(!curve.codes.contains("left-behind"))
    }

    @Test("has curves of mergekit files run over the layers of a tower as well, and begin outside them")
    func curves() throws {
        let planning = try planning(
            """
            merge_method: linear
            models:
              - {model: @v, parameters: {weight: [1, 0]}}
              - {model: @w, parameters: {weight: [0, 1]}}
            """,
            models: ["v": TowerModel.all[0].checkpoint, "w": TowerModel.all[0].checkpoint(seed: 2)]
        )
        let plan = try #require(planning.plan, "\(planning.drawn)")
        let tower = try #require(plan.tensors.first { $0.spec.name.contains("encoder.layers.2.") })
        guard case .blended(let blend) = tower.expression else {
            Issue.record("\(tower.expression)")
            return
        }
        #expect(blend.inputParameters.map { $0["weight"] } == [0.6, 0.4])
        let projector = try #require(plan.tensors.first { $0.spec.name.hasPrefix("multi_modal_projector") })
        #expect(projector.expression.leaves.map(\.source) == [0])
    }

    @Test("comes with the first layers, as the embedding does, where parts of blends are stacked")
    func parts() throws {
        let halves = try plan(
            """
            m: {blend: {method: linear, inputs: [{from: v, weight: 1}, {from: w, weight: 3}]}}, n: \(Self.slerp),
            out: {stack: ["m[0:3]", "n[3:6]"]}
            """
        )
        #expect(try givers(halves) == [["v", "w"]])
        let first = try plan("m: \(Self.slerp), out: {stack: [\"v[0:3]\", \"m[3:6]\"]}")
        #expect(try givers(first) == [["v"]])
        let spliced = try plan("m: \(Self.slerp), out: {splice: {onto: m, take: [{where: attn.*, from: w}]}}")
        #expect(try givers(spliced) == [["v", "w"]])
    }

    @Test("is that of the config's model where layers of two are stacked, and that is told")
    func stacks() throws {
        let stack = "out: {stack: [\"v[0:3]\", \"w[3:6]\"]}"
        let first = try plan(stack)
        #expect(try givers(first) == [["v"]])
        let second = try plan(stack, output: "{config: w}")
        #expect(try givers(second) == [["w"]])
        for planning in [first, second] {
            let told = planning.diagnostics.filter { $0.code == "left-behind" }
            #expect(told.map(\.severity) == [.note], "\(planning.drawn)")
        }
    }

    @Test("stops the plan where the models do not store it alike, and is the config's once that is accepted")
    func shapes() throws {
        let isProjector = { (name: String) in name.hasPrefix("multi_modal_projector") }
        let planning = try plan(Self.linear) { model in
            model.tensors = model.tensors.map { isProjector($0.name) ? ($0.name, $0.dtype, [8, 6]) : $0 }
        }
        let told = try #require(planning.diagnostics.first { $0.code == "unblended" }, "\(planning.drawn)")
        #expect(told.severity == .error)
        #expect(
            told.message
                == "'multi_modal_projector.linear_1.weight' is not blended: it is [4, 6] in 'v' and [8, 6] in 'w'; "
                + "the output has it as 'v' does, which gives the config"
        )
        for (owner, others) in [("v", "w"), ("w", "v")] {
            let accepted = try plan(Self.linear, output: "{config: \(owner), accept: [unblended]}") { model in
                model.tensors = model.tensors.map { isProjector($0.name) ? ($0.name, $0.dtype, [8, 6]) : $0 }
            }
            let plan = try #require(accepted.plan, "\(accepted.drawn)")
            for tensor in plan.tensors where tensor.spec.name.contains(".layers.") || isProjector(tensor.spec.name) {
                let givers = tensor.expression.leaves.map { plan.sources[$0.source].name }
                #expect(
                    givers == (isProjector(tensor.spec.name) ? [owner] : ["v", "w"]),
                    "\(tensor.spec.name), \(others)"
                )
            }
            #expect(accepted.diagnostics.first { $0.code == "unblended" }?.severity == .note)
        }
    }

    @Test("stops the plan where one model has more of it, whichever gives the config", arguments: ["v", "w"])
    func more(_ owner: String) throws {
        let planning = try plan(Self.linear, output: "{config: \(owner)}") { model in
            model.tensors.append(("multi_modal_projector.linear_2.weight", .float16, [4, 4]))
        }
        let told = planning.diagnostics.filter { $0.severity == .error }
        #expect(told.map(\.code) == ["unblended"], "\(planning.drawn)")
        #expect(told.first?.message.contains("missing in 'v'") ?? false)
        let without = try plan(Self.linear, output: "{config: \(owner), drop: [\"*.linear_2.*\"]}") { model in
            model.tensors.append(("multi_modal_projector.linear_2.weight", .float16, [4, 4]))
        }
        #expect(try givers(without) == [["v", "w"]])
    }

    @Test("is the one model's that has it, with a word")
    func alone() throws {
        let graph = "out: {blend: {method: linear, inputs: [t, v], params: {weight: 1}}}"
        let kept = try plan(graph, output: "{config: v}")
        #expect(try givers(kept) == [["v"]])
        #expect(kept.diagnostics.first { $0.code == "unblended" }?.severity == .warning, "\(kept.drawn)")
        let left = try plan(graph)
        #expect(try givers(left).isEmpty)
        #expect(left.codes.contains("left-behind"))
    }

    @Test("is blended only under settings that both configs have")
    func settings() throws {
        let change = { (model: inout TinyCheckpoint) in
            model.config["vision_config"] = [
                "num_hidden_layers": 6, "hidden_size": 4, "hidden_act": "gelu", "depth": 7,
            ]
        }
        let planning = try plan(Self.linear, change: change)
        let told = planning.diagnostics.filter { $0.severity == .error }
        #expect(
            told.map(\.message) == ["vision_config.depth is 6 in 'v' and 7 in 'w', whose towers are blended"],
            "\(planning.drawn)"
        )
        #expect(try givers(plan(Self.linear, output: "{accept: [vision_config]}", change: change)) == [["v", "w"]])
        #expect(try givers(plan("out: {stack: [\"v[0:3]\", \"w[3:6]\"]}", change: change)) == [["v"]])
    }

    @Test("is rounded with the stage that it is a part of")
    func rounds() throws {
        let planning = try plan(
            "m: \(Self.slerp), out: {slice: m}",
            output: "{round_stages: true}"
        )
        let plan = try #require(planning.plan, "\(planning.drawn)")
        for tensor in plan.tensors {
            guard case .rounded = tensor.expression else {
                Issue.record("'\(tensor.spec.name)' is \(tensor.expression)")
                continue
            }
        }
    }
}

@Suite("A blend of models with an encoder, or with parts of no known place")
struct BlendedStackTests {
    private func page(_ model: (Int) -> TinyCheckpoint) throws -> Planning {
        try planning(
            """
            slicegraph: 1
            inputs: {a: @a, b: @b}
            graph: {out: {blend: {method: linear, inputs: [a, b], params: {weight: 1}}}}
            output: {accept: [missing-tensors]}
            """,
            models: ["a": model(1), "b": model(2)]
        )
    }

    @Test("blends T5's encoder and the norm behind it with the decoder")
    func encoder() throws {
        let planning = try page { seed in
            var tensors: [(name: String, dtype: DType, shape: Shape)] = [("shared.weight", .float32, [32, 8])]
            for (stack, last) in [("encoder", 1), ("decoder", 2)] {
                for layer in 0..<3 {
                    let block = "\(stack).block.\(layer).layer"
                    let attention = last == 1 ? ["SelfAttention"] : ["SelfAttention", "EncDecAttention"]
                    for (number, name) in attention.enumerated() {
                        for part in ["q", "k", "v", "o"] {
                            tensors.append(("\(block).\(number).\(name).\(part).weight", .float32, [8, 8]))
                        }
                        tensors.append(("\(block).\(number).layer_norm.weight", .float32, [8]))
                    }
                    tensors.append(("\(block).\(last).DenseReluDense.wi.weight", .float32, [16, 8]))
                    tensors.append(("\(block).\(last).DenseReluDense.wo.weight", .float32, [8, 16]))
                    tensors.append(("\(block).\(last).layer_norm.weight", .float32, [8]))
                }
                tensors.append(("\(stack).final_layer_norm.weight", .float32, [8]))
            }
            let config: JSONObject = [
                "model_type": "t5", "architectures": ["T5ForConditionalGeneration"], "num_layers": 3,
                "num_decoder_layers": 3, "d_model": 8, "d_kv": 4, "num_heads": 2, "d_ff": 16, "vocab_size": 32,
                "tie_word_embeddings": true,
            ]
            return TinyCheckpoint(config: config, tensors: tensors, seed: seed)
        }
        let plan = try #require(planning.plan, "\(planning.drawn)")
        #expect(plan.tensors.count { $0.spec.name.hasPrefix("encoder.") } == 25)
        for tensor in plan.tensors { #expect(Set(tensor.expression.leaves.map(\.source)) == [0, 1], "\(tensor.spec)") }
    }

    @Test("blends Gemma 3n's alternating projections, which belong to no layer")
    func projections() throws {
        let planning = try page { seed in
            var model = TinyCheckpoint.perLayer(layers: 4, seed: seed)
            for number in 0..<3 {
                for name in ["altup_projections", "altup_unembed_projections"] {
                    model.tensors.append(("model.\(name).\(number).weight", .bfloat16, [8, 8]))
                }
            }
            return model
        }
        let plan = try #require(planning.plan, "\(planning.drawn)")
        #expect(plan.tensors.count { $0.spec.name.contains("altup") } == 6)
        for tensor in plan.tensors { #expect(Set(tensor.expression.leaves.map(\.source)) == [0, 1], "\(tensor.spec)") }
    }
}
