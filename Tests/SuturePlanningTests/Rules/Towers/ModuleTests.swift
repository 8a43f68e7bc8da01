import SutureDiagnostics
import SutureJSON
import SuturePlanning
import SutureRecipes
import SutureTensors
import SutureTestSupport
import Testing

@Suite("A module outside the layers")
struct ModuleTests {
    /// A llava whose tower has six layers of three tensors.
    private static func llava(seed: Int, change: (inout TinyCheckpoint) -> Void = { _ in }) -> TinyCheckpoint {
        var model = TowerModel.all[0].checkpoint(seed: seed)
        for layer in 0..<6 {
            for part in ["mlp.fc1", "mlp.fc2"] {
                model.tensors.append(("\(prefix).\(layer).\(part).weight", .float16, [4, 4]))
            }
        }
        model.tensors.append(("vision_tower.vision_model.post_layernorm.weight", .float16, [4]))
        change(&model)
        return model
    }

    private static let prefix = "vision_tower.vision_model.encoder.layers"

    private func plan(
        _ graph: String,
        _ output: String,
        change: (inout TinyCheckpoint) -> Void = { _ in }
    ) throws -> Planning {
        try planning(
            "slicegraph: 1\ninputs: {v: @v, w: @w}\ngraph: {\(graph)}\noutput: \(output)",
            models: ["v": Self.llava(seed: 1, change: change), "w": Self.llava(seed: 2)]
        )
    }

    /// The sources of an output's tensor, and its merge method.
    private func making(_ name: String, in plan: Plan) throws -> String {
        let tensor = try #require(plan.tensors.first { $0.spec.name == name })
        let method = if case .blended(let blend) = tensor.expression { blend.method + " " } else { "" }
        return method
            + tensor.expression.leaves.map { plan.sources[$0.source].name + ":" + $0.spec.name }.joined(separator: " ")
    }

    @Test("is made by operators of its own")
    func operators() throws {
        let planning = try plan(
            "out: {slice: v}, eyes: {blend: {method: slerp, inputs: [v, w], params: {t: 0.5}}}",
            "{modules: {vision_tower: eyes, multi_modal_projector: w}}"
        )
        let plan = try #require(planning.plan, "\(planning.drawn)")
        let (layer, norm) = ("\(Self.prefix).5.mlp.fc1.weight", "vision_tower.vision_model.post_layernorm.weight")
        #expect(try making(layer, in: plan) == "slerp v:\(layer) w:\(layer)")
        #expect(try making(norm, in: plan) == "slerp v:\(norm) w:\(norm)")
        let projector = "multi_modal_projector.linear_1.weight"
        #expect(try making(projector, in: plan) == "w:\(projector)")
        #expect(try making("language_model.lm_head.weight", in: plan) == "v:language_model.lm_head.weight")
        #expect(plan.tensors.count == Self.llava(seed: 1).tensors.count)
    }

    @Test("is stacked, and the config counts its layers")
    func stacks() throws {
        let planning = try plan(
            "out: {slice: v}, eyes: {stack: [\"v[0:2]\", \"w[4:6]\", \"w[5]\"]}",
            "{modules: {vision_tower: eyes}}"
        )
        let plan = try #require(planning.plan, "\(planning.drawn)")
        let names = plan.tensors.map(\.spec.name).filter { $0.hasSuffix("mlp.fc2.weight") }
        #expect(names == (0..<5).map { "\(Self.prefix).\($0).mlp.fc2.weight" })
        #expect(try making(names[3], in: plan) == "w:\(Self.prefix).5.mlp.fc2.weight")
        let config = try #require(planning.configObject)
        #expect(config["vision_config"] == ["num_hidden_layers": 5, "depth": 5, "hidden_size": 4])
        #expect(config[["text_config", "num_hidden_layers"]] == 6)
    }

    @Test("flat, gives the plan that it gave")
    func flat() throws {
        try Bench.with(models: ["v": Self.llava(seed: 1), "w": Self.llava(seed: 2)]) { bench in
            let text = try bench.settle(
                """
                slicegraph: 1
                inputs: {v: @v, w: @w}
                graph: {out: {slice: "v[-3:]"}, eyes: {stack: [out, "w[-2:]"]}}
                output: {modules: {vision_tower: eyes}}
                """
            )
            var planner = try bench.planner(text)
            let flat = try #require(planner.flatten().graph)
            var second = try bench.planner(RecipePrinter.print(flat))
            let (plan, again) = (planner.plan().plan, second.plan().plan)
            #expect(plan != nil && plan?.tensors == again?.tensors)
        }
    }

    @Test(
        "is refused where one config cannot say what it is",
        arguments: [
            ("{modules: {eyes: w}}", "no-such-module", "it has: vision_tower, multi_modal_projector"),
            ("{modules: {vision_tower: \"v[0:7]\"}}", "range-outside", "end at 6"),
            ("{modules: {vision_tower: \"v[0:5]\"}}", "module-reference-lost", "accept: [vision_feature_layer]"),
        ]
    )
    func refusals(output: String, code: String, fix: String) throws {
        let planning = try plan("out: {stack: [v]}, other: {slice: w}", output) {
            $0.config["vision_feature_layer"] = [2, -1]
        }
        #expect(planning.plan == nil)
        let said = planning.diagnostics.filter { $0.code == code }
        #expect(said.contains { $0.fix?.hint.contains(fix) ?? false }, "\(planning.drawn)")
    }

    @Test("of another shape, or with other settings, is not put in")
    func misfits() throws {
        let shape = try plan("out: {slice: v}", "{modules: {vision_tower: w}}") { model in
            for index in model.tensors.indices where model.tensors[index].name.hasSuffix("fc1.weight") {
                model.tensors[index].shape = [5, 4]
            }
        }
        #expect(shape.codes.contains("module-does-not-fit"), "\(shape.drawn)")
        let settings = try plan("out: {slice: v}", "{modules: {vision_tower: w}}") { model in
            model.config["vision_config"] = [
                "num_hidden_layers": 6, "depth": 6, "hidden_size": 4, "hidden_act": "relu",
            ]
        }
        #expect(settings.plan != nil, "what one config leaves to its class is not held against the other")
        let other = try plan("out: {slice: v}", "{modules: {vision_tower: w}}") { model in
            model.config["vision_config"] = ["num_hidden_layers": 6, "depth": 6, "hidden_size": 8]
        }
        #expect(other.codes.contains("settings-differ"), "\(other.drawn)")
    }
}
