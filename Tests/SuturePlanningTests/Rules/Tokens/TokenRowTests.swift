import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SutureMergekit
import SutureMerging
import SuturePlanning
import SutureRecipes
import SutureTestSupport
import SutureTokenizers
import Testing

/// Rows are found by the texts of tokens, in each model's own tokenizer.
@Suite("Rows follow their tokens")
struct TokenRowTests {
    /// A llama whose tokenizer has pieces and, behind them, added tokens.
    static func model(
        _ pieces: [String] = ["a", "b", "c"],
        _ added: [String] = [],
        rows: Int? = nil,
        seed: Int = 0,
        end: String? = nil,
        template: String? = nil
    ) -> TinyCheckpoint {
        let vocabulary = JSONObject(pieces.enumerated().map { JSONObject.Member($1, .int($0)) })
        let list = added.enumerated().map { number, token in
            JSONValue.object(["id": .int(pieces.count + number), "content": .string(token), "special": true])
        }
        let tokenizer: JSONObject = [
            "added_tokens": .array(list), "model": ["type": "BPE", "vocab": .object(vocabulary), "merges": []],
        ]
        let count = pieces.count + added.count
        var model = TinyCheckpoint.llama(layers: 4, vocabulary: rows ?? count, seed: seed)
        var settings: JSONObject = [:]
        if let end {
            settings["eos_token"] = .string(end)
            model.config["eos_token_id"] = (pieces + added).firstIndex(of: end).map(JSONValue.int)
        }
        if let template { settings["chat_template"] = .string(template) }
        model.companions = [
            ("tokenizer.json", JSONPrinter.print(.object(tokenizer))),
            ("tokenizer_config.json", JSONPrinter.print(.object(settings))),
        ]
        return model
    }

    /// Of one text; `chat` and `tools` give `<e>` other numbers.
    static let models = [
        "base": model(rows: 8),
        "chat": model(["a", "b", "c"], ["<i>", "<e>"], seed: 1, end: "<e>", template: "{{ '<i>' }}<|x|>"),
        "tools": model(["a", "b", "c"], ["<e>", "<t>"], seed: 2),
        "twin": model(rows: 8, seed: 3),
        "other": model(["a", "z", "b"], seed: 4),
    ]

    private func merge(_ models: String, _ tokenizer: String, method: String = "linear", base: String? = nil) -> String
    {
        """
        merge_method: \(method)
        models: [\(models.split(separator: " ").map { "{model: @\($0)}" }.joined(separator: ", "))]
        \(base.map { "base_model: @\($0)" } ?? "name: x")
        parameters: {weight: 1}
        tokenizer: \(tokenizer)
        """
    }

    private func plan(_ recipe: String, compatibility: MergeRelease? = nil) throws -> Planning {
        var options = PlanningOptions()
        options.compatibility = compatibility
        return try planning(recipe, models: Self.models, options: options)
    }

    private func tokens(_ planning: Planning) throws -> [String?] {
        let document = try #require(planning.plan?.documents.first { $0.name == "tokenizer.json" }, "\(planning.drawn)")
        return try #require(TokenVocabulary.read(Array(document.text.utf8), ofFile: document.name)).tokens
    }

    // MARK: - Whose tokens

    @Test("in a union: those of the first model as they are, then what the others have more, model by model")
    func union() throws {
        let planning = try plan(merge("base chat tools", "{source: union}"))
        #expect(try tokens(planning) == ["a", "b", "c", "<i>", "<e>", "<t>"])
        #expect(planning.config("vocab_size") == "vocab_size 6")
        for name in ["model.embed_tokens", "lm_head"] {
            let line = try #require(planning.page.split(separator: "\n").first { $0.hasPrefix("\(name) =") })
            #expect(line.contains("rows base[0:3], chat[3:4], mean(chat[4], tools[3]), tools[4:5]"), "\(line)")
            #expect(line.contains("rows chat[0:5], tools[4:5]"), "\(line)")
            #expect(line.contains("rows tools[0:3], chat[3:4], tools[3:5]"), "\(line)")
        }
        #expect(planning.codes.contains("vocabularies-united"))
    }

    @Test("of the base, whose rows stand in for those that another lacks")
    func base() throws {
        let planning = try plan(merge("base chat tools", "{source: base}", base: "chat"))
        #expect(planning.plan?.documents.contains { $0.name == "tokenizer.json" } == false)
        #expect(planning.page.contains("rows base[0:3], chat[3:5]"), "\(planning.page)")
        #expect(planning.page.contains("rows tools[0:3], chat[3:4], tools[3:4]"), "\(planning.page)")
        let first = try plan(merge("tools chat", "{source: base}"))
        #expect(first.codes.contains("base-is-first"))
        #expect(first.page.contains("rows chat[0:3], chat[4:5], tools[4:5]"), "\(first.page)")
    }

