import SutureDiagnostics

extension SliceGraph {
    /// The same recipe with what it imports put in place: their nodes become nodes of its own.
    ///
    /// An imported recipe's names get the name under which it was imported before them, its parameters
    /// become values or `let`s, and its inputs what they were bound to.
    package func inlined() -> SliceGraph {
        let usesOthers = nodes.contains { node in
            if case .use = node.operation { true } else { false }
        }
        guard usesOthers else { return self }
        var inliner = Inliner(root: self)
        inliner.add(nodes, of: GraphRewriter(target: { $0 }, name: Expression.name))
        return inliner.graph
    }
}

/// Collects the nodes of a recipe and of those it uses.
private struct Inliner {
    private(set) var graph: SliceGraph
    private var taken: Set<String>

    init(root: SliceGraph) {
        graph = root
        graph.nodes = []
        taken = Set(root.inputs.map(\.name.value) + root.nodes.map(\.name.value))
        taken.formUnion(root.parameters.map(\.name.value) + root.definitions.map(\.name.value))
    }

    /// Adds nodes under the names that a rewriter gives them.
    mutating func add(_ nodes: [SliceGraph.Node], of scope: GraphRewriter) {
        for node in nodes {
            let name = scope.rewrite(node.name)
            guard case .use(let use) = node.operation else {
                let operation = scope.rewrite(node.operation)
                graph.nodes.append(SliceGraph.Node(name: name, operation: operation, range: node.range))
                continue
            }
            add(use, as: name, of: scope)
        }
    }

    /// Adds the nodes of a used recipe, the one that is asked for under the name of the use.
    private mutating func add(_ use: Use, as name: Marked<String>, of outer: GraphRewriter) {
        let prefix = newName(identifier(use.recipe.value))
        let inner = use.graph
        let wanted = use.node?.value ?? inner.output.node?.value ?? "out"
        var targets: [String: String] = [:]
        for node in inner.nodes {
            targets[node.name.value] = node.name.value == wanted ? name.value : newName("\(prefix)_\(node.name.value)")
        }
        for input in inner.inputs { targets[input.name.value] = bind(input, of: use, prefix: prefix, outer: outer) }

        var expressions: [String: Expression] = [:]
        var contents: [String: Value.Content] = [:]
        func scope() -> GraphRewriter {
            GraphRewriter(
                target: { [targets] name in
                    name.hasPrefix("caller.") ? outer.target(String(name.dropFirst(7))) : targets[name] ?? name
                },
                name: { [targets, expressions] name in
                    if name.hasPrefix("caller.") { return outer.rewrite(.name(String(name.dropFirst(7)))) }
                    if let expression = expressions[name] { return expression }
                    guard let dot = name.lastIndex(of: "."), let strip = targets[String(name[..<dot])] else {
                        return .name(name)
                    }
                    return .name(strip + name[dot...])
                },
                value: { [contents] name in
                    name.hasPrefix("caller.") ? outer.value(String(name.dropFirst(7))) : contents[name]
                }
            )
        }

        // Parameters and `let`s may need each other in any order, so each waits until what it needs is known.
        var waiting = inner.definitions.map { definition in
            (
                name: definition.name.value,
                value: Value(.constant(definition.expression.value), range: definition.expression.range)
            )
        }
        for parameter in inner.parameters {
            let name = parameter.name.value
            if let given = use.parameters.first(where: { $0.name.value == name }) {
                settle(name, outer.rewrite(given.value), prefix, &expressions, &contents)
            } else if let fallback = parameter.fallback {
                waiting.append((name, fallback))
            }
        }
        while !waiting.isEmpty {
            let unknown = Set(waiting.map(\.name))
            // Names that need each other in a circle are left as they are; the planner says so.
            let index = waiting.firstIndex { $0.value.names.isDisjoint(with: unknown) } ?? 0
            let (name, value) = waiting.remove(at: index)
            settle(name, scope().rewrite(value), prefix, &expressions, &contents)
        }
        add(inner.nodes, of: scope())
    }

    /// Notes what stands for a parameter or `let` of a used recipe.
    private mutating func settle(
        _ name: String,
        _ value: Value,
        _ prefix: String,
        _ expressions: inout [String: Expression],
        _ contents: inout [String: Value.Content]
    ) {
        if case .constant(let expression) = value.content {
            expressions[name] = define("\(prefix)_\(name)", Marked(expression, at: value.range))
        } else {
            contents[name] = value.content
        }
    }

    /// What stands for an input of a used recipe: what it is bound to, or an input of the whole.
    private mutating func bind(
        _ input: SliceGraph.InputDeclaration,
        of use: Use,
        prefix: String,
        outer: GraphRewriter
    ) -> String {
        guard let binding = use.inputs.first(where: { $0.name.value == input.name.value }) else {
            var own = input
            own.name = input.name.map { _ in newName("\(prefix)_\(input.name.value)") }
            graph.inputs.append(own)
            return own.name.value
        }
        let slice = outer.rewrite(binding.value)
        guard slice.pieces != nil else { return slice.target.value }
        let name = newName("\(prefix)_\(input.name.value)")
        graph.nodes.append(
            SliceGraph.Node(name: Marked(name, at: slice.range), operation: .slice(slice), range: slice.range)
        )
        return name
    }

    /// What stands for a parameter or `let`: its value where that is plain, else a `let` of the whole.
    private mutating func define(_ name: String, _ expression: Marked<Expression>) -> Expression {
        switch expression.value {
        case .integer, .number, .boolean, .text, .name: return expression.value
        case .unary, .binary, .call, .template:
            let name = newName(identifier(name))
            graph.definitions.append(SliceGraph.Definition(name: Marked(name, at: nil), expression: expression))
            return .name(name)
        }
    }

    private mutating func newName(_ wanted: String) -> String {
        var candidate = wanted
        var number = 2
        while !taken.insert(candidate).inserted {
            candidate = "\(wanted)_\(number)"
            number += 1
        }
        return candidate
    }

    private func identifier(_ text: String) -> String { String(text.map { $0 == "-" ? "_" : $0 }) }
}
