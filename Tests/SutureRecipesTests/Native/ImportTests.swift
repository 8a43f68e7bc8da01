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

    @Test("have a leaf replaced by a node of the caller's")
    func replaceALeaf() throws {
        let reading = read(TourTests.math, others: ["./overlap-upscale.yml": TourTests.overlap])
        let graph = try #require(reading.graph)
        #expect(graph.nodes.map(\.name.value) == ["mixed", "out"])
        guard case .use(let use) = graph.nodes[1].operation else {
            Issue.record("'out' is no use")
            return
        }
        #expect(use.graph.nodes.map(\.name.value) == ["lower", "upper", "out"])
        guard case .slice(let upper) = use.graph.nodes[1].operation else {
            Issue.record("'upper' is no slice")
            return
        }
        #expect(upper.target.value == "caller.mixed")
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
        guard case .use(let use) = graph.nodes[0].operation else {
            Issue.record("'out' is no use")
            return
        }
        #expect(RecipePrinter.print(use.graph).contains("    stack:\n      - m[0:4]\n      - m[2:6]\n"))
    }
}

extension String {
    fileprivate func replacing(_ old: String, with new: String) -> String {
        guard let start = indices.first(where: { self[$0...].hasPrefix(old) }) else { return self }
        return self[..<start] + new + self[start...].dropFirst(old.count)
    }
}