    @Test("of a model that is longer than the embedding of another, so that no token is without a row")
    func longer() throws {
        let planning = try plan(merge("base chat", "{source: @chat}"))
        #expect(planning.config("vocab_size") == "vocab_size 5")
        #expect(planning.page.contains("rows base[0:3], chat[3:5]"), "\(planning.page)")
    }

    @Test("of another text have rows, and no text is cut into them; with mergekit's numbers they are added tokens")
    func pieces() throws {
        let planning = try plan(merge("base other", "{source: union}", base: "base"))
        #expect(try tokens(planning) == ["a", "b", "c", "z"])
        #expect(planning.page.contains("rows other[0:1], other[2:3], base[2:3], other[1:2]"), "\(planning.page)")
        let text = { (planning: Planning) in planning.plan?.documents.first { $0.name == "tokenizer.json" }?.text ?? ""
        }
        #expect(!text(planning).contains(#""content":"z""#))
        #expect(planning.codes.contains("pieces-of-another"))
        let raw = try plan(merge("base other", "{source: union}", base: "base"), compatibility: Mergekit.newest)
        #expect(text(raw).contains(#""content":"z""#))
    }

    @Test(
        "that all models have alike leave every byte where it was, padding too",
        arguments: ["union", "base", "@twin"]
    )
    func alike(source: String) throws {
        for rules in ["", ", pad_to_multiple_of: 4", ", tokens: {b: {source: @twin}}"] {
            let planning = try plan(merge("base twin", "{source: \(source)\(rules)}", base: "base"))
            #expect(planning.config("vocab_size") == "vocab_size 8", "\(planning.drawn)")
            #expect(!planning.page.contains("rows"), "\(planning.page)")
        }
        let cut = try plan(merge("base twin", "{source: \(source)}", base: "base"), compatibility: Mergekit.newest)
        #expect(cut.config("vocab_size") == "vocab_size 3")
    }

    @Test("at the ends of a stack: the model of an end is asked, and zeros are told of")
    func stack() throws {
        let planning = try plan(
            """
            merge_method: passthrough
            slices: [{sources: [{model: @chat, layer_range: [0, 2]}]}, {sources: [{model: @tools, layer_range: [2, 4]}]}]
            tokenizer_source: union
            """
        )
        #expect(planning.page.contains("model.embed_tokens = rows chat[0:5], 1 of 0\n"), "\(planning.page)")
        #expect(planning.page.contains("lm_head = rows tools[0:3], 1 of 0, tools[3:5]"), "\(planning.page)")
        #expect(planning.diagnostics.count { $0.code == "rows-of-zeros" } == 2)
    }

    // MARK: - Rows of single tokens

    @Test(
        "but where the recipe has a row for a token: in models that lack it, or by force in all",
        arguments: [
            ("{<t>: {source: {kind: zero}}}", "rows base[0:3], chat[3:4], mean(chat[4], tools[3]), 1 of 0"),
            ("{a: {source: {kind: zero}, force: true}}", "rows 1 of 0, tools[1:3], chat[3:4], tools[3:5]"),
            ("{<e>: {source: @tools}}", "rows base[0:3], chat[3:4], tools[3:5]"),
            (
                "{b: {source: {kind: model_token, model: @chat, token: <i>}, force: true}}",
                "rows tools[0:1], chat[3:4], tools[2:3], chat[3:4], tools[3:5]"
            ),
            (
                "{<i>: {source: {kind: model_token, model: @base, token_id: 7}}}",
                "rows tools[0:3], base[7:8], tools[3:5]"
            ),
            ("{<new>: {source: {kind: zero}}}", "rows chat[0:5], tools[4:5], 1 of 0"),
        ]
    )
    func rules(tokens: String, rows: String) throws {
        let planning = try plan(merge("base chat tools", "{source: union, tokens: \(tokens)}"))
        #expect(planning.page.contains(rows), "\(planning.page)\n\(planning.drawn)")
        #expect(planning.codes.contains("token-added") == tokens.contains("<new>"))
    }

    @Test("and are padded by the mean of each model's own")
    func padding() throws {
        let planning = try plan(merge("base chat", "{source: union, pad_to_multiple_of: 4}"))
        #expect(planning.config("vocab_size") == "vocab_size 8")
        #expect(planning.page.contains("rows base[0:3], chat[3:5], 3 of padding"), "\(planning.page)")
        let native = try plan(
            """
            slicegraph: 1
            inputs: {base: @base, chat: @chat}
            graph: {out: {blend: {method: linear, inputs: [base, chat], params: {weight: 1}}}}
            output: {tokenizer: {source: union, base: base}}
            """
        )
        // Natively a model's padding is its own.
        #expect(native.page.contains("rows base[0:3], chat[3:5], base[5:8]"), "\(native.page)\(native.drawn)")
    }

