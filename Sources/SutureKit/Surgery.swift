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
    private var options: PlanningOptions

    /// Reads a recipe and those it imports.
    ///
    /// - Parameters:
    ///   - path: The recipe's file or its name on the ``RecipeShelf``; `-` for standard input.
    ///   - options: What the caller adds to it.
    /// - Throws: `Diagnostics` with all that is wrong with the text.
    public init(reading path: String, options: PlanningOptions = PlanningOptions()) throws(Diagnostics) {
        let shelf = RecipeShelf(environment: options.environment)
        try self.init(reading: RecipeFiles.read(shelf.path(ofRecipe: path) ?? path), options: options)
    }

    /// Reads a recipe whose text is at hand, and those it imports.
    init(reading file: SourceFile, options: PlanningOptions) throws(Diagnostics) {
        let methods = options.methods ?? .standard
        self.options = options
        self.options.methods = methods
        let reading = try RecipeReader.read(
            file,
            vocabulary: RecipeVocabulary(methods),
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

    /// Where the recipe says what, for an ``Explanation`` of its plan: by the names of nodes and their parameters.
    public var places: [String: String] { Planner(graph, options: options).places }

    /// Prints the recipe's flat form: imports inlined, parameters bound, loops unrolled, slices absolute.
    ///
    /// - Returns: The text, unless something was wrong, and everything that was found.
    public func expand() -> (text: String?, diagnostics: [Diagnostic]) {
        var planner = Planner(graph, notices: notices, options: options)
        let flat = planner.flatten()
        return (flat.graph.map(RecipePrinter.print), flat.diagnostics)
    }

    /// The JSON Schema of native recipes, by which editors complete and check them.
    public static var recipeSchema: String { RecipeSchema.jsonSchema(RecipeVocabulary(.standard)) }

    /// Prints the recipe as mergekit would read it, where it can be said there.
    ///
    /// - Returns: The text, unless something was wrong or cannot be said, and everything that was found.
    public func convertToMergekit() -> (text: String?, diagnostics: [Diagnostic]) {
        var planner = Planner(graph, notices: notices, options: options)
        let flat = planner.flatten()
        guard let graph = flat.graph else { return (nil, flat.diagnostics) }
        let printed = MergekitPrinter.print(graph, layerCounts: flat.layerCounts)
        let unsaid = printed.cannot.map { Diagnostic.cannotSay($0, in: graph.file.path) }
        return (unsaid.isEmpty ? printed.text : nil, flat.diagnostics + unsaid)
    }
}

extension Diagnostic {
    /// Something that mergekit's dialect has no words for.
    static func cannotSay(_ what: String, in path: String) -> Diagnostic {
        Diagnostic(
            code: "cannot-say",
            "mergekit has no words for \(what)",
            at: .file(path, tensor: nil),
            fix: FixIt("'suture recipe expand' prints the flat native form")
        )
    }
}
