import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SuturePlanning
import SutureTensors
import SutureTestSupport
import Testing

/// Gemma 3n and Gemma 4 let their last layers read keys and values of an earlier one.
///
/// Older files store some for those layers all the same.
@Suite("Keys and values that no layer reads")
struct UnreadTensorsTests {
    /// Six layers, the last three of which read the keys and values of layers 1 and 2.
    static func gemma(storesAll: Bool, seed: Int) -> TinyCheckpoint {
        var model = TinyCheckpoint.llama(layers: 6, isTied: true, seed: seed)
        let kinds: [JSONValue] = ["sliding_attention", "sliding_attention", "full_attention"]
        model.config["model_type"] = "gemma4_text"
        model.config["architectures"] = ["Gemma4ForCausalLM"]
        model.config["layer_types"] = .array(kinds + kinds)
        model.config["num_kv_shared_layers"] = 3
        if !storesAll {
            model.tensors.removeAll { tensor in
                (3..<6).contains { tensor.name.hasPrefix("model.layers.\($0).self_attn.k_proj") }
                    || (3..<6).contains { tensor.name.hasPrefix("model.layers.\($0).self_attn.v_proj") }
            }
        }
        return model
    }

    static let models = ["old": gemma(storesAll: true, seed: 1), "new": gemma(storesAll: false, seed: 2)]

    static let recipes = [
        "{blend: {method: linear, inputs: [{from: old, weight: 0.5}, {from: new, weight: 0.5}]}}",
        "{blend: {method: linear, inputs: [{from: new, weight: 0.5}, {from: old, weight: 0.5}]}}",
        "{splice: {onto: old, take: [{where: 'mlp.*', from: new}]}}",
        "{splice: {onto: new, take: [{where: ['attn.*', norm.attn], from: old}]}}",
        "{splice: {onto: old, take: [{where: ['attn.*', norm.attn], from: new}]}}",
        "{splice: {onto: new, take: [{where: ['mlp.*', norm.mlp], from: old, blend: {method: lerp, params: {t: 0.3}}}]}}",
    ]

    @Test("are left out, and the plan says so, where one model stores them and another does not", arguments: recipes)
    func together(operation: String) throws {
        let recipe =
            "slicegraph: 1\ninputs: {old: @old, new: @new}\ngraph: {out: \(operation)}\noutput: {accept: [missing-tensors]}"
        let planned = try planning(recipe, models: Self.models)
        let plan = try #require(planned.plan, "\(planned.drawn)")
        #expect(!plan.tensors.contains { $0.spec.name.contains("layers.4.self_attn.k_proj") })
        #expect(plan.tensors.contains { $0.spec.name.contains("layers.2.self_attn.k_proj") })
        let note = try #require(planned.diagnostics.first { $0.code == "unread-dropped" })
        #expect(note.message.contains("6 tensors of 'old'") && note.message.contains("'new' does not store"))
        let account = try #require(plan.accounts.first { $0.fate.hasPrefix("read by no program") })
        #expect(account.tensorCount == 6 && account.source == "old")
    }

    @Test("do not make layers of two models unlike each other in a stack")
    func stack() throws {
        // The last layer that stores keys and values of each kind must be the one that the tail was trained with.
        let recipe = """
            slicegraph: 1
            inputs: {old: @old, new: @new}
            graph: {out: {stack: ["new[0:1]", "old[1:6]"]}}
            output: {config: new, accept: [missing-tensors]}
            """
        let planned = try planning(recipe, models: Self.models)
        #expect(planned.plan != nil, "\(planned.drawn)")
    }

    @Test("are carried along where all models store them", arguments: ["old", "twin"])
    func kept(other: String) throws {
        var models = Self.models
        models["twin"] = Self.gemma(storesAll: true, seed: 3)
        let recipe =
            "slicegraph: 1\ninputs: {old: @old, b: @\(other)}\ngraph: {out: {slice: old}}\noutput: {accept: [missing-tensors]}"
        let planned = try planning(recipe, models: models)
        let plan = try #require(planned.plan, "\(planned.drawn)")
        #expect(plan.tensors.contains { $0.spec.name.contains("layers.4.self_attn.k_proj") })
    }

    @Test("and what a quantizer left beside plain weights are left out where another model has none")
    func leftovers() throws {
        var left = TinyCheckpoint.llama(layers: 4, seed: 5)
        left.tensors.append(("model.layers.1.mlp.up_proj.SCB", .float32, [16]))
        let blend = "{blend: {method: slerp, inputs: [a, b], params: {t: 0.5}}}"
        let recipe = "slicegraph: 1\ninputs: {a: @a, b: @b}\ngraph: {out: \(blend)}"
        let planned = try planning(recipe, models: ["b": left])
        #expect(planned.plan != nil && planned.codes.contains("unread-dropped"), "\(planned.drawn)")
    }
}
