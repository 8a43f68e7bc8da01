import SutureDiagnostics
import SutureRecipes

/// Where a recipe says what: the places of its nodes and of their blends' parameters, as `file:line:column`.
enum RecipePlaces {
    /// The places in a recipe and in those that it uses.
    ///
    /// A node has the name by which blends know it: behind those of the recipes that lead to it. A parameter has
    /// its own after a dot, that of one input after the input's number: `ab`, `ab.t`, `ab[0].weight`.
    static func places(in graph: SliceGraph, path: String = "") -> [String: String] {
        var places: [String: String] = [:]
        for node in graph.nodes {
            let name = path + node.name.value
            places[name] = node.name.range?.placeText
            places.merge(node.operation.lowered.places(of: name, under: path)) { first, _ in first }
        }
        return places
    }
}
