import SutureCheckpoints
import SutureDiagnostics
import SuturePlanning
import SutureRecipes
import SutureTestSupport
import SystemPackage

/// What came of planning a recipe over small models.
struct Planning {
    /// The plan, where nothing was wrong.
    let plan: Plan?

    /// Everything that was said, by the reader of the recipe and by the planner.
    let diagnostics: [Diagnostic]

    /// The recipe as it was read, with the models' folders in it.
    let text: String

    /// The messages as a person sees them, which a failed test shows.
    var drawn: String { DiagnosticRenderer().render(diagnostics) }

    /// The codes of all that was said, each once, in order.
    var codes: [String] {
        diagnostics.map(\.code).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}

/// Plans a recipe in which `@name` stands for the folder of a small model of that name.
///
/// A model that `models` does not have is a llama of four layers, as different from others as their
/// names are. The models are real files while the plan is made, and gone afterwards.
///
/// - Parameters:
///   - recipe: The recipe; marks `«»` are taken out of it.
///   - models: The models that are not the usual llama.
///   - others: Recipes that it may import, by the path that it writes.
///   - options: What the command line adds; `@name` may stand in its inputs too.
/// - Returns: The plan, and all that was said on the way to it.
/// - Throws: What the system says when the models cannot be written.
func planning(
    _ recipe: String,
    models: [String: TinyCheckpoint] = [:],
    others: [String: String] = [:],
    options: PlanningOptions = PlanningOptions()
) throws -> Planning {
    try TemporaryDirectory.with { folder in
        var written: Set<String> = []
        func settle(_ text: String) throws -> String {
            let settled = Placeholders.replace(in: text) { folder.appending($0).string }
            for name in settled.names where written.insert(name).inserted {
                let model = models[name] ?? .llama(layers: 4, seed: name.utf8.reduce(0) { $0 * 31 + Int($1) })
                try model.write(to: folder.appending(name))
            }
            return settled.text
        }
        let text = MarkedText(try settle(recipe)).text
        let imported = try others.mapValues { MarkedText(try settle($0)).text }
        var options = options
        options.inputs = try options.inputs.mapValues(settle)
        options.environment["SUTURE_CACHE"] = folder.appending("cache").string

        let load: RecipeLoader = { (path, _) throws(RecipeLoadError) in
            guard let text = imported[path] else { throw RecipeLoadError(reason: "there is no such file") }
            return SourceFile(path: path, text: text)
        }
        do throws(Diagnostics) {
            let file = SourceFile(path: "recipe.yml", text: text)
            let (graph, notices) = try RecipeReader.read(file, vocabulary: .registered, load: load)
            var planner = Planner(graph, notices: notices, options: options)
            let result = planner.plan()
            return Planning(plan: result.plan, diagnostics: result.diagnostics, text: text)
        } catch {
            return Planning(plan: nil, diagnostics: error.all, text: text)
        }
    }
}

/// `@name` in recipes, where the folder of a model will stand.
enum Placeholders {
    /// Puts paths in place of names, and lists the names.
    static func replace(in text: String, with path: (String) -> String) -> (text: String, names: [String]) {
        var result = ""
        var names: [String] = []
        var rest = text[...]
        while let at = rest.firstIndex(of: "@") {
            result += rest[..<at]
            let name = rest[at...].dropFirst().prefix { $0.isLetter || $0.isNumber }
            names.append(String(name))
            result += path(String(name))
            rest = rest[name.endIndex...]
        }
        return (result + rest, names)
    }
}
