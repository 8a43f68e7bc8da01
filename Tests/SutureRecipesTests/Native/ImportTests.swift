import SutureDiagnostics
import SutureRecipes
import Testing

@Suite("Recipes that use others")
struct ImportTests {
    static let inner = """
        slicegraph: 1
        name: inner
        inputs: {base: {}, extra: {optional: true}}
        params: {keep: {type: int, default: 4}, need: {type: int}}
        graph:
          part: {slice: "base[0:keep]"}
          out: {stack: [part, {from: part, scale: {attn.o: 0.5}}]}
        """

    private static func outer(_ use: String, nodes: String = "", imports: String = "{i: inner.yml}") -> String {
        "slicegraph: 1\nimports: \(imports)\ninputs: {m: o/m}\ngraph:\n\(nodes)  out:\n    use: \(use)\n"
    }

    private static func marked(
        _ code: String,
        _ text: String,
        fix: String? = nil,
        others: [String: String] = ["inner.yml": inner]
    ) -> MarkedRecipe { MarkedRecipe(code, text, fix: fix, others: others) }

    static let faults: [MarkedRecipe] = [
        marked("unknown-import", outer("{recipe: «ii», inputs: {base: m}, params: {need: 1}}"), fix: "'i'"),
        marked(
            "unreadable-import",
            outer("{recipe: i, inputs: {base: m}}", imports: "{i: «ineer.yml»}"),
            fix: "folder"
        ),
        marked("unknown-input", outer("{recipe: i, inputs: {base: m, «bse»: m}, params: {need: 1}}"), fix: "base"),
        marked("unknown-param", outer("{recipe: i, inputs: {base: m}, params: {need: 1, «kep»: 3}}"), fix: "keep"),
        marked("unknown-node", outer("{recipe: i, inputs: {base: m}, params: {need: 1}, node: «prat»}"), fix: "part"),
        marked("unbound-input", outer("{recipe: «i», params: {need: 1}}"), fix: "inputs: {base: …}"),
        marked("unbound-param", outer("{recipe: «i», inputs: {base: m}}"), fix: "params: {need: …}"),
        marked(
            "unknown-override",
            outer("{recipe: i, inputs: {base: m}, params: {need: 1}, override: {«graph.prat.slice»: \"base[0:2]\"}}"),
            fix: "part"
        ),
        marked(
            "unknown-override",
            outer("{recipe: i, inputs: {base: m}, params: {need: 1}, override: {«\"graph.out.stack[7]\"»: part}}"),
            fix: "'[0]'"
        ),
        marked(
            "unknown-name",
            outer("{recipe: i, inputs: {base: m}, params: {need: 1}, override: {graph.part.slice: «caller.n»}}")
        ),
        marked(
            "unknown-name",
            outer("{recipe: i, inputs: {base: m}, params: {need: 1}, override: {graph.part.slice: «m»}}")
        ),
        marked(
            "node-cycle",
            outer("{recipe: i, inputs: {base: m}, params: {need: 1}, override: {graph.part.slice: «caller.out»}}")
        ),
        marked(
            "import-cycle",
            outer("{recipe: i, inputs: {base: m}}"),
            others: ["inner.yml": outer("{recipe: o}", imports: "{o: recipe.yml}"), "recipe.yml": outer("{recipe: i}")]
        ),
        marked("empty-import", outer("{recipe: i}", imports: "{i: «inner.yml»}"), others: ["inner.yml": ""]),
    ]

    @Test("are told what is wrong with the use", arguments: faults)
    func areToldWhatIsWrong(recipe: MarkedRecipe) throws { try recipe.check() }

