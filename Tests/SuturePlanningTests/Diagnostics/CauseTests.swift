import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SuturePlanning
import SutureTensors
import SutureTestSupport
import Testing

@Suite("What has one cause")
struct CauseTests {
    private static let blend = """
        slicegraph: 1
        inputs: {a: @a, b: @b}
        graph: {out: {blend: {method: slerp, inputs: [a, b], params: {t: 0.5}}}}
        """

    /// A model of another family, whose layers have norms that llama's have not.
    private static var qwen3: TinyCheckpoint {
        var model = TinyCheckpoint.llama(layers: 4, seed: 2)
        model.config["model_type"] = "qwen3"
        model.config["architectures"] = ["Qwen3ForCausalLM"]
        for layer in 0..<4 {
            for norm in ["q_norm", "k_norm"] {
                model.tensors.append(("model.layers.\(layer).self_attn.\(norm).weight", .bfloat16, [4]))
            }
        }
        return model
    }

    @Test("is told once by the family, where models of two are blended")
    func families() throws {
        let planning = try planning(Self.blend, models: ["b": Self.qwen3])
        let errors = planning.diagnostics.filter { $0.severity == .error }
        #expect(errors.count == 1, "\(planning.drawn)")
        #expect(errors.first?.message == "model_type is llama in 'a' and qwen3 in 'b'", "\(planning.drawn)")
    }

    @Test("is told once by each size, where models of two are blended")
    func sizes() throws {
        let planning = try planning(Self.blend, models: ["b": .llama(layers: 4, hidden: 16, heads: 4, mlp: 32)])
        let errors = planning.diagnostics.filter { $0.severity == .error }
        #expect(Set(errors.map(\.code)) == ["shape-mismatch"], "\(planning.drawn)")
        #expect(errors.count { $0.message.contains("hidden_size is 8 in 'a' and 16 in 'b'") } == 1, "\(planning.drawn)")
    }

    @Test("is told once with a count, where every layer lacks a tensor")
    func tensors() throws {
        var more = TinyCheckpoint.llama(layers: 4, seed: 2)
        for layer in 0..<4 {
            more.tensors.append(("model.layers.\(layer).self_attn.q_proj.bias", .bfloat16, [8]))
            more.tensors.append(("model.layers.\(layer).self_attn.k_proj.bias", .bfloat16, [4]))
        }
        let planning = try planning(Self.blend, models: ["b": more])
        let errors = planning.diagnostics.filter { $0.severity == .error }
        #expect(errors.count == 1 && errors[0].message.hasSuffix("(and 7 more alike)"), "\(planning.drawn)")
    }

    @Test("is told apart where facts differ")
    func facts() {
        func shape(_ name: String, _ shape: String) -> Diagnostic {
            Diagnostic(code: "x", "'\(name)' is \(shape)", at: nil as SourceRange?)
        }
        let told = [
            shape("a.layers.0.up.weight", "[1]"), shape("a.layers.1.up.weight", "[2]"),
            shape("a.layers.2.up.weight", "[1]"), shape("model", "[1]"), shape("other", "[1]"),
        ].grouped()
        #expect(
            told.map(\.message) == [
                "'a.layers.0.up.weight' is [1] (and 1 more alike)", "'a.layers.1.up.weight' is [2]", "'model' is [1]",
                "'other' is [1]",
            ]
        )
    }
}

@Suite("Advice")
struct DialectAdviceTests {
    private static func theta(_ theta: String) -> TinyCheckpoint {
        var model = TinyCheckpoint.llama(layers: 4, seed: 2)
        model.config["rope_theta"] = .number(theta)
        return model
    }

    private static let mergekit = """
        merge_method: linear
        models: [{model: @a}, {model: @b}]
        parameters: {weight: 1}
        """

    @Test("on a mergekit file names the option that it can be followed with, and that option is taken")
    func accept() throws {
        let models = ["a": Self.theta("10000.0"), "b": Self.theta("500000.0")]
        let refused = try planning(Self.mergekit, models: models)
        let hints = refused.diagnostics.filter { $0.severity > .note }.compactMap(\.fix?.hint)
        #expect(hints.contains { $0.contains("--accept rope_theta") }, "\(refused.drawn)")
        #expect(!hints.contains { $0.contains("output: {accept") }, "\(refused.drawn)")
        var options = PlanningOptions()
        options.accepted = ["rope_theta"]
        let taken = try planning(Self.mergekit, models: models, options: options)
        #expect(taken.plan?.recipe.given.accepted == ["rope_theta"], "\(taken.drawn)")
        #expect(!taken.diagnostics.contains { $0.severity > .note }, "\(taken.drawn)")
    }

    @Test("on a native recipe is the recipe's own words, and the command line's are taken too")
    func native() throws {
        let models = ["a": Self.theta("10000.0"), "b": Self.theta("500000.0")]
        let recipe = "slicegraph: 1\ninputs: {a: @a, b: @b}\ngraph: {out: {stack: [\"a[0:2]\", \"b[2:4]\"]}}"
        let refused = try planning(recipe, models: models)
        #expect(refused.diagnostics.contains { $0.fix?.hint.contains("output: {accept: [rope_theta]}") ?? false })
        var options = PlanningOptions()
        options.accepted = ["rope_theta"]
        #expect(try planning(recipe, models: models, options: options).plan != nil)
    }
}
