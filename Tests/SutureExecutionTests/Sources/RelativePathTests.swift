import SutureCheckpoints
import SutureDiagnostics
import SutureKit
import SuturePlanning
import SutureTestSupport
import SystemPackage
import Testing

/// Recipes that name models, adapters, recipes and templates by relative paths, and are read from another folder.
///
/// The current folder is that of all tests at once and stays as it is; paths lead out of it and back.
@Suite("Relative paths in a recipe")
struct RelativePathTests {
    /// A folder with the models `a` and `b` in `models`, a template beside them, and recipes over them.
    private func with(_ body: (FilePath) throws -> Void) throws {
        try TemporaryDirectory.with { folder in
            try FileSystem.createFolder(folder.appending("models"))
            for (seed, name) in ["a", "b"].enumerated() {
                let model = TinyCheckpoint.llama(layers: 3, hidden: 32, mlp: 48, vocabulary: 40, seed: seed)
                try model.write(to: folder.appending("models").appending(name))
            }
            try FileSystem.write("{{ messages }}", to: folder.appending("models/chat.jinja"))
            try FileSystem.write(Self.inner, to: folder.appending("models/inner.yml"))
            try body(folder)
        }
    }

    /// A recipe that another one imports from its own folder.
    private static let inner = """
        slicegraph: 1
        inputs: {x: ./a}
        graph: {out: {slice: "x[0:2]"}}
        """

    private static let recipes = [
        "models/native.yml": """
        slicegraph: 1
        inputs: {x: ./a, y: b}
        graph: {out: {stack: ["y[0:1]", x]}}
        output: {chat_template: chat.jinja}
        """,
        "importing.yml": """
        slicegraph: 1
        imports: {inner: models/inner.yml}
        inputs: {y: models/b}
        graph: {two: {use: {recipe: inner}}, out: {stack: [two, y]}}
        """,
        "models/mergekit.yml": """
        merge_method: linear
        models: [{model: ./a, parameters: {weight: 1}}, {model: b, parameters: {weight: 1}}]
        tokenizer_source: b
        chat_template: chat.jinja
        """,
    ]

    @Test(
        "are those of its own folder, in the plan, the output and when it is verified",
        arguments: recipes.keys.sorted()
    )
    func beside(name: String) throws {
        try with { folder in
            try FileSystem.write(try #require(Self.recipes[name]), to: folder.appending(name))
            let output = folder.appending("out")

            let result = try Surgery(reading: folder.appending(name).string).plan()
            let plan = try #require(result.plan, "\(result.diagnostics)")
            _ = try Surgery.build(plan, into: output.string)

            let told = result.diagnostics.filter { $0.code == "beside-recipe" && $0.severity == .note }
            // That an imported recipe's models lie beside it is nothing to tell.
            #expect(!told.isEmpty && told.allSatisfy { $0.range?.file.path == folder.appending(name).string })
            #expect(Set(plan.sources.map(\.folder)) == Set(["a", "b"].map { folder.appending("models/\($0)").string }))
            let card = String(decoding: try FileSystem.read(output.appending("README.md")), as: UTF8.self)
            #expect(!card.contains(folder.string) && !card.contains("./"))
            // The recipe's copy does not lie beside the models: where they are is in the manifest.
            var options = Surgery.VerificationOptions()
            options.recomputedShare = 1
            let verified = try Surgery.verify(output.string, options: options)
            #expect(verified.isGood, "\(verified.diagnostics)")
            #expect(verified.recomputed == verified.tensors)
        }
    }

    @Test("say both places where nothing is in either")
    func nowhere() throws {
        try with { folder in
            let recipe = folder.appending("models/none.yml")
            try FileSystem.write("slicegraph: 1\ninputs: {x: ./none}\ngraph: {out: {slice: x}}", to: recipe)

            let said = try #require(try Surgery(reading: recipe.string).plan().diagnostics.first)

            #expect(said.code == "model-not-found")
            let here = try FileSystem.resolve(".").appending("none").string
            let words = said.notes.map(\.message).joined()
            #expect(words.contains("'\(folder.appending("models/none"))', beside the recipe"), "\(words)")
            #expect(words.contains("'\(here)', in the current folder"), "\(words)")
        }
    }

    @Test("are those of the current folder where the recipe's has none")
    func current() throws {
        try with { folder in
            // A way from the current folder to the model, whatever the current folder is.
            let here = try FileSystem.resolve(".")
            let up = here.components.map { _ in ".." }.joined(separator: "/")
            let path = up + folder.appending("models/a").string
            let recipe = folder.appending("recipe.yml")
            try FileSystem.write("slicegraph: 1\ninputs: {x: \(path)}\ngraph: {out: {slice: x}}", to: recipe)

            let plan = try #require(try Surgery(reading: recipe.string).plan().plan)

            #expect(plan.recipe.given.paths == [path: folder.appending("models/a").string])
        }
    }
}
