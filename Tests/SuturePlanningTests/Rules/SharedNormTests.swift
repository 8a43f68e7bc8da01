import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SutureTestSupport
import Testing

@Suite("One norm before both halves of a parallel block")
struct SharedNormTests {
    /// Cohere's shape: no norm between attention and the MLP.
    static func parallel(seed: Int) -> TinyCheckpoint {
        var model = TinyCheckpoint.llama(layers: 4, isTied: true, seed: seed)
        model.config["model_type"] = "cohere"
        model.config["architectures"] = ["CohereForCausalLM"]
        model.tensors.removeAll { $0.name.contains("post_attention_layernorm") }
        return model
    }

    static let models = ["a": parallel(seed: 1), "b": parallel(seed: 2)]

    static func splice(_ selector: String) throws -> Planning {
        try planning(
            "slicegraph: 1\ninputs: {a: @a, b: @b}\ngraph: {out: {splice: {onto: b, take: [{where: \(selector), from: a}]}}}",
            models: models
        )
    }

    @Test("is told where halves of two models meet, with the one that it is taken from")
    func told() throws {
        for (selector, owner) in [
            ("attn.*", "b"), ("[attn.*, norm.shared]", "a"), ("[attn.*, norm.attn]", "a"), ("[mlp.*, norm.mlp]", "a"),
        ] {
            let planning = try Self.splice(selector)
            let said = try #require(planning.diagnostics.first { $0.code == "shared-norm" })
            #expect(said.severity == .warning)
            #expect(said.message.contains("in 4 layers one norm feeds attention"))
            #expect(said.message.hasSuffix("it is that of '\(owner)'"), "\(said.message)")
            #expect(!planning.diagnostics.contains { $0.code == "matches-nothing" }, "\(planning.drawn)")
            #expect(planning.plan != nil)
        }
    }

    @Test("is taken by its own name alone")
    func selected() throws {
        try Self.splice("norm.shared").expectPage(
            """
            0-3 b[0:4] with norm.shared of a[0:4]
            embed b, norm b, head b, config b, tokenizer b
            34 BF16
            model.embed_tokens = b
            0-3  b[0:4]; input_layernorm: a[0:4]
            model.norm = b
            """
        )
    }

    @Test("is not spoken of where whole layers are taken")
    func whole() throws {
        let planning = try planning(
            "slicegraph: 1\ninputs: {a: @a, b: @b}\ngraph: {out: {stack: [\"a[0:2]\", \"b[2:4]\"]}}",
            models: Self.models
        )
        #expect(planning.plan != nil)
        #expect(!planning.diagnostics.contains { $0.code == "shared-norm" })
    }
}
