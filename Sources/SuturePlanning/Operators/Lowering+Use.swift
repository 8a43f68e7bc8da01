import SutureDiagnostics
import SutureRecipes

extension Use: LoweredOperator {
    func strip(by lowering: inout Lowering, node: SliceGraph.Node, in scope: Int, at position: Int) -> Strip? {
        lowering.use(self, in: scope, at: position)
    }

    func flat(by flattening: inout Flattening, in scope: Int) -> Operation? {
        nil
    }

    func computesNumbers(depth: Int) -> Bool { depth < 64 && graph.hasArithmetic(depth: depth + 1) }

    func places(of node: String, under path: String) -> [String: String] {
        RecipePlaces.places(in: graph, path: path + recipe.value + "_")
    }
}

extension Lowering {
    /// Lowers a node of an imported recipe, in a scope that sees only what it is given.
    mutating func use(_ use: Use, in scope: Int, at position: Int) -> Strip? {
        guard scopes.count < Self.mostScopes else {
            findings.append(.tooManyUses(Self.mostScopes, at: use.recipe.range))
            return nil
        }
        let inner = open(use, in: scope)
        let name = use.node?.value ?? use.graph.output.node?.value ?? "out"
        guard use.graph.nodes.contains(where: { $0.name.value == name }) else {
            let known = use.graph.nodes.map(\.name.value)
            findings.append(
                .unknownNode(name, ofRecipe: use.recipe.value, known: known, at: use.node?.range ?? use.recipe.range)
            )
            return nil
        }
        guard checkBindings(of: use, in: inner) else { return nil }
        guard var strip = strip(ofNode: name, in: inner, at: position) else { return nil }
        // The caller's line is the one that its reader can act on.
        for index in strip.layers.indices where strip.layers[index].range?.file != use.recipe.range?.file {
            strip.layers[index].range = use.recipe.range
        }
        return strip
    }

    /// More uses in one recipe than anybody means.
    static var mostScopes: Int { 1000 }

    /// The scope of a use; the same use is opened once.
    mutating func open(_ use: Use, in scope: Int) -> Int {
        let key = UseKey(use: use, scope: scope)
        if let known = openedUses[key] { return known }
        var inputs: [String: Scope.Binding] = [:]
        // What the caller does not give may be named by the imported recipe itself.
        for input in use.graph.inputs {
            if let key = input.sourceKey, let source = sourceNumbers[key] {
                inputs[input.name.value] = .source(source)
            }
        }
        for binding in use.inputs { inputs[binding.name.value] = .slice(binding.value, scope: scope) }
        var arguments: [String: (value: Value, scope: Int)] = [:]
        for argument in use.parameters { arguments[argument.name.value] = (argument.value, scope) }
        let index = scopes.count
        scopes.append(
            Scope(
                graph: use.graph,
                path: scopes[scope].path + use.recipe.value + "_",
                caller: scope,
                inputs: inputs,
                arguments: arguments
            )
        )
        openedUses[key] = index
        checkParameters(in: index)
        return index
    }

    /// Whether every input of an imported recipe has been given, and nothing that it does not know.
    private mutating func checkBindings(of use: Use, in inner: Int) -> Bool {
        let declared = use.graph.inputs.map(\.name.value)
        var isSound = true
        for binding in use.inputs where !declared.contains(binding.name.value) {
            findings.append(.unknownInput(binding.name, ofRecipe: use.recipe.value, known: declared))
            isSound = false
        }
        let known = use.graph.parameters.map(\.name.value)
        for argument in use.parameters where !known.contains(argument.name.value) {
            findings.append(.unknownUsedParameter(argument.name, of: use.recipe, known: known))
            isSound = false
        }
        for input in use.graph.inputs where !input.isOptional && scopes[inner].inputs[input.name.value] == nil {
            findings.append(.unboundInput(input.name.value, ofRecipe: use.recipe.value, at: use.recipe.range))
            isSound = false
        }
        return isSound
    }

    /// A use as it is written in a scope.
    struct UseKey: Hashable {
        let use: Use
        let scope: Int
    }
}

extension Diagnostic {
    /// A use that gives a parameter which the imported recipe does not have.
    static func unknownUsedParameter(_ name: Marked<String>, of recipe: Marked<String>, known: [String]) -> Diagnostic {
        unknownParameter(name.value, of: "recipe '\(recipe.value)'", known: known, at: name.range)
    }
}
