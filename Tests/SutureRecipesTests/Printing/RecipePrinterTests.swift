import SutureDiagnostics
import SutureRecipes
import Testing

@Suite("Printing recipes")
struct RecipePrinterTests {
    static let sources = [
        TourTests.solar, TourTests.attention, TourTests.pairwise, TourTests.goliath, TourTests.llamaPro,
        TourTests.overlap, everything,
    ]

    /// A recipe that has something of everything.
    static let everything = """
        slicegraph: 1
        name: "every: thing"
        version: "1.0"
        description: |
          Two lines, "quoted",
          and a # that is no comment.
        inputs: {a: {}, b: "C:\\\\models\\\\b", c: {model: o/m+l, optional: true, architecture: LlamaForCausalLM}}
        params:
          k: 2
          shape: {curve: [0, 1], over: depth}
          which: {type: enum, default: "no", choices: ["no", "yes"], description: "'quoted'"}
        let: {n: a.layers, word: "'x'", label: "${k} of ${n}", plain: "$${x}"}
        graph:
          mixed:
            blend:
              method: ties
              base: c
              inputs: [{from: a, weight: "${k / 3}", density: {curve: [1, 0.5]}}, {from: b, weight: 1}]
              params: {lambda: [{where: [attn.*, {not: attn.o}], value: 0.5}, {where: {name: "*.bias"}, value: 1e-05}]}
          spliced:
            splice:
              onto: mixed
              take:
                - {where: "layers[0:n // 2, -1].mlp.*", from: b}
                - {where: norm.attn, from: a, blend: {method: slerp, params: {t: 0.5}}}
          grown:
            expand: {from: spliced, after: [1, "${n - 1}"], insert: {copy: next, scale: {attn.o: 0.5}}}
          out:
            stack:
              - a[:k]
              - grown[k:n - k:2, 0, -2:-1]
              - {from: c, reverse: true, repeat: "${k}", scale: 0.5, set: {"*": 0, attn.o: "${k}"}}
              - foreach: {i: "0:n - 1:2", j: [1, "${k}"]}
                do: ["a[i:i + j]", {window: {of: b, size: "${k}", step: 1}}]
              - {interleave: [a, b], run: 2}
              - from: a
                scale: [{where: attn.o, value: 0.1}, {value: 1}]
        output:
          ends: {embed: a, norm: "b[-1]"}
          tokenizer: a
          config: b
          dtype: bf16
          compute_dtype: float32
          round_stages: true
          chat_template: "{{ x }}\\n"
          drop: ["*.inv_freq"]
          accept: [rope_theta]
          shard_size: 500MB
          seed: -7
        expect: {layers: "${2 * k}", architecture: LlamaForCausalLM, identity_of: a}
        """

    @Test("gives what reads back as the same recipe and prints the same", arguments: sources)
    func isIdempotent(source: String) throws {
        let graph = try #require(read(source).graph)
        let printed = RecipePrinter.print(graph)
        let again = read(printed)
        let second = try #require(again.graph, "\(printed)\n\(again.drawn)")
        #expect(again.drawn == "")
        #expect(RecipePrinter.print(second) == printed)
        #expect(second.unmarked == graph.unmarked)
    }

    @Test("has one form for everything")
    func hasOneForm() throws {
        let graph = try #require(read(Self.everything).graph)
        #expect(
            RecipePrinter.print(graph) == """
                slicegraph: 1
                name: "every: thing"
                version: "1.0"
                description: "Two lines, \\"quoted\\",\\nand a # that is no comment.\\n"
                inputs:
                  a: {}
                  b: "C:\\\\models\\\\b"
                  c: {model: o/m+l, architecture: LlamaForCausalLM, optional: true}
                params:
                  k: {type: int, default: 2}
                  shape: {type: curve, default: {curve: [0, 1], over: depth}}
                  which: {type: enum, default: "no", choices: ["no", "yes"], description: "'quoted'"}
                let:
                  n: ${a.layers}
                  word: ${'x'}
                  label: ${k} of ${n}
                  plain: ${'${x}'}
                graph:
                  mixed:
                    blend:
                      method: ties
                      base: c
                      inputs:
                        - {from: a, weight: "${k / 3}", density: {curve: [1, 0.5], over: slice}}
                        - {from: b, weight: 1}
                      params:
                        lambda:
                          - {where: [attn.*, {not: attn.o}], value: 0.5}
                          - {where: {name: "*.bias"}, value: 1e-05}
                  spliced:
                    splice:
                      onto: mixed
                      take:
                        - {where: "layers[0:n // 2, -1].mlp.*", from: b}
                        - {where: norm.attn, from: a, blend: {method: slerp, params: {t: 0.5}}}
                  grown:
                    expand:
                      from: spliced
                      after: [1, "${n - 1}"]
                      insert: {copy: next, scale: {attn.o: 0.5}}
                  out:
                    stack:
                      - a[:k]
                      - grown[k:n - k:2, 0, -2:-1]
                      - {from: c, repeat: "${k}", reverse: true, scale: 0.5, set: {"*": 0, attn.o: "${k}"}}
                      - foreach: {i: "0:n - 1:2", j: [1, "${k}"]}
                        do: ["a[i:i + j]", {window: {of: b, size: "${k}", step: 1}}]
                      - {interleave: [a, b], run: 2}
                      - {from: a, scale: [{where: attn.o, value: 0.1}, {value: 1}]}
                output:
                  ends: {embed: a, norm: "b[-1]"}
                  config: b
                  tokenizer: a
                  dtype: bfloat16
                  compute_dtype: float32
                  round_stages: true
                  chat_template: "{{ x }}\\n"
                  shard_size: 500000000
                  drop: ["*.inv_freq"]
                  accept: [rope_theta]
                  seed: -7
                expect:
                  layers: ${2 * k}
                  architecture: LlamaForCausalLM
                  identity_of: a

                """
        )
    }

    @Test(
        "quotes what YAML would take for something else",
        arguments: [
            "yes", "1.5", "010", "1:30", "", " a", "a ", "a: b", "a:", "a #b", "*", "&a", "!a", "- a", "? a", "%a",
            "@a", "`a", "null", "~", "a\nb", "ä", "\u{7}", "\u{2028}", "\"", "\\", "[a]", "{a}", "...", "--- a",
            "=", "<<", "a,b", "C:\\x", "0x1F", ".5", "|", ">",
        ]
    )
    func quotesTexts(text: String) throws {
        let recipe = "slicegraph: 1\nname: x\ninputs: {a: {}}\ngraph: {out: {slice: a}}"
        var graph = try #require(read(recipe).graph)
        graph.title.name = Marked(text, at: nil)
        graph.inputs[0].reference = Marked(text + "/m", at: nil)
        graph.inputs[0].isOptional = true
        let reading = read(RecipePrinter.print(graph))
        let again = try #require(reading.graph, "\(reading.drawn)")
        #expect(again.title.name?.value == text)
        #expect(again.inputs[0].reference?.value == text + "/m")
    }
}

extension SliceGraph {
    /// The recipe's shape, to be compared where places differ.
    fileprivate var unmarked: String {
        var text = ""
        dump(nodes.map(\.operation), to: &text)
        return text.split(separator: "\n").filter { line in
            // Places, and what belongs to them.
            !["range:", "file:", "path:", "text:", "start: Suture", "end: Suture", "line:", "column:"].contains {
                line.contains($0)
            }
        }.joined(separator: "\n")
    }
}