    @Test(
        "and what cannot be had is refused in place",
        arguments: [
            ("{tokens: {b: {source: {kind: model_token, model: @chat, token: «<j>»}}}}", "no token '<j>'"),
            ("{tokens: {b: {source: {kind: model_token, model: @chat, token_id: «5»}}}}", "no row 5"),
            ("{tokens: {«<t>»: {source: @chat}}}", "'chat' has no token '<t>'"),
        ]
    )
    func unknown(tokenizer: String, message: String) throws {
        try MarkedPlan(
            "unknown-token",
            merge("base chat tools", tokenizer),
            message: message,
            fix: "",
            models: Self.models
        ).check()
    }

    @Test("and a token of two names, tokens without rows and files that cannot be read stop the plan")
    func refused() throws {
        let both = "{tokens: {b: {source: {kind: model_token, model: @chat, token: a, token_id: 1}}}}"
        #expect(try plan(merge("base chat", both)).codes.contains("two-tokens"))
        var models = Self.models
        models["tools"] = Self.model(["a", "b", "c"], ["<e>", "<t>"], rows: 4)
        let short = try planning(merge("base tools", "{source: union}"), models: models)
        #expect(short.diagnostics.contains { $0.code == "tokens-without-rows" && $0.severity == .error })
        models["tools"]?.companions = []
        let mute = try planning(merge("base tools", "{source: union}"), models: models)
        #expect(mute.codes.contains("tokenizer-unsupported") && mute.plan == nil, "\(mute.drawn)")
    }

    // MARK: - What follows

    @Test("and so do the numbers of tokens in the config")
    func offices() throws {
        let recipe = { (tokenizer: String) in
            """
            slicegraph: 1
            inputs: {chat: @chat, tools: @tools}
            graph: {out: {stack: ["chat[0:2]", "tools[2:4]"]}}
            output: {tokenizer: \(tokenizer), config: chat}
            """
        }
        #expect(try plan(recipe("tools")).config("eos_token_id") == "eos_token_id 3")
        #expect(try plan(recipe("{source: union, base: tools}")).config("eos_token_id") == "eos_token_id 3")
        let lost = try planning(
            recipe("tools"),
            models: Self.models.merging(["tools": Self.model()]) { $1 }
        )
        #expect(lost.codes.contains("special-token-lost"), "\(lost.drawn)")
    }

    @Test("and special tokens and the template may be another model's, whose tokens are looked for")
    func special() throws {
        let planning = try plan(
            """
            slicegraph: 1
            inputs: {base: @base, chat: @chat}
            graph: {out: {blend: {method: linear, inputs: [base, chat], params: {weight: 1}}}}
            output: {tokenizer: {source: union, base: base, special: chat}, chat_template: chat, config: base}
            """
        )
        let plan = try #require(planning.plan, "\(planning.drawn)")
        let settings = plan.documents.first { $0.name == "tokenizer_config.json" }?.text ?? ""
        #expect(settings.contains(#""eos_token": "<e>""#))
        #expect(plan.documents.first { $0.name == "chat_template.jinja" }?.text == "{{ '<i>' }}<|x|>")
        let said = try #require(planning.diagnostics.first { $0.code == "template-tokens" })
        #expect(said.message.contains("<|x|>") && !said.message.contains("<i>"))
    }

    @Test("and one row is explained by its token, all of them counted in the plan")
    func shown() throws {
        let planning = try plan(merge("base chat tools", "{source: union, pad_to_multiple_of: 8}"))
        let plan = try #require(planning.plan)
        #expect(
            PlanTable(plan).text.contains(
                "3 rows as they are, 1 from chat, 1 mean of 2, 1 from tools, 2 of padding"
            ),
            "\(PlanTable(plan).text)"
        )
        let text = try #require(Explanation(plan).text(of: "embed", token: "<e>"))
        #expect(text.hasPrefix("model.embed_tokens.weight  row 4 is that of <e>\n"), "\(text)")
        #expect(text.contains("row 4 of\n") && text.contains("row 3 of\n") && text.contains("the mean of\n"))
        #expect(Explanation(plan).text(of: "embed", token: "<none>") == nil)
    }

    @Test("and wishes for them are kept in the flat form of a recipe")
    func flattened() throws {
        try Bench.with(models: Self.models) { bench in
            let text = try bench.settle(
                merge(
                    "base chat",
                    "{source: base, tokens: {<i>: {source: @chat}}, pad_to_multiple_of: 8}",
                    base: "base"
                )
            )
            var planner = try bench.planner(text)
            let flat = try #require(planner.flatten().graph.map(RecipePrinter.print))
            #expect(
                flat.contains(
                    "tokenizer:\n    source: base\n    tokens:\n      \"<i>\": {source: chat}\n    pad_to_multiple_of: 8\n"
                ),
                "\(flat)"
            )
            var again = try bench.planner(flat)
            #expect(again.flatten().graph.map(RecipePrinter.print) == flat)
        }
    }
}
