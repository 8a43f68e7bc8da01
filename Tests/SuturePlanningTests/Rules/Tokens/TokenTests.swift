import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SuturePlanning
import SutureTensors
import SutureTestSupport
import Testing

/// Models whose numbers stand for different tokens, brought together.
@Suite("Tokens")
struct TokenTests {
    /// A llama with a tokenizer; its embedding has more rows than there are tokens.
    private static func model(
        _ tokens: [String],
        end: String = "</s>",
        template: String? = "{{ a }}",
        rows: Int = 32
    ) -> TinyCheckpoint {
        var model = TinyCheckpoint.llama(layers: 4, vocabulary: rows)
        let vocabulary = JSONObject(tokens.enumerated().map { JSONObject.Member($1, .int($0)) })
        let tokenizer: JSONObject = ["model": ["type": "BPE", "vocab": .object(vocabulary)], "added_tokens": []]
        var settings: JSONObject = ["eos_token": .string(end)]
        if let template { settings["chat_template"] = .string(template) }
        model.companions = [
            ("tokenizer.json", JSONPrinter.print(.object(tokenizer))),
            ("tokenizer_config.json", JSONPrinter.print(.object(settings))),
        ]
        return model
    }

    private static let models = [
        "a": model(["<s>", "</s>", "hello", "world", "zebra"]),
        "b": model(["<s>", "</s>", "hello", "welt"], end: "<|im_end|>", template: nil, rows: 40),
    ]

    private static let facts = [
        "5 tokens in 'a', 4 in 'b'",
        #"the first that differs is 3: "world" in 'a', "welt" in 'b'"#,
        "32 rows (27 of padding) in 'a', 40 rows (36 of padding) in 'b'",
        #"eos_token is "</s>" in 'a', "<|im_end|>" in 'b'"#,
        "'b' has no chat template",
    ]

    @Test(
        "that differ are told apart by size, padding, first number, offices and template, where they are asked for",
        arguments: [
            (#"out: {stack: ["a[0:2]", "b[2:4]"]}"#, "{accept: [vocab_size]}", 3, Diagnostic.Severity.error),
            (
                "out: {blend: {method: slerp, inputs: [a, b], params: {t: 0.5}}}", "{accept: [vocab_size]}", 3, .error
            ),
            (#"out: {stack: ["a[0:2]", "b[2:4]"]}"#, "{ends: {head: a, norm: a}, accept: [vocab_size]}", 3, .warning),
            (#"out: {stack: ["a[0:2]", "b[2:4]"]}"#, "{accept: [vocab_size, vocabulary]}", 3, .note),
        ]
    )
    func differ(graph: String, output: String, line: Int, severity: Diagnostic.Severity) throws {
        let planning = try planning(
            "slicegraph: 1\ninputs: {a: @a, b: @b}\ngraph: {\(graph)}\noutput: \(output)",
            models: Self.models
        )
        let said = try #require(planning.diagnostics.first { $0.code == "tokens-differ" }, "\(planning.drawn)")
        #expect(said.severity == severity)
        #expect(said.notes.map(\.message) == Self.facts)
        #expect(said.range?.start.line == line, "\(planning.drawn)")
        if severity == .error { #expect(said.fix?.hint.contains("{ends: {embed: a, head: a}}") == true) }
    }

    @Test("travel with the embedding: rows are kept with padding, and counted in the config", arguments: ["a", "b"])
    func travel(embed: String) throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {a: @a, b: @b}
            graph: {out: {stack: ["a[0:2]", "b[2:4]"]}}
            output: {ends: {embed: \(embed), head: \(embed)}, accept: [vocab_size, vocabulary]}
            """,
            models: Self.models
        )
        let plan = try #require(planning.plan, "\(planning.drawn)")
        let rows = embed == "a" ? 32 : 40
        #expect(planning.config("vocab_size") == "vocab_size \(rows)")
        for name in ["model.embed_tokens.weight", "lm_head.weight"] {
            #expect(plan.tensors.first { $0.spec.name == name }?.spec.shape.dimensions[0] == rows)
        }
        #expect(plan.companions.map(\.name) == ["tokenizer.json", "tokenizer_config.json"])
        #expect(plan.companions.allSatisfy { $0.path.contains("/\(embed)/") })
        #expect(plan.donors.last { $0.part == "tokenizer" }?.source == embed)
    }
}
