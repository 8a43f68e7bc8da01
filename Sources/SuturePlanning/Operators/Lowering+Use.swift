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
            findings.append(.tooManyUses(at: use.recipe.range, most: Self.mostScopes))
            return nil
        }
        let inner = open(use, in: scope)
        let name = use.node?.value ?? use.graph.output.node?.value ?? "out"
        guard use.graph.nodes.contains(where: { $0.name.value == name }) else {
            let known = use.graph.nodes.map(\.name.value)
            findings.append(.unknownUsedNode(name, use.recipe, at: use.node?.range, known: known))
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
            findings.append(.unknownUsedInput(binding.name, of: use.recipe, known: declared))
            isSound = false
        }
        let known = use.graph.parameters.map(\.name.value)
        for argument in use.parameters where !known.contains(argument.name.value) {
            findings.append(.unknownUsedParameter(argument.name, of: use.recipe, known: known))
            isSound = false
        }
        for input in use.graph.inputs where !input.isOptional && scopes[inner].inputs[input.name.value] == nil {
            findings.append(.unboundInput(input.name.value, of: use.recipe.value, at: use.recipe.range))
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
    /// More calls of imported recipes than a recipe can mean.
    static func tooManyUses(at range: SourceRange?, most: Int) -> Diagnostic {
        Diagnostic(code: "too-many-uses", "imported recipes are used more than \(most) times", at: range)
    }

    /// A use of a node that the imported recipe does not have.
    static func unknownUsedNode(
        _ name: String,
        _ recipe: Marked<String>,
        at range: SourceRange?,
        known: [String]
    ) -> Diagnostic {
        Diagnostic(
            code: "unknown-node",
            "recipe '\(recipe.value)' has no node '\(name)'",
            at: range ?? recipe.range,
            fix: .didYouMean(name, among: known) ?? FixIt("there are: " + known.joined(separator: ", "))
        )
    }

    /// A use that gives an input which the imported recipe does not have.
    static func unknownUsedInput(_ name: Marked<String>, of recipe: Marked<String>, known: [String]) -> Diagnostic {
        Diagnostic(
            code: "unknown-input",
            "recipe '\(recipe.value)' has no input '\(name.value)'",
            at: name.range,
            fix: .didYouMean(name.value, among: known) ?? FixIt("there are: " + known.joined(separator: ", "))
        )
    }

    /// A use that gives a parameter which the imported recipe does not have.
    static func unknownUsedParameter(_ name: Marked<String>, of recipe: Marked<String>, known: [String]) -> Diagnostic {
        Diagnostic(
            code: "unknown-parameter",
            "recipe '\(recipe.value)' has no parameter '\(name.value)'",
            at: name.range,
            fix: .didYouMean(name.value, among: known)
                ?? FixIt(known.isEmpty ? "it has none" : "there are: " + known.joined(separator: ", "))
        )
    }

    /// An input of an imported recipe that nobody gave.
    static func unboundInput(_ name: String, of recipe: String, at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            code: "unbound-input",
            "recipe '\(recipe)' needs input '\(name)', and 'use' does not give it",
            at: range,
            fix: FixIt("add 'inputs: {\(name): …}' to the use")
        )
    }
}
