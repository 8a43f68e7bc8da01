import SutureCheckpoints
import SuturePlanning
import SutureTestSupport
import Testing

@Suite("The model card")
struct ModelCardTests {
    private func card(_ recipe: String, options: PlanningOptions = PlanningOptions()) throws -> String {
        let planning = try planning(recipe, options: options)
        let plan = try #require(planning.plan, "\(planning.drawn)")
        return try #require(plan.documents.first { $0.name == "README.md" }?.text)
    }

    private func native(_ node: String, more: String = "") -> String {
        "slicegraph: 1\ninputs: {a: @a, b: @b}\ngraph: {out: \(node)}\n\(more)"
    }

    @Test("says of tensors that are copied that they are, and of no others")
    func copied() throws {
        let card = try card(native("{stack: [\"a[0:2]\", \"b[2:4]\"]}"))
        #expect(card.contains("| 39 | copied byte for byte |"))
        #expect(card.contains("4 layers, weights in bfloat16."))
        #expect(card.contains("- frankenmerge") && !card.contains("- mergekit"))
    }

    @Test("says what is cast, scaled, filled and merged")
    func computed() throws {
        let cast = try card(native("{stack: [\"a[0:2]\", \"b[2:4]\"]}", more: "output: {dtype: float16}"))
        #expect(
            cast.contains("| 39 | cast |") && cast.contains("weights in float16") && !cast.contains("byte for byte")
        )

        let scaled = try card(
            native("{stack: [\"a[0:2]\", {from: \"b[2:4]\", scale: {attn.o: 0.5}, set: {mlp.down: 0}}]}")
        )
        #expect(scaled.contains("| 35 | copied byte for byte |"))
        #expect(scaled.contains("| 2 | scaled |") && scaled.contains("| 2 | filled with one number |"))

        let merged = try card(native("{blend: {method: slerp, inputs: [a, b], params: {t: 0.5}}}"))
        #expect(merged.contains("| 39 | merged |") && merged.contains("Merge methods: SLERP."))
        #expect(!merged.contains("byte for byte") && !merged.contains("frankenmerge"))
    }

    @Test("explains the signs behind layers, where there are some")
    func legend() throws {
        let plain = try card(native("{stack: [\"a[0:2]\", \"b[2:4]\"]}"))
        #expect(!plain.contains("scaled or filled"))
        let grown = try card(native("{expand: {from: a, every: 2, insert: {set: {mlp.down: 0}}}}"))
        #expect(grown.contains("`*`: some of its tensors are scaled or filled."))
        #expect(grown.contains("`+`: a block that is inserted"))
    }

    @Test("has the tag of mergekit for mergekit's files")
    func tag() throws {
        let card = try card("merge_method: linear\nmodels: [{model: @a}, {model: @b}]\nparameters: {weight: 1}")
        #expect(card.contains("- mergekit\n"))
    }

    @Test("names what was given, and no path of this machine")
    func given() throws {
        var options = PlanningOptions()
        options.inputs = ["base": "@a"]
        options.parameters = ["keep": "3"]
        options.seed = 7
        let recipe = """
            slicegraph: 1
            inputs: {base: {}, b: @b}
            params: {keep: {type: int, default: 2}}
            graph: {out: {stack: ["base[:keep]", "b[-keep:]"]}}
            """
        let planning = try planning(recipe, options: options)
        let plan = try #require(planning.plan, "\(planning.drawn)")
        let card = try #require(plan.documents.first { $0.name == "README.md" }?.text)
        #expect(card.contains("suture build recipe.yml --input base=a --param keep=3 --seed 7 -o recipe"), "\(card)")
        for source in plan.sources { #expect(!card.contains(source.folder), "\(card)") }
    }
}

@Suite("The recipe in an output")
struct StandingRecipeTests {
    @Test("stands alone: what was given is bound, what was imported is in it, and its plan is the same")
    func standsAlone() throws {
        let other = """
            slicegraph: 1
            inputs: {base: {}}
            params: {keep: {type: int, default: 2}}
            graph: {out: {stack: ["base[:keep]", "base[-keep:]"]}}
            """
        try Bench.with(others: ["./up.yml": other]) { bench in
            var options = PlanningOptions()
            options.inputs = ["base": "@a"]
            options.parameters = ["n": "3"]
            options.seed = 5
            let recipe = """
                slicegraph: 1
                imports: {up: ./up.yml}
                inputs: {base: {}}
                params: {n: {type: int, default: 2}}
                graph: {out: {use: {recipe: up, inputs: {base: base}, params: {keep: "${n}"}}}}
                """
            let first = try bench.planning(recipe, options: options)
            let plan = try #require(first.plan, "\(first.drawn)")
            let text = try #require(plan.documents.first { $0.name == "recipe.yml" }?.text)
            #expect(!text.contains("imports") && !text.contains("params:") && text.contains("seed: 5"))
            let again = try bench.planning(text)
            #expect(again.plan?.tensors == plan.tensors, "\(again.drawn)")
            #expect(again.plan?.settings == plan.settings)
        }
    }

    @Test("is the author's own text, comments and all, where nothing was given")
    func isTheAuthors() throws {
        let recipe = "# mine\nslicegraph: 1\ninputs: {a: @a}\ngraph: {out: {slice: a}}\n"
        let plan = try #require(try planning(recipe).plan)
        #expect(plan.documents.first { $0.name == "recipe.yml" }?.text.hasPrefix("# mine\n") == true)
    }
}
