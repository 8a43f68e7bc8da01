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
            switch node.operation {
            case .blend(let blend):
                for argument in blend.parameters {
                    places["\(name).\(argument.name.value)"] = argument.value.range?.placeText
                }
                for (index, input) in blend.inputs.enumerated() {
                    for argument in input.parameters {
                        places["\(name)[\(index)].\(argument.name.value)"] = argument.value.range?.placeText
                    }
                }
            case .splice(let splice):
                for argument in splice.takes.lazy.compactMap(\.blend).flatMap(\.parameters) {
                    places["\(name).\(argument.name.value)"] = argument.value.range?.placeText
                }
            case .use(let use):
                places.merge(Self.places(in: use.graph, path: path + use.recipe.value + "_")) { first, _ in first }
            case .slice, .stack, .expand, .edit:
                break
            }
        }
        return places
    }
}
