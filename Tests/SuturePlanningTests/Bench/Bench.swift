import SutureDiagnostics
import SutureMergekit
import SutureMerging
import SuturePlanning
import SutureRecipes
import SutureTestSupport
import SystemPackage
import Testing

/// A folder with small models in it, and recipes over them, in which `@name` stands for a model's folder.
///
/// A model that nobody describes is a llama of four layers, as different from others as their names are.
struct Bench {
    private let folder: FilePath
    private let models: [String: TinyCheckpoint]
    private var written: Set<String> = []
    private var imported: [String: MarkedText] = [:]

    /// Gives a bench to `body`; its models are real files until then, and gone afterwards.
    ///
    /// - Parameters:
    ///   - models: The models that are not the usual llama.
    ///   - others: Recipes that those on the bench may import, by the path that they write.
    ///   - body: What is done on the bench.
    /// - Returns: What `body` returns.
    /// - Throws: What `body` throws, and what the system says when models cannot be written.
    static func with<Value>(
        models: [String: TinyCheckpoint] = [:],
        others: [String: String] = [:],
        _ body: (inout Bench) throws -> Value
    ) throws -> Value {
        try TemporaryDirectory.with { folder in
            var bench = Bench(folder: folder, models: models)
            bench.imported = try others.mapValues { MarkedText(try bench.settle($0)) }
            return try body(&bench)
        }
    }

    private init(folder: FilePath, models: [String: TinyCheckpoint]) {
        self.folder = folder
        self.models = models
    }

    /// Puts folders in place of `@name`, and the models into them.
    ///
    /// - Returns: The text with folders in it.
    /// - Throws: What the system says when a model cannot be written.
    mutating func settle(_ text: String) throws -> String {
        var result = ""
        var rest = text[...]
        while let at = rest.firstIndex(of: "@") {
            result += rest[..<at]
            let name = String(rest[at...].dropFirst().prefix { $0.isLetter || $0.isNumber })
            let place = folder.appending(name)
            if written.insert(name).inserted {
                let model = models[name] ?? .llama(layers: 4, seed: name.utf8.reduce(0) { $0 * 31 + Int($1) })
                try model.write(to: place)
            }
            result += place.string
            rest = rest[at...].dropFirst(1 + name.count)
        }
        return result + rest
    }

    /// Prepares to plan a recipe without marks, in which folders stand already.
    ///
    /// - Returns: The planner.
    /// - Throws: All that is wrong with the recipe.
    func planner(_ text: String, options: PlanningOptions = PlanningOptions()) throws(Diagnostics) -> Planner {
        var options = options
        options.methods = options.methods ?? .known
        options.environment["SUTURE_CACHE"] = folder.appending("cache").string
        let imported = imported
        let load: RecipeLoader = { (path, _) throws(RecipeLoadError) in
            guard let recipe = imported[path] else { throw RecipeLoadError(reason: "there is no such file") }
            return SourceFile(path: path, text: recipe.text)
        }
        let file = SourceFile(path: "recipe.yml", text: text)
        let (graph, notices) = try RecipeReader.read(
            file,
            vocabulary: RecipeVocabulary(options.methods ?? .known),
            load: load
        )
        return Planner(graph, notices: notices, options: options)
    }

    /// Every plan that is made on a bench is printed and read back, and must be the same then.
    private func expectKept(_ result: PlanningResult) throws(Diagnostics) {
        guard let plan = result.plan else { return }
        let again = try PlanReader.read(
            Array(PlanJSON().print(result).utf8),
            called: "plan.json",
            methods: plan.methods
        )
        #expect(again == plan, "the plan is another when it is read back")
    }

    /// Plans a recipe.
    ///
    /// - Returns: The plan, and all that was said on the way to it.
    /// - Throws: What the system says when models cannot be written.
    mutating func planning(_ recipe: String, options: PlanningOptions = PlanningOptions()) throws -> Planning {
        let main = MarkedText(try settle(recipe))
        var options = options
        options.inputs = try options.inputs.mapValues { try settle($0) }
        let marked = main.range(path: "recipe.yml") ?? imported.lazy.compactMap { $1.range(path: $0) }.first
        do throws(Diagnostics) {
            var planner = try planner(main.text, options: options)
            let result = planner.plan()
            try expectKept(result)
            return Planning(plan: result.plan, diagnostics: result.diagnostics, marked: marked)
        } catch {
            return Planning(plan: nil, diagnostics: error.all, marked: marked)
        }
    }
}

extension MergeRegistry {
    /// All methods, and mergekit's numbers.
    static let known = MergeRegistry(MergeRegistry.documented.methods, emulation: Mergekit())
}
