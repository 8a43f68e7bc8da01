import SutureArchitectures
import SutureDiagnostics
import SutureRecipes

/// Prints a recipe's meaning back into recipe syntax: imports inlined, parameters bound, loops unrolled,
/// slices absolute.
///
/// Flattening what is flat changes nothing, and the flat recipe has the same plan: nodes of used recipes
/// keep the names by which random numbers are drawn.
struct Flattening {
    var lowering: Lowering
    var flat: SliceGraph
    private var done: [FlatKey: String] = [:]
    var taken: Set<String>

    private struct FlatKey: Hashable {
        let scope: Int
        let name: String
    }

    /// The layers of each input and node of the flat recipe.
    private(set) var layerCounts: [String: Int] = [:]

    /// Prepares to flatten a recipe.
    init(_ graph: SliceGraph, lowering: Lowering) {
        self.lowering = lowering
        flat = SliceGraph(dialect: .native, file: graph.file)
        taken = Set(graph.inputs.map(\.name.value))
    }

    /// The flat recipe, or `nil` when something in it was wrong and has been reported.
    mutating func flatten() -> SliceGraph? {
        let graph = lowering.scopes[0].graph
        flat.title = graph.title
        for input in graph.inputs {
            guard case .source(let index)? = lowering.scopes[0].inputs[input.name.value] else { continue }
            layerCounts[input.name.value] = lowering.sources[index].anatomy.layerCount
            flat.inputs.append(
                SliceGraph.InputDeclaration(
                    name: input.name,
                    reference: Marked(lowering.sources[index].reference, at: input.reference?.range)
                )
            )
        }
        let output = graph.output.node?.value ?? "out"
        guard let name = node(output, in: 0) else { return nil }
        flat.output = graph.output
        flat.output.node = name == "out" ? nil : Marked(name, at: nil)
        let ends = graph.output.ends
        flat.output.ends.embed = ends.embed.flatMap { slice($0, in: 0, locals: [:]) }
        flat.output.ends.norm = ends.norm.flatMap { slice($0, in: 0, locals: [:]) }
        flat.output.ends.head = ends.head.flatMap { slice($0, in: 0, locals: [:]) }
        flat.output.modules = graph.output.modules.compactMap { module in
            guard let focus = lowering.modules[module.name.value] else { return nil }
            // There, inputs and the nodes over them are as deep as the module.
            var own = (lowering: focus, done: [FlatKey: String]())
            func swap() { (lowering, done, own) = (own.lowering, own.done, (lowering, done)) }
            swap()
            defer { swap() }
            return slice(module.from, in: 0, locals: [:]).map { .init(name: module.name, from: $0) }
        }
        flat.expectations = graph.expectations.compactMap { expectation in
            guard let value = constant(expectation.value, in: 0, locals: [:]) else { return nil }
            return SliceGraph.Expectation(subject: expectation.subject, value: value)
        }
        return lowering.findings.hasErrors ? nil : flat
    }

    // MARK: - Nodes

    /// Flattens a node and those it is made of.
    ///
    /// - Returns: The name it has in the flat recipe.
    mutating func node(_ name: String, in scope: Int) -> String? {
        let key = FlatKey(scope: scope, name: name)
        if let known = done[key] { return known }
        guard let node = lowering.scopes[scope].node(name) else { return nil }
        // A use stands for a node of the imported recipe, which is inlined under a name of its own.
        if case .use(let use) = node.operation {
            guard lowering.use(use, in: scope, at: 0) != nil else { return nil }
            let inner = lowering.open(use, in: scope)
            guard let target = self.node(use.node?.value ?? use.graph.output.node?.value ?? "out", in: inner) else {
                return nil
            }
            guard scope == 0 else {
                done[key] = target
                return target
            }
            let whole = SliceExpression(target: Marked(target, at: nil), range: nil)
            return append(.slice(whole), for: key, node: node)
        }
        guard let operation = node.operation.lowered.flat(by: &self, in: scope) else { return nil }
        return append(operation, for: key, node: node)
    }

    private mutating func append(_ operation: Operation, for key: FlatKey, node: SliceGraph.Node) -> String {
        var name = lowering.scopes[key.scope].path + key.name
        while !taken.insert(name).inserted { name += "_" }
        flat.nodes.append(
            SliceGraph.Node(name: Marked(name, at: node.name.range), operation: operation, range: node.range)
        )
        done[key] = name
        layerCounts[name] = lowering.strip(ofNode: key.name, in: key.scope, at: 0)?.layers.count
        return name
    }

}
