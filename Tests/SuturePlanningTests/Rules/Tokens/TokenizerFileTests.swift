import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SuturePlanning
import SutureTensors
import SutureTestSupport
import Testing

/// Tokenizers that do not load, or that give numbers nobody meant: what tokenizers 0.23.3 does with each was seen.
@Suite("A tokenizer's file")
struct TokenizerFileTests {
    /// A model with a tokenizer of byte pairs.
    static func model(
        _ vocabulary: JSONObject,
        merges: JSONValue = [],
        added: [(String, Int)] = [],
        rows: Int = 32,
        seed: Int = 0,
        model settings: JSONObject = [:],
        end: String? = nil
    ) -> TinyCheckpoint {
        var model = TinyCheckpoint.llama(layers: 2, vocabulary: rows, seed: seed)
        var pairs: JSONObject = ["type": "BPE", "vocab": .object(vocabulary), "merges": merges]
        for member in settings.members { pairs[member.key] = member.value }
        let list = added.map { JSONValue.object(["id": .int($0.1), "content": .string($0.0), "special": true]) }
        let file: JSONObject = ["version": "1.0", "added_tokens": .array(list), "model": .object(pairs)]
        model.companions = [("tokenizer.json", JSONPrinter.print(.object(file)))]
        if let end {
            model.companions.append(("tokenizer_config.json", #"{"eos_token": "\#(end)"}"#))
        }
        return model
    }

    private func plan(_ model: TinyCheckpoint, accept: String = "[]") throws -> Planning {
        try planning(
            "slicegraph: 1\ninputs: {m: @m}\ngraph: {out: {slice: \"m[0:2]\"}}\noutput: {accept: \(accept)}",
            models: ["m": model]
        )
    }

    static let broken: [(model: TinyCheckpoint, words: String)] = [
        (model(["a": 0, "c": 2, "ab": 3], merges: ["a b"]), #"the merge "a b" needs "b""#),
        (model(["a": 0, "b": 1], merges: [["a", "b"]]), #"needs "ab", which is not in the vocabulary"#),
        // The library looks for merged tokens before it adds any.
        (model(["a": 0, "b": 1], merges: [["a", "b"]], added: [("ab", 2)]), #"needs "ab""#),
        (
            model(
                ["a": 0, "##b": 1, "a##b": 2],
                merges: [["a", "##b"]],
                model: ["continuing_subword_prefix": "##"]
            ), #"needs "ab""#
        ),
        (model(["a": 0, "b": 0]), #""a" and "b" both get the number 0"#),
        (model(["a": 0, "b": 1, "z": 3], added: [("<x>", 3)]), #""z" and "<x>" both get the number 3"#),
        // Added tokens are numbered from the number of pieces on, whatever the file says.
        (model(["a": 0, "b": 1, "z": 3], added: [("<x>", 4)]), "both get the number 3"),
        (model(["a": -1]), "none that a token can have"),
        (model([:], model: ["type": "Unigram", "unk_id": 5, "vocab": [["a", 0.0]]]), "unk_id is 5"),
    ]

    @Test("that does not load or gives a number twice stops the plan, unless it is accepted", arguments: broken)
    func stops(_ case: (model: TinyCheckpoint, words: String)) throws {
        let planning = try plan(`case`.model)
        let said = try #require(planning.diagnostics.first { $0.code == "tokenizer-broken" }, "\(planning.drawn)")
        #expect(said.severity == .error)
        #expect(said.message.contains(`case`.words), "\(said.message)")
        #expect(planning.plan == nil)
        #expect(try plan(`case`.model, accept: "[tokenizer]").plan != nil)
    }

    @Test("that is read otherwise than it says is told of")
    func otherNumber() throws {
        let planning = try plan(Self.model(["a": 0, "b": 1], added: [("<x>", 9)]))
        let said = try #require(planning.diagnostics.first { $0.code == "tokenizer-broken" }, "\(planning.drawn)")
        #expect(said.severity == .warning)
        #expect(said.message.contains(#""<x>" is 9 in the file, the library that reads it makes it 2"#))
        #expect(planning.plan != nil)
    }

    @Test(
        "that is sound passes without a word",
        arguments: [
            model(["a": 0, "b": 1, "ab": 2], merges: ["a b"], added: [("<x>", 3)]),
            model(["a": 0, "b": 1, "z": 30]),
            model(["<x>": 0, "b": 1], added: [("<x>", 0), ("<y>", 2)]),
            model(["a": 0, "##b": 1, "ab": 2], merges: [["a", "##b"]], model: ["continuing_subword_prefix": "##"]),
            // One letter in two spellings is two tokens.
            model(["\u{e9}": 0, "e\u{301}": 1]),
        ]
    )
    func sound(_ model: TinyCheckpoint) throws {
        let planning = try plan(model)
        #expect(!planning.codes.contains("tokenizer-broken"), "\(planning.drawn)")
        #expect(planning.plan != nil)
    }

    @Test("with more tokens than there are rows stops the plan; a single mark beyond them is told of")
    func rows() throws {
        let trained = try plan(Self.model(["a": 0, "z": 32]))
        #expect(trained.diagnostics.contains { $0.code == "tokens-without-rows" && $0.severity == .error })
        #expect(trained.plan == nil)
        let pieces = JSONObject((0..<32).map { JSONObject.Member("t\($0)", .int($0)) })
        let marked = try plan(Self.model(pieces, added: [("<image>", 32)]))
        #expect(marked.diagnostics.contains { $0.code == "tokens-without-rows" && $0.severity == .warning })
        #expect(marked.plan != nil)
    }

    @Test("that is missing is told of, and that its tokens could not be compared")
    func missing() throws {
        let none = TinyCheckpoint.llama(layers: 2, seed: 3)
        #expect(try plan(none).codes.contains("no-tokenizer"))
        let planning = try planning(
            #"""
            slicegraph: 1
            inputs: {a: @a, b: @b}
            graph: {out: {stack: ["a[0:1]", "b[1:2]"]}}
            """#,
            models: ["a": Self.model(["a": 0]), "b": none]
        )
        let said = try #require(planning.diagnostics.first { $0.code == "tokens-not-compared" }, "\(planning.drawn)")
        #expect(said.severity == .warning)
        #expect(said.message == "the tokens of 'a' and 'b' could not be compared: 'b' has no tokenizer files")
    }

    // MARK: - Rows of several models

    private static let pieces = JSONObject((0..<30).map { JSONObject.Member("t\($0)", .int($0)) })
    private static let models = [
        "plain": model(pieces, rows: 30), "chat": model(pieces, added: [("<a>", 30), ("<b>", 31)], rows: 32, seed: 1),
        "tools": model(pieces, added: [("<b>", 30), ("<c>", 31), ("<d>", 32)], rows: 33, seed: 2),
        "padded": model(pieces, added: [("<b>", 30)], rows: 32, seed: 3),
    ]

    private func blend(_ inputs: String, tokenizer: String = "") throws -> Planning {
        try planning(
            """
            slicegraph: 1
            inputs: {plain: @plain, chat: @chat, tools: @tools, padded: @padded}
            graph: {out: {blend: {method: linear, inputs: [\(inputs)], params: {weight: 1}}}}
            output: {accept: [vocab_size]\(tokenizer)}
            """,
            models: Self.models
        )
    }

    private func rows(_ planning: Planning) -> [Int?] {
        ["model.embed_tokens.weight", "lm_head.weight"].map { name in
            planning.plan?.tensors.first { $0.spec.name == name }?.spec.shape.dimensions.first
        }
    }

    @Test("decides the rows where it is chosen: those of other models' tokens are left out")
    func chosen() throws {
        let planning = try blend("chat, plain, tools", tokenizer: ", tokenizer: plain")
        #expect(rows(planning) == [30, 30], "\(planning.drawn)")
        #expect(planning.config("vocab_size") == "vocab_size 30")
        #expect(!planning.codes.contains("tokens-differ"))
    }

    @Test(
        "keeps rows of different tokens apart",
        arguments: ["chat, tools", "chat, padded"]
    )
    func apart(inputs: String) throws {
        let planning = try blend(inputs)
        let said = try #require(planning.diagnostics.first { $0.code == "tokens-differ" }, "\(planning.drawn)")
        #expect(said.severity == .error)
        #expect(planning.plan == nil)
    }

    @Test("may be longer than the embedding that is written, whose rows then follow it: what it lacks is told")
    func longer() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {plain: @plain, tools: @tools}
            graph: {out: {slice: plain}}
            output: {tokenizer: tools}
            """,
            models: Self.models
        )
        #expect(rows(planning) == [33, 33], "\(planning.drawn)")
        #expect(planning.diagnostics.contains { $0.code == "rows-of-zeros" && $0.severity == .warning })
    }

    // MARK: - Ends of texts

    private func generation(_ text: String, end: Int = 1, token: String? = nil) throws -> Planning {
        var model = Self.model(["a": 0, "</s>": 1, "<x>": 2], end: token)
        model.config["eos_token_id"] = .int(end)
        model.companions.append(("generation_config.json", text))
        return try plan(model)
    }

    @Test("has its end token written into generation_config.json, without which transformers never stops")
    func end() throws {
        let planning = try generation(#"{"do_sample": true}"#)
        let plan = try #require(planning.plan, "\(planning.drawn)")
        let document = plan.documents.first { $0.name == "generation_config.json" }
        #expect(document?.text == "{\n  \"do_sample\": true,\n  \"eos_token_id\": 1\n}\n")
        #expect(planning.codes.contains("eos-written"))
        #expect(!plan.companions.contains { $0.name == "generation_config.json" })
    }

    @Test("is told of where files disagree about the end")
    func ends() throws {
        #expect(try generation(#"{"eos_token_id": null}"#).codes.contains("eos-switched-off"))
        #expect(try generation(#"{"eos_token_id": [2]}"#).codes.contains("eos-differs"))
        #expect(
            try generation(#"{"eos_token_id": [2, 1]}"#, token: "</s>").codes.filter { $0 != "no-tokenizer" }.isEmpty
        )
        #expect(try generation(#"{"eos_token_id": 1}"#, token: "<x>").codes.contains("special-token-differs"))
    }

    // MARK: - Dtypes

    @Test("apart, a config without dtype is given the one that most weights have, where they differ")
    func dtype() throws {
        var model = TinyCheckpoint.llama(layers: 2, dtype: .float32)
        model.config["torch_dtype"] = nil
        #expect(try plan(model).configObject?["torch_dtype"] == nil)
        model.tensors[0].dtype = .bfloat16
        let planning = try plan(model)
        #expect(planning.configObject?["torch_dtype"] == "float32")
        #expect(planning.codes.contains("dtype-written"))
        model.config["dtype"] = "bfloat16"
        model.config["torch_dtype"] = "float32"
        #expect(try plan(model).configObject?["torch_dtype"] == "bfloat16")
    }
}
