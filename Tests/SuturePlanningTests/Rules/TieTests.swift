import SutureCheckpoints
import SutureJSON
import SutureTensors
import SutureTestSupport
import Testing

/// Whether the head is the embedding, when models that say so meet models that do not.
@Suite("Tied embeddings")
struct TieTests {
    static let models: [String: TinyCheckpoint] = [
        "t": .llama(layers: 4, isTied: true, seed: 1), "u": .llama(layers: 4, isTied: true, seed: 2),
    ]

    /// A graph and settings over `t`, `u` (tied) and `a`, `b` (not), and how embedding and head come out.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let graph: String
        var output = "{}"
        /// The embedding, and the head where one is written.
        let ends: [String]
        let isTied: Bool
        /// A code that is said, where anything is to be said.
        var code: String?
    }

    @Test(
        "are settled by rule",
        arguments: [
            Case(
                testDescription: "a tied model stays tied",
                graph: "out: {slice: \"t[0:2]\"}",
                ends: ["model.embed_tokens = t"],
                isTied: true
            ),
            Case(
                testDescription: "an untied model below a tied one: the tied one's embedding becomes the head",
                graph: "out: {stack: [\"a[0:2]\", \"t[2:4]\"]}",
                ends: ["model.embed_tokens = a", "lm_head = t:model.embed_tokens.weight"],
                isTied: false,
                code: "tied-head"
            ),
            Case(
                testDescription: "a tied model below an untied one: the head is written and the tie undone",
                graph: "out: {stack: [\"t[0:2]\", \"a[2:4]\"]}",
                ends: ["model.embed_tokens = t", "lm_head = a"],
                isTied: false,
                code: "untied"
            ),
            Case(
                testDescription: "two tied models: the embedding that is written is the head",
                graph: "out: {stack: [\"t[0:2]\", \"u[2:4]\"]}",
                ends: ["model.embed_tokens = t"],
                isTied: true,
                code: "tied-head"
            ),
            Case(
                testDescription: "two tied models, and the recipe asks for the other's head",
                graph: "out: {stack: [\"t[0:2]\", \"u[2:4]\"]}",
                output: "{ends: {head: u}}",
                ends: ["model.embed_tokens = t", "lm_head = u:model.embed_tokens.weight"],
                isTied: false,
                code: "untied"
            ),
            Case(
                testDescription: "a tied model between the ends of another",
                graph: "out: {stack: [\"a[0]\", \"t[1:3]\", \"a[3]\"]}",
                ends: ["model.embed_tokens = a", "lm_head = a"],
                isTied: false
            ),
            Case(
                testDescription: "an untied model between the ends of a tied one",
                graph: "out: {stack: [\"t[0]\", \"a[1:3]\", \"t[3]\"]}",
                ends: ["model.embed_tokens = t"],
                isTied: true
            ),
            Case(
                testDescription: "the config of a tied model, the ends of an untied one",
                graph: "out: {slice: a}",
                output: "{config: t}",
                ends: ["model.embed_tokens = a", "lm_head = a"],
                isTied: false,
                code: "untied"
            ),
            Case(
                testDescription: "the config of an untied model, the ends of a tied one",
                graph: "out: {slice: t}",
                output: "{config: a}",
                ends: ["model.embed_tokens = t"],
                isTied: true
            ),
            Case(
                testDescription: "a tied model's embedding with an untied model's head",
                graph: "out: {slice: a}",
                output: "{ends: {embed: t}}",
                ends: ["model.embed_tokens = t", "lm_head = a"],
                isTied: false
            ),
            Case(
                testDescription: "an untied model's embedding with a tied model's head",
                graph: "out: {slice: t}",
                output: "{ends: {embed: a}}",
                ends: ["model.embed_tokens = a", "lm_head = t:model.embed_tokens.weight"],
                isTied: false,
                code: "tied-head"
            ),
            Case(
                testDescription: "a blend of two tied models",
                graph: "out: {blend: {method: slerp, inputs: [t, u], params: {t: 0.5}}}",
                ends: ["model.embed_tokens = slerp(t, u, t 0.5)"],
                isTied: true
            ),
            Case(
                testDescription: "a blend of a tied model with an untied one: its embedding is its head",
                graph: "out: {blend: {method: slerp, inputs: [t, a], params: {t: 0.5}}}",
                ends: [
                    "model.embed_tokens = slerp(t, a, t 0.5)",
                    "lm_head = slerp(t:model.embed_tokens.weight, a, t 0.5)",
                ],
                isTied: false,
                code: "untied"
            ),
            Case(
                testDescription: "a blend of an untied model with a tied one",
                graph: "out: {blend: {method: slerp, inputs: [a, t], params: {t: 0.5}}}",
                ends: [
                    "model.embed_tokens = slerp(a, t, t 0.5)",
                    "lm_head = slerp(a, t:model.embed_tokens.weight, t 0.5)",
                ],
                isTied: false
            ),
            Case(
                testDescription: "an untied head on a tied model",
                graph: "out: {splice: {onto: t, take: [{where: head, from: a}]}}",
                ends: ["model.embed_tokens = t", "lm_head = a"],
                isTied: false,
                code: "untied"
            ),
            Case(
                testDescription: "embedding and head of a tied model on an untied one",
                graph: "out: {splice: {onto: a, take: [{where: [embed, head], from: t}]}}",
                ends: ["model.embed_tokens = t"],
                isTied: true
            ),
            Case(
                testDescription: "another embedding on a tied model, which keeps its own as the head",
                graph: "out: {splice: {onto: t, take: [{where: embed, from: a}]}}",
                ends: ["model.embed_tokens = a", "lm_head = t:model.embed_tokens.weight"],
                isTied: false,
                code: "tied-head"
            ),
        ]
    )
    func rules(example: Case) throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {t: @t, u: @u, a: @a}
            graph:
              \(example.graph)
            output: \(example.output)
            """,
            models: Self.models
        )
        let ends = planning.page.split(separator: "\n").map(String.init).filter {
            $0.hasPrefix("model.embed_tokens = ") || $0.hasPrefix("lm_head = ")
        }
        #expect(ends == example.ends, "\(planning.page)")
        #expect(planning.config("tie_word_embeddings") == "tie_word_embeddings \(example.isTied)")
        let said = planning.codes.filter { ["tied-head", "untied"].contains($0) }
        #expect(said == (example.code.map { [$0] } ?? []), "\(planning.drawn)")
    }

    @Test(
        "are carried as stored where a tied model stores its head all the same, and untied where that ties nothing else",
        arguments: [("llama", "untied"), ("unheard_of", "tied-and-stored"), ("bert", "tied-and-stored")]
    )
    func storedTwice(family: String, code: String) throws {
        var model = TinyCheckpoint.llama(layers: 2, isTied: true)
        model.config["model_type"] = .string(family)
        model.tensors.append(("lm_head.weight", .bfloat16, [32, 8]))
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {m: @m}
            graph: {out: {slice: "m[::-1]"}}
            """,
            models: ["m": model]
        )
        #expect(planning.page.hasSuffix("lm_head = m"))
        #expect(planning.codes.contains(code), "\(planning.drawn)")
        #expect(planning.config("tie_word_embeddings") == "tie_word_embeddings \(code != "untied")")
    }

    @Test("are written out where the config relied on the family's default")
    func byDefault() throws {
        var gemma = TinyCheckpoint.llama(layers: 2, isTied: true)
        gemma.config["model_type"] = "gemma"
        gemma.config["architectures"] = ["GemmaForCausalLM"]
        gemma.config["tie_word_embeddings"] = nil
        let alone = try planning(
            """
            slicegraph: 1
            inputs: {g: @g}
            graph: {out: {slice: g}}
            """,
            models: ["g": gemma]
        )
        #expect(alone.config("tie_word_embeddings") == "tie_word_embeddings missing", "\(alone.drawn)")

        var other = TinyCheckpoint.llama(layers: 2, seed: 3)
        other.config["model_type"] = "gemma"
        other.config["architectures"] = ["GemmaForCausalLM"]
        let together = try planning(
            """
            slicegraph: 1
            inputs: {g: @g, h: @h}
            graph: {out: {stack: ["g[0]", "h[1]"]}}
            """,
            models: ["g": gemma, "h": other]
        )
        #expect(together.config("tie_word_embeddings") == "tie_word_embeddings false", "\(together.drawn)")
    }
}
