import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SuturePlanning
import SutureRecipes
import SutureTensors
import SutureTestSupport
import SystemPackage
import Testing

/// The same recipe on the same models is the same plan, and other programs can read it.
@Suite("Plans as values")
struct DeterminismTests {
    static let recipe = """
        slicegraph: 1
        name: everything
        inputs: {base: @base, a: @a, b: @b}
        params: {t: 0.25}
        graph:
          ab: {blend: {method: slerp, inputs: [a, b], params: {t: "${t}"}}}
          dare:
            blend:
              method: dare_ties
              base: base
              inputs: [{from: ab, weight: 0.5, density: 0.5}, {from: b, weight: 0.5, density: 0.5}]
          spliced: {splice: {onto: dare, take: [{where: [attn.*, norm.attn], from: a}]}}
          grown: {expand: {from: spliced, every: 2, insert: {set: {attn.o: 0, mlp.down: 0}}}}
          out: {stack: [{from: "grown[0:3]", scale: {attn.o: 0.5}}, "b[2:4]"]}
        output: {shard_size: 2KB, seed: 7, dtype: float16}
        """

    @Test("are equal, and say the same, when they are made twice")
    func twice() throws {
        try TemporaryDirectory.with { folder in
            var text = Self.recipe
            for (seed, name) in ["base", "a", "b"].enumerated() {
                let model = TinyCheckpoint.llama(layers: 4, seed: seed)
                try model.write(to: folder.appending(name))
                text = text.replacing("@\(name)", with: folder.appending(name).string)
            }
            func plan() throws -> PlanningResult {
                let file = SourceFile(path: "recipe.yml", text: text)
                let load: RecipeLoader = { (_, _) throws(RecipeLoadError) in throw RecipeLoadError(reason: "none") }
                let (graph, notices) = try RecipeReader.read(file, vocabulary: RecipeVocabulary(.known), load: load)
                var planner = Planner(graph, notices: notices, options: PlanningOptions())
                return planner.plan()
            }
            let first = try plan()
            let second = try plan()
            #expect(first.plan != nil, "\(DiagnosticRenderer().render(first.diagnostics))")
            #expect(first.plan == second.plan)
            #expect(first.diagnostics == second.diagnostics)
            #expect(PlanJSON().print(first) == PlanJSON().print(second))
        }
    }

    @Test("are the same whatever the order in which inputs and nodes are declared")
    func order() throws {
        let first = try planning(
            """
            slicegraph: 1
            inputs: {a: @a, b: @b}
            graph:
              mixed: {blend: {method: slerp, inputs: [a, b], params: {t: 0.5}}}
              out: {stack: ["b[0]", "mixed[1:4]"]}
            """
        )
        let second = try planning(
            """
            slicegraph: 1
            inputs: {b: @b, a: @a}
            graph:
              out: {stack: ["b[0]", "mixed[1:4]"]}
              mixed: {blend: {method: slerp, inputs: [a, b], params: {t: 0.5}}}
            """
        )
        #expect(first.plan != nil)
        #expect(first.page == second.page)
    }

    @Test("are printed as JSON with the keys that other programs read")
    func json() throws {
        let planning = try planning(Self.recipe)
        let result = PlanningResult(plan: planning.plan, diagnostics: planning.diagnostics)
        let json = try JSONParser.parse(Array(PlanJSON().print(result).utf8))
        let plan = try #require(planning.plan)
        let object = try #require(json.object)
        for key in ["tool", "recipe", "stack", "donors", "sources", "accounts", "settings", "companions"] {
            #expect(object[key] != nil, "'\(key)' is missing")
        }
        #expect(object["layers"]?.int == 5)
        #expect(object["parameters"]?.int == plan.parameterCount)
        #expect(object["bytes"]?.int == plan.outputByteCount)
        #expect(object["config"]?.object?["num_hidden_layers"]?.int == 5)

        let shards = try #require(object["shards"]?.array)
        #expect(shards.map { $0.object?["name"]?.string } == plan.shards.map(\.name))
        let tensors = try #require(object["tensors"]?.array).compactMap(\.object)
        #expect(tensors.map { $0["name"]?.string } == plan.tensors.map(\.spec.name))
        let query = try #require(tensors.first { $0["name"]?.string == "model.layers.0.self_attn.q_proj.weight" })
        #expect(query["dtype"]?.string == "F16")
        #expect(query["shape"]?.array?.map(\.int) == [8, 8])
        #expect(query["bytes"]?.int == 128)
        #expect(query["expression"]?.string == "a:model.layers.0.self_attn.q_proj.weight")
        #expect(query["shard"]?.int != nil)
        #expect(query["offset"]?.int != nil)
        let output = try #require(tensors.first { $0["name"]?.string == "model.layers.0.self_attn.o_proj.weight" })
        #expect(output["expression"]?.string == "0.5 * a:model.layers.0.self_attn.o_proj.weight")
    }

    @Test("print what is wrong as JSON, with place and fix, where there is no plan")
    func jsonOfErrors() throws {
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {a: @a}
            graph:
              out: {slice: "a[0:9]"}
            """
        )
        let result = PlanningResult(plan: planning.plan, diagnostics: planning.diagnostics)
        let json = try JSONParser.parse(Array(PlanJSON().print(result).utf8))
        #expect(json.object?["layers"] == nil)
        let diagnostics = try #require(json.object?["diagnostics"]?.array).compactMap(\.object)
        let diagnostic = try #require(diagnostics.first)
        #expect(diagnostic["severity"]?.string == "error")
        #expect(diagnostic["code"]?.string == "range-outside")
        #expect(diagnostic["message"]?.string == "range end 9 is past the 4 layers of 'a'")
        #expect(diagnostic["file"]?.string == "recipe.yml")
        #expect(diagnostic["line"]?.int == 4)
        #expect(diagnostic["column"]?.int == 21)
        #expect(diagnostic["end_line"]?.int == 4)
        #expect(diagnostic["end_column"]?.int == 22)
        #expect(diagnostic["fix"]?.string == "end at 4")
        #expect(diagnostic["replacement"]?.string == "4")
    }

    @Test("print every diagnostic as JSON with the same keys, wherever its place is")
    func jsonKeys() throws {
        let file = SourceFile(path: "recipe.yml", text: "name: x")
        let mark = SourceMark(line: 1, column: 1)
        let range = SourceRange(file: file, start: mark, end: mark)
        let all = [
            Diagnostic(code: "here", "in the text", at: range, fix: .init("write y", replacing: "y")),
            Diagnostic(
                code: "there",
                "in a file",
                at: .file("a.safetensors", tensor: "x"),
                notes: [.init("so", at: nil)]
            ),
            Diagnostic(code: "nowhere", "at no place", at: nil as SourceRange?),
        ]
        let json = try JSONParser.parse(Array(PlanJSON().print(all).utf8))
        let objects = try #require(json.object?["diagnostics"]?.array).compactMap(\.object)
        #expect(objects.count == 3)
        #expect(Set(objects.map { Set($0.keys) }).count == 1)
        #expect(objects.allSatisfy { $0["notes"]?.array != nil })
    }

    @Test("keep the recipe's seed, and the command line's before it")
    func seed() throws {
        let own = try planning(Self.recipe)
        #expect(own.plan?.settings.seed == 7)
        var options = PlanningOptions()
        options.seed = 11
        let given = try planning(Self.recipe, options: options)
        #expect(given.plan?.settings.seed == 11)
        #expect(own.page == given.page)
    }
}
