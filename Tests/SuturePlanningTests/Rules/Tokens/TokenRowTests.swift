import SutureCheckpoints
import SutureJSON
import SuturePlanning
import SutureRecipes
import SutureTestSupport
import Testing

@Suite("Wishes for single rows of the embedding")
struct TokenRowTests {
    /// Two models of one vocabulary, with tokens `a` to `d` in 32 rows.
    private static let models: [String: TinyCheckpoint] = ["a": 1, "b": 2].mapValues { seed in
        var model = TinyCheckpoint.llama(layers: 4, seed: seed)
        model.companions = [
            (
                "tokenizer.json",
                """
                {"added_tokens": [{"id": 3, "content": "d"}],
                 "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "c": 2}, "merges": []}}
                """
            )
        ]
        return model
    }

    private func blend(_ tokenizer: String) -> String {
        """
        merge_method: linear
        models: [{model: @a}, {model: @b}]
        base_model: @a
        parameters: {weight: 1}
        tokenizer: \(tokenizer)
        """
    }

    @Test(
        "are met where the row is so already",
        arguments: [
            "{source: base, pad_to_multiple_of: 8}", "{source: base, tokens: {d: {source: @b}}}",
            "{source: union, tokens: {d: {force: false}}}",
            "{tokens: {d: {source: {kind: zero}}}}",
        ]
    )
    func met(tokenizer: String) throws {
        let planning = try planning(blend(tokenizer), models: Self.models)
        #expect(planning.plan != nil, "\(planning.drawn)")
        // What is said of a union is said of a union only.
        #expect(planning.codes.contains("union-is-any") == !tokenizer.contains("base"), "\(planning.drawn)")
    }

    @Test("are met by a stack whose rows all come from the model that is named")
    func metByOneModel() throws {
        let stack = { (owner: String) in
            """
            merge_method: passthrough
            slices: [{sources: [{model: @a, layer_range: [0, 2]}]}, {sources: [{model: @a, layer_range: [2, 4]}]}]
            tokenizer: {source: base, tokens: {d: {source: @\(owner), force: true}}}
            """
        }
        #expect(try planning(stack("a"), models: Self.models).plan != nil)
        #expect(try planning(stack("b"), models: Self.models).codes.contains("unknown-input"))
    }

    @Test(
        "are refused in place where they are not",
        arguments: [
            ("{source: base, pad_to_multiple_of: «5»}", "has 32 rows, no multiple of 5"),
            ("{source: base, tokens: {«d»: {source: @b, force: true}}}", "the row of 'd' is to be that of 'b'"),
            ("{source: base, tokens: {«d»: {force: true}}}", "the row of 'd' is to be the base model's"),
            (
                "{source: base, tokens: {«d»: {source: {kind: zero}, force: true}}}",
                "the row of 'd' is to be zeros, and every model has that token"
            ),
            (
                "{source: base, tokens: {«d»: {source: {kind: model_token, model: @b, token: a}, force: true}}}",
                "the row of 'd' is to be that of 'a' in 'b'"
            ),
            (
                "{source: base, tokens: {«d»: {source: {kind: model_token, model: @b, token_id: 2}, force: true}}}",
                "the row of 'd' is to be row 2 of 'b'"
            ),
        ]
    )
    func refused(tokenizer: String, message: String) throws {
        let plan = MarkedPlan(
            "tokenizer-unsupported",
            blend(tokenizer),
            message: message,
            fix: "leave",
            models: Self.models
        )
        try plan.check()
    }

    @Test("are refused for tokens that nobody has")
    func unknownToken() throws {
        let plan = MarkedPlan(
            "unknown-token",
            blend("{source: base, tokens: {«dd»: {source: @b}}}"),
            message: "'b' has no token 'dd'",
            fix: "did you mean 'd'?",
            models: Self.models
        )
        try plan.check()
    }

    @Test("are refused where no file says which tokens a model has")
    func noVocabulary() throws {
        let plan = MarkedPlan(
            "tokenizer-unsupported",
            blend("{source: base, tokens: {«d»: {source: @b}}}"),
            message: "whether 'b' has a token 'd' is not known",
            fix: "tokenizer.json"
        )
        try plan.check()
    }

    @Test("are kept in the flat form of a recipe")
    func flattened() throws {
        try Bench.with(models: Self.models) { bench in
            let text = try bench.settle(blend("{source: base, tokens: {d: {source: @b}}, pad_to_multiple_of: 8}"))
            var planner = try bench.planner(text)
            let flat = try #require(planner.flatten().graph.map(RecipePrinter.print))
            #expect(
                flat.contains(
                    "tokenizer:\n    source: base\n    tokens:\n      d: {source: b}\n    pad_to_multiple_of: 8\n"
                ),
                "\(flat)"
            )
            var again = try bench.planner(flat)
            #expect(again.flatten().graph.map(RecipePrinter.print) == flat)
        }
    }
}
