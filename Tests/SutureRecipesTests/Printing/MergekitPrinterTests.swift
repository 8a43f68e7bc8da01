import SutureDiagnostics
import SutureRecipes
import Testing

@Suite("Printing recipes for mergekit")
struct MergekitPrinterTests {
    private func printed(_ recipe: String) throws -> (text: String, cannot: [String]) {
        let reading = read(recipe)
        let graph = try #require(reading.graph, "\(reading.drawn)")
        return MergekitPrinter.print(graph, layerCounts: ["a": 32, "b": 32, "ab": 8])
    }

    private func native(_ nodes: String, more: String = "") -> String {
        "slicegraph: 1\ninputs: {a: o/a, b: o/b, unknown: o/c}\ngraph:\n"
            + nodes.split(separator: "\n").map { "  \($0)\n" }.joined() + more
    }

    @Test("says a stack as slices")
    func saysStacks() throws {
        let (text, cannot) = try printed(
            native(
                """
                tail: {slice: "b[-4:]"}
                out:
                  stack:
                    - a[0:8]
                    - {from: "b[4:6]", scale: {attn.o: 0.5}, set: {mlp.down: 0}}
                    - {from: "a[2:4]", repeat: 2, reverse: true}
                    - tail[1:3]
                    - b[8, 10]
                """,
                more: "output: {dtype: float16, tokenizer: b}\n"
            )
        )
        #expect(cannot == [])
        #expect(
            text == """
                merge_method: passthrough
                slices:
                  - sources:
                      - model: o/a
                        layer_range: [0, 8]
                  - sources:
                      - model: o/b
                        layer_range: [4, 6]
                        parameters:
                          scale: [{filter: down_proj, value: 0}, {filter: o_proj, value: 0.5}, {value: 1.0}]
                  - sources:
                      - model: o/a
                        layer_range: [3, 4]
                  - sources:
                      - model: o/a
                        layer_range: [2, 3]
                  - sources:
                      - model: o/a
                        layer_range: [3, 4]
                  - sources:
                      - model: o/a
                        layer_range: [2, 3]
                  - sources:
                      - model: o/b
                        layer_range: [29, 31]
                  - sources:
                      - model: o/b
                        layer_range: [8, 9]
                  - sources:
                      - model: o/b
                        layer_range: [10, 11]
                dtype: float16
                tokenizer_source: o/b

                """
        )
    }

    @Test("says blends in stages of their own")
    func saysBlends() throws {
        let (text, cannot) = try printed(
            native(
                """
                ab: {blend: {method: slerp, inputs: ["a[0:8]", "b[8:16]"], params: {t: {curve: [0, 1e-05]}}}}
                out: {stack: ["ab[2:8]", "a[8:16]"]}
                """,
                more: "output: {dtype: bfloat16}\n"
            )
        )
        #expect(cannot == [])
        #expect(
            text == """
                name: ab
                merge_method: slerp
                base_model: o/a
                slices:
                  - sources:
                      - model: o/a
                        layer_range: [0, 8]
                      - model: o/b
                        layer_range: [8, 16]
                    parameters:
                      t: [0, 1.0e-05]
                dtype: float32
                ---
                merge_method: passthrough
                slices:
                  - sources:
                      - model: ab
                        layer_range: [2, 8]
                  - sources:
                      - model: o/a
                        layer_range: [8, 16]
                dtype: bfloat16

                """
        )
    }

    @Test("says a splice as a linear merge of weights 0 and 1")
    func saysSplices() throws {
        let (text, cannot) = try printed(
            native("out: {splice: {onto: b, take: [{where: attn.*, from: a}, {where: attn.o, from: b}]}}")
        )
        #expect(cannot == [])
        #expect(
            text == """
                merge_method: linear
                models:
                  - model: o/b
                    parameters:
                      weight:
                        - filter: o_proj
                          value: 1
                        - filter: self_attn
                          value: 0
                        - value: 1
                  - model: o/a
                    parameters:
                      weight:
                        - filter: o_proj
                          value: 0
                        - filter: self_attn
                          value: 1
                        - value: 0
                parameters:
                  normalize: false

                """
        )
    }

    @Test("says an expansion as slices with blocks scaled by 0")
    func saysExpansions() throws {
        let (text, cannot) = try printed(
            native("out: {expand: {from: \"a[0:4]\", every: 2, insert: {set: {attn.o: 0}}}}")
        )
        #expect(cannot == [])
        let ranges = text.split(separator: "\n").filter { $0.contains("layer_range") }.map { $0.drop { $0 != "[" } }
        #expect(ranges == ["[0, 2]", "[1, 2]", "[2, 4]", "[3, 4]"])
        #expect(read(text).graph != nil)
    }

    @Test(
        "names what cannot be said",
        arguments: [
            ("out: {slice: unknown}", "number is not known"),
            ("out: {stack: [{from: \"a[0:4]\", set: {attn.o: 1}}]}", "other than 0"),
            ("out: {stack: [{from: \"a[0:4]\", scale: {router: 2}}]}", "'router'"),
            ("out: {stack: [{from: \"a[0:4]\", scale: {\"layers[0:2].attn.o\": 2}}]}", "single layers"),
            ("out: {stack: [{from: \"a[0:4]\", scale: [{where: [attn.*, {not: attn.o}], value: 2}]}]}", "'not'"),
            ("out: {stack: [{from: \"a[0:4]\", scale: [{where: {name: \"*.bias\"}, value: 2}]}]}", "'*.bias'"),
            ("out: {stack: [{from: \"a[0:4]\", scale: {attn.o: {curve: [0, 1], over: depth}}}]}", "over depth"),
            ("out: {slice: \"a[0:4]\"}\noutput: {ends: {head: b}}", "'ends'"),
            ("out: {slice: \"a[0:4]\"}\noutput: {drop: [x]}", "'drop'"),
            ("out: {slice: \"a[0:4]\"}\noutput: {seed: 4}", "'seed'"),
            ("out: {slice: \"a[0:4]\"}\noutput: {modules: {vision_tower: b}}", "'modules'"),
            ("out: {blend: {method: slerp, inputs: [a, b], params: {t: 1}}}\noutput: {config: b}", "'config'"),
        ]
    )
    func namesWhatCannotBeSaid(recipe: String, fact: String) throws {
        let parts = recipe.split(separator: "\n")
        let (_, cannot) = try printed(native(String(parts[0]), more: parts.count > 1 ? parts[1] + "\n" : ""))
        #expect(cannot.contains { $0.contains(fact) }, "\(cannot)")
    }

    /// Files that name layers by number, so that nothing need be known of the models.
    ///
    /// Stages that only stack are taken apart, and modules are refused, so they are left out.
    static let sources = MergekitReadingTests.translations.filter {
        !$0.mergekit.contains("chat_template") && !$0.native.contains("one[0:2]") && !$0.native.contains("modules:")
    }

    @Test("gives back what a mergekit file means", arguments: sources)
    func givesBack(translation: MergekitReadingTests.Translation) throws {
        let graph = try #require(read(translation.mergekit).graph)
        let names = graph.inputs.map(\.name.value) + graph.nodes.map(\.name.value)
        let counts = Dictionary(uniqueKeysWithValues: names.map { ($0, 32) })
        let (text, cannot) = MergekitPrinter.print(graph, layerCounts: counts)
        #expect(cannot == [])
        let again = read(text)
        let second = try #require(again.graph, "\(text)\n\(again.drawn)")
        #expect(meaning(RecipePrinter.print(second)) == meaning(RecipePrinter.print(graph)))
    }

    /// The graph of a printed recipe, stacks of one slice taken for the slice and defaults left out.
    private func meaning(_ text: String) -> [Substring] {
        let lines = text.split(separator: "\n")
        let start = lines.firstIndex { $0 == "graph:" } ?? 0
        let end = lines.firstIndex { $0 == "output:" } ?? lines.endIndex
        return Array(lines[start..<end])
    }
}
