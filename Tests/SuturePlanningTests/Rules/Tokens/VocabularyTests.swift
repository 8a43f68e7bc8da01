import SutureCheckpoints
import SutureJSON
import SutureMergekit
import SutureMerging
import SuturePlanning
import SutureTensors
import SutureTestSupport
import Testing

/// Embeddings and heads with different numbers of rows.
@Suite("Vocabularies")
struct VocabularyTests {
    static let models: [String: TinyCheckpoint] = [
        "a": .llama(layers: 2, vocabulary: 32, seed: 1), "big": .llama(layers: 2, vocabulary: 40, seed: 2),
    ]

    @Test("of different sizes are blended over the rows that all have, and the first model's other rows kept")
    func more() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {big: @big, a: @a}
            graph: {out: {blend: {method: slerp, inputs: [big, a], params: {t: 0.5}}}}
            output: {accept: [vocab_size]}
            """,
            models: Self.models
        )
        planning.expectPage(
            """
            0-1 slerp(big[0:2], a[0:2])
            embed big, norm big, head big, config big, tokenizer big
            21 BF16
            model.embed_tokens = slerp(big, a, t 0.5) to row 32, then big
            0-1  slerp(big[0:2], a[0:2], t 0.5)
            model.norm = slerp(big, a, t 0.5)
            lm_head = slerp(big, a, t 0.5) to row 32, then big
            """
        )
        #expect(planning.config("vocab_size") == "vocab_size 40")
        #expect(planning.codes.contains("rows-differ"))
    }

    @Test("are cut to the first model's rows where others have more")
    func fewer() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {big: @big, a: @a}
            graph: {out: {blend: {method: slerp, inputs: [a, big], params: {t: 0.5}}}}
            output: {accept: [vocab_size]}
            """,
            models: Self.models
        )
        #expect(planning.page.contains("model.embed_tokens = slerp(a, big, t 0.5) to row 32\n"))
        #expect(planning.config("vocab_size") == "vocab_size 32")
    }

    /// Five methods as files say them, and what each has to say of the models.
    static let methods: [(name: String, cuts: Bool)] = [
        ("linear", true), ("slerp", true), ("ties", false), ("task_arithmetic", false), ("model_stock", true),
    ]

    private func file(_ method: String, first: String = "big") -> String {
        let rest = first == "big" ? "a" : "big"
        let third = method == "model_stock" ? "\n- {model: @third}" : ""
        let settings = method == "slerp" ? "{t: 0.5}" : method == "model_stock" ? "{}" : "{weight: 1}"
        let base = method == "linear" ? "" : "base_model: @\(first)\n"
        return """
            merge_method: \(method)
            \(base)models:
            - {model: @\(first)}
            - {model: @\(rest)}\(third)
            parameters: \(settings)
            dtype: bfloat16
            """
    }

    private func rows(_ planning: Planning, _ name: String) -> Int? {
        planning.plan?.tensors.first { $0.spec.name == name }?.spec.shape.dimensions.first
    }

    @Test("of different sizes in a mergekit file: the base's rows stay, and the config has as many", arguments: methods)
    func mergekit(method: (name: String, cuts: Bool)) throws {
        var models = Self.models
        models["third"] = .llama(layers: 2, vocabulary: 36, seed: 3)
        for (first, count) in [("big", 40), ("a", 32)] {
            let planning = try planning(file(method.name, first: first), models: models)
            #expect(rows(planning, "model.embed_tokens.weight") == count, "\(planning.drawn)")
            #expect(rows(planning, "lm_head.weight") == count)
            #expect(planning.config("vocab_size") == "vocab_size \(count)")
            #expect(planning.codes.contains("rows-differ"))
        }
    }

    @Test("in a mergekit file built bug for bug: cut where mergekit cuts, and it is said", arguments: methods)
    func bugCompatible(method: (name: String, cuts: Bool)) throws {
        var models = Self.models
        models["third"] = .llama(layers: 2, vocabulary: 36, seed: 3)
        var options = PlanningOptions()
        options.compatibility = .mergekit014
        let planning = try planning(file(method.name), models: models, options: options)
        let count = method.cuts ? 32 : 40
        #expect(rows(planning, "model.embed_tokens.weight") == count, "\(planning.drawn)")
        #expect(rows(planning, "lm_head.weight") == count)
        #expect(planning.config("vocab_size") == "vocab_size \(count)")
        #expect(planning.drawn.contains("the result keeps \(count)"))
    }

    @Test("keep their rows, padding included, where a model is copied")
    func padding() throws {
        var model = TinyCheckpoint.llama(layers: 2, vocabulary: 64)
        model.config["vocab_size"] = 50
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {m: @m}
            graph: {out: {slice: "m[0:2]"}}
            """,
            models: ["m": model]
        )
        #expect(planning.isAllCopied)
        #expect(planning.config("vocab_size") == "vocab_size 64")
        let embed = planning.plan?.tensors.first { $0.spec.name == "model.embed_tokens.weight" }
        #expect(embed?.spec.shape == [64, 8])
    }

    @Test("of the embedding decide the config's vocab_size, whoever the config is of")
    func donor() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {big: @big, a: @a}
            graph: {out: {slice: a}}
            output: {ends: {embed: big, head: big}, accept: [vocab_size]}
            """,
            models: Self.models
        )
        #expect(planning.config("vocab_size") == "vocab_size 40", "\(planning.drawn)")
    }
}
