import SutureCheckpoints
public import SutureDiagnostics
import SutureExecution
public import SuturePlanning
import SutureRecipes
import SystemPackage

/// The library's front door: a recipe, what is wrong with it, its plan, its result.
///
/// ```swift
/// let surgery = try Surgery(reading: "recipes/solar.yml", options: options)
/// let result = surgery.plan()
/// if let plan = result.plan {
///     let outcome = try Surgery.build(plan, into: "out")
/// }
/// ```
public struct Surgery: Sendable {
    private let graph: SliceGraph
    private let notices: [Diagnostic]
    private let options: PlanningOptions

    /// Reads a recipe and those it imports.
    ///
    /// - Parameters:
    ///   - path: The recipe's file; `-` for standard input.
    ///   - options: What the caller adds to it.
    /// - Throws: `Diagnostics` with all that is wrong with the text.
    public init(reading path: String, options: PlanningOptions = PlanningOptions()) throws(Diagnostics) {
        self.options = options
        let file = try RecipeFiles.read(path)
        let reading = try RecipeReader.read(
            file,
            vocabulary: .registered,
            load: { (path, importer) throws(RecipeLoadError) in try RecipeFiles.read(path, importedBy: importer) }
        )
        graph = reading.graph
        notices = reading.notices
    }

    /// Finds everything that can be found without reading a weight.
    ///
    /// - Returns: Errors, warnings and notes; no error means that ``plan()`` has a plan.
    public func check() -> [Diagnostic] { plan().diagnostics }

    /// Makes the plan; reads headers only and writes nothing.
    public func plan() -> PlanningResult {
        var planner = Planner(graph, notices: notices, options: options)
        return planner.plan()
    }
}
