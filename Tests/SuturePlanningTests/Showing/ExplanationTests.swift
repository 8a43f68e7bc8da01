import SuturePlanning
import SutureTestSupport
import Testing

/// Where a tensor comes from and why, in words.
@Suite("An explanation")
struct ExplanationTests {
    static let recipe = """
        slicegraph: 1
        inputs: {a: @a, b: @b}
        graph:
          mix:
            blend:
              method: slerp
              inputs: [a, b]
              params: {t: [{where: attn.*, value: 0.25}, {value: 0.5}]}
          out:
            stack:
              - a[0:2]
              - {from: "mix[1:4]", scale: {attn.o: 0.5}}
        """

    /// What is said of a subject, without what depends on the folder and the file's layout.
    private func explain(_ subject: String) throws -> [String] {
        try Bench.with { bench in
            let text = try bench.settle(Self.recipe)
            let planner = try bench.planner(text)
            let places = planner.places
            let plan = try #require(try bench.planning(text).plan)
            let words = try #require(Explanation(plan, places: places).text(of: subject))
            return words.split(separator: "\n", omittingEmptySubsequences: false).map { line in
                String(line.split(separator: ", model.safetensors").first ?? "")
            }
        }
    }

    @Test("names source, line, parameters and expression")
    func names() throws {
        #expect(
            try explain("model.layers.3.self_attn.o_proj.weight").filter { !$0.contains("written") } == [
                "model.layers.3.self_attn.o_proj.weight  BF16[8, 8]",
                "  layer    3 of slerp(a[1:4], b[1:4])*, asked for at recipe.yml:12:16",
                "  times 0.5",
                "    slerp in node 'mix', asked for at recipe.yml:4:3",
                "      t = 0.25, asked for at recipe.yml:8:19",
                "      input 1",
                "        a: model.layers.2.self_attn.o_proj.weight BF16[8, 8]",
                "      input 2",
                "        b: model.layers.2.self_attn.o_proj.weight BF16[8, 8]",
                "",
            ]
        )
    }

    @Test(
        "finds a layer by its number, tensors by parts of their names, and donors by what they give",
        arguments: [
            ("3", 9), ("layers.3", 9), ("q_proj", 5), ("layers.4.mlp", 3), ("*.layers.?.mlp.*", 15),
            ("lm_head", 1), ("embed_tokens", 1),
        ]
    )
    func finds(subject: String, count: Int) throws {
        #expect(try explain(subject).count { $0.contains("  BF16[") } == count)
    }

    @Test("says who gives config and tokenizer")
    func donors() throws {
        #expect(try explain("config") == ["config is that of 'a': owner of the first layer", ""])
        #expect(try explain("tokenizer") == ["tokenizer is that of 'a': owner of the embedding", ""])
    }

    @Test("draws an edge from each model to what is made of it, and from no other")
    func graph() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {a: @a, ba: @b}
            graph: {out: {stack: ["a[0:2]", "ba[2:4]", {from: "a[1]", set: {"*": 0}}]}}
            """
        )
        let plan = try #require(planning.plan, "\(planning.drawn)")
        let edges = PlanGraph(plan).text.split(separator: "\n").filter { $0.contains("-> out:") }
        #expect(edges == ["  s0 -> out:r0;", "  s1 -> out:r1;"])
    }
}
