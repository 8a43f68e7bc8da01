import SutureCheckpoints
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
        #expect(planning.page.contains("model.embed_tokens = slerp(a, big, t 0.5) to row 32, then a\n"))
        #expect(planning.config("vocab_size") == "vocab_size 32")
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