    @Test("name the way by which they import each other")
    func nameTheWay() {
        let others = ["inner.yml": Self.outer("{recipe: o}", imports: "{o: recipe.yml}")]
        let reading = read(
            Self.outer("{recipe: i}"),
            others: others.merging(["recipe.yml": Self.outer("{recipe: i}")]) { $1 }
        )
        #expect(
            reading.diagnostics.map(\.message) == [
                "recipes import each other in a circle: recipe.yml -> inner.yml -> recipe.yml"
            ]
        )
    }

    @Test("point at the imported file where the fault is there")
    func pointAtTheImportedFile() {
        let broken = Self.inner.split(separator: "\n").map { $0.contains("part:") ? "  part: {slice: bsae}" : $0 }
            .joined(separator: "\n")
        let reading = read(
            Self.outer("{recipe: i, inputs: {base: m}, params: {need: 1}}"),
            others: ["inner.yml": broken]
        )
        #expect(reading.diagnostics.map { $0.range?.file.path } == ["inner.yml"])
    }

    @Test("replace a leaf by a node of their own, and are one recipe once inlined")
    func areOneRecipe() throws {
        let reading = read(TourTests.math, others: ["./overlap-upscale.yml": TourTests.overlap])
        let graph = try #require(reading.graph)
        #expect(
            RecipePrinter.print(graph) == """
                slicegraph: 1
                name: math-upscale
                inputs:
                  base: Qwen/Qwen3-8B-Base
                  math: some-org/Qwen3-8B-Math
                graph:
                  mixed:
                    blend:
                      method: linear
                      inputs: [{from: base, weight: 0.6}, {from: math, weight: 0.4}]
                  dus_lower:
                    slice: base[0:27]
                  dus_upper:
                    slice: mixed[9:36]
                  out:
                    stack:
                      - dus_lower
                      - {from: dus_upper, scale: {attn.o: 0.85, mlp.down: 0.85}}
                expect:
                  layers: 54

                """
        )
    }

    @Test("keep computed values as 'let's, and bound slices as nodes, once inlined")
    func keepComputedValues() throws {
        let inner = """
            slicegraph: 1
            inputs: {base: {}, own: o/own}
            params:
              keep: {type: int, default: "${n - 2}"}
              shape: {type: curve, default: [0, 1]}
            let: {n: "${base.layers // 2}", twice: 2 * keep}
            graph:
              out:
                stack: ["base[0:twice]", "own[n]", {from: own, scale: {attn.o: "${shape}"}}]
            """
        let outer = """
            slicegraph: 1
            imports: {my-part: inner.yml}
            inputs: {m: o/m}
            params: {k: 3}
            graph:
              out: {use: {recipe: my-part, inputs: {base: "m[k:-1]"}}}
            """
        let graph = try #require(read(outer, others: ["inner.yml": inner]).graph)
        let printed = RecipePrinter.print(graph)
        #expect(
            printed == """
                slicegraph: 1
                inputs:
                  m: o/m
                  my_part_own: o/own
                params:
                  k: {type: int, default: 3}
                let:
                  my_part_n: ${my_part_base.layers // 2}
                  my_part_keep: ${my_part_n - 2}
                  my_part_twice: ${2 * my_part_keep}
                graph:
                  my_part_base:
                    slice: m[k:-1]
                  out:
                    stack:
                      - my_part_base[0:my_part_twice]
                      - my_part_own[my_part_n]
                      - {from: my_part_own, scale: {attn.o: {curve: [0, 1], over: slice}}}

                """
        )
        #expect(read(printed).drawn == "")
    }

    @Test("may lie above in the same file")
    func mayLieAbove() {
        let tour = TourTests.overlap + "\n---\n" + TourTests.math
        let reading = read(tour.replacing("./overlap-upscale.yml", with: "\"#overlap-upscale\""))
        #expect(reading.graph != nil)
        #expect(reading.drawn == "")

        let verbatim = read(tour)
        #expect(verbatim.diagnostics.first?.code == "unreadable-import")
        #expect(verbatim.diagnostics.first?.fix?.replacement == "\"#overlap-upscale\"")
    }

    @Test("are warned of documents that nobody imports")
    func areWarned() {
        let reading = read(TourTests.solar + "\n---\n" + TourTests.goliath)
        #expect(reading.diagnostics.map(\.code) == ["unused-document"])
    }

    @Test("cannot call each other until nothing is left of the machine")
    func cannotExplode() {
        var others: [String: String] = [:]
        for level in 0..<20 {
            others["r\(level).yml"] = """
                slicegraph: 1
                imports: {n: r\(level + 1).yml}
                inputs: {b: {}}
                graph:
                  x: {use: {recipe: n, inputs: {b: b}}}
                  y: {use: {recipe: n, inputs: {b: b}}}
                  out: {stack: [x, y]}
                """
        }
        others["r20.yml"] = "slicegraph: 1\ninputs: {b: {}}\ngraph: {out: {slice: b}}"
        let reading = read(
            "slicegraph: 1\nimports: {n: r0.yml}\ninputs: {b: o/m}\ngraph: {out: {use: {recipe: n, inputs: {b: b}}}}",
            others: others
        )
        #expect(reading.diagnostics.contains { $0.code == "too-many-uses" })
    }

    @Test("may use a mergekit file")
    func mayUseMergekit() throws {
        let mergekit = """
            merge_method: passthrough
            slices:
              - sources: [{model: o/m, layer_range: [0, 4]}]
              - sources: [{model: o/m, layer_range: [2, 6]}]
            """
        let outer =
            "slicegraph: 1\nimports: {k: k.yml}\ninputs: {x: o/x}\ngraph: {out: {use: {recipe: k, inputs: {m: x}}}}"
        let graph = try #require(read(outer, others: ["k.yml": mergekit]).graph)
        #expect(RecipePrinter.print(graph).contains("    stack:\n      - x[0:4]\n      - x[2:6]\n"))
    }
}

extension String {
    fileprivate func replacing(_ old: String, with new: String) -> String {
        guard let start = indices.first(where: { self[$0...].hasPrefix(old) }) else { return self }
        return self[..<start] + new + self[start...].dropFirst(old.count)
    }
}
