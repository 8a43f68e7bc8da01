import SutureDiagnostics
import SutureRecipes

/// One reading of a recipe: its names and what they stand for.
///
/// The recipe at hand is the first scope; every `use` of an imported one opens another, which sees
/// only what it is given, and in overridden values `caller.` and a name of its caller's.
struct Scope {
    /// The recipe.
    let graph: SliceGraph
    /// What stands before its nodes' names in messages and random keys: `` or `dus_`.
    let path: String
    /// The scope that uses this one.
    let caller: Int?
    /// What its inputs stand for.
    var inputs: [String: Binding]
    /// Values given for its parameters, and the scope whose names they are written over.
    var arguments: [String: (value: Value, scope: Int)]

    /// What an input stands for.
    enum Binding {
        /// A checkpoint, as an index into the opened sources.
        case source(Int)
        /// Layers of a caller's strip.
        case slice(SliceExpression, scope: Int)
    }

    /// The node of a name.
    func node(_ name: String) -> SliceGraph.Node? { graph.nodes.first { $0.name.value == name } }
}

/// Values of loop variables, known inside the body of a `foreach`.
typealias Locals = [String: ExpressionValue]
