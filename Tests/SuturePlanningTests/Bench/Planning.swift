import SutureDiagnostics
import SuturePlanning
import SutureTestSupport

/// What came of planning a recipe over small models.
struct Planning {
    /// The plan, where nothing was wrong.
    let plan: Plan?

    /// Everything that was said, by the reader of the recipe and by the planner.
    let diagnostics: [Diagnostic]

    /// What stood between `«` and `»`, in the recipe or in one that it imports.
    let marked: SourceRange?

    /// The messages as a person sees them, which a failed test shows.
    var drawn: String { DiagnosticRenderer().render(diagnostics) }

    /// The codes of all that was said, each once, in order.
    var codes: [String] {
        diagnostics.map(\.code).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}

/// Plans a recipe on a ``Bench`` of its own.
///
/// - Parameters:
///   - recipe: The recipe, in which `@name` stands for a model; `«` and `»` in it, or in one that it
///     imports, mark where a message should point.
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
    try Bench.with(models: models, others: others) { bench in try bench.planning(recipe, options: options) }
}
