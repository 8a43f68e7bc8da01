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
        flat.output.modules = graph.output.modules.compactMap { module($0) }
        guard flat.output.modules.count == graph.output.modules.count else { return nil }
        flat.expectations = graph.expectations.compactMap { expectation in
            guard let value = constant(expectation.value, in: 0, locals: [:]) else { return nil }
            return SliceGraph.Expectation(subject: expectation.subject, value: value)
        }
        return lowering.findings.hasErrors ? nil : flat
    }

    /// Flattens what a module is made of, whose layers are counted by themselves.
    private mutating func module(_ setting: OutputSettings.Module) -> OutputSettings.Module? {
        let models = lowering
        lowering = lowering.modules[setting.name.value] ?? lowering
        defer { lowering = models }
        return slice(setting.from, in: 0, locals: [:]).map { OutputSettings.Module(name: setting.name, from: $0) }
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
        guard let operation = operation(node.operation, in: scope) else { return nil }
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

    private mutating func operation(_ operation: Operation, in scope: Int) -> Operation? {
        switch operation {
        case .slice(let inner):
            return slice(inner, in: scope, locals: [:]).map(Operation.slice)
        case .stack(let items):
            guard let flat = self.items(items, in: scope, locals: [:]) else { return nil }
            return .stack(flat)
        case .splice(let splice):
            return self.splice(splice, in: scope)
        case .blend(let blend):
            return self.blend(blend, in: scope)
        case .expand(let expansion):
            return expand(expansion, in: scope)
        case .edit(var edit):
            guard let from = slice(edit.from, in: scope, locals: [:]) else { return nil }
            edit.from = from
            edit.scale = edit.scale.flatMap { value($0, in: scope, locals: [:]) }
            edit.set = edit.set.flatMap { value($0, in: scope, locals: [:]) }
            return .edit(edit)
        case .use:
            return nil
        }
    }

    private mutating func splice(_ splice: Splice, in scope: Int) -> Operation? {
        guard let onto = slice(splice.onto, in: scope, locals: [:]) else { return nil }
        var takes: [Splice.Take] = []
        for var take in splice.takes {
            guard let from = slice(take.from, in: scope, locals: [:]) else { return nil }
            take.from = from
            if var blend = take.blend {
                guard let method = lowering.method(blend.method, in: scope) else { return nil }
                blend.parameters = arguments(blend.parameters, of: method, in: scope)
                take.blend = blend
            }
            takes.append(take)
        }
        return .splice(Splice(onto: onto, takes: takes))
    }

    private mutating func blend(_ blend: Blend, in scope: Int) -> Operation? {
        var result = blend
        guard let method = lowering.method(blend.method, in: scope) else { return nil }
        result.method = Marked(.text(method.name), at: blend.method.range)
        result.inputs = []
        for input in blend.inputs {
            // A base that stands among the inputs is the base and nothing else, where the method takes one apart.
            if let base = blend.base, method.base == .required || method.base == .optional, input.from.means(base) {
                continue
            }
            guard let from = slice(input.from, in: scope, locals: [:]) else { return nil }
            result.inputs.append(
                Blend.Input(from: from, parameters: arguments(input.parameters, of: method, in: scope))
            )
        }
        if let base = blend.base {
            guard let flat = slice(base, in: scope, locals: [:]) else { return nil }
            result.base = flat
        }
        result.parameters = arguments(blend.parameters, of: method, in: scope)
        return .blend(result)
    }

    private mutating func expand(_ expansion: Expansion, in scope: Int) -> Operation? {
        guard let from = slice(expansion.from, in: scope, locals: [:]) else { return nil }
        var result = expansion
        result.from = from
        switch expansion.places {
        case .every(let step):
            guard let step = constant(step, in: scope, locals: [:]) else { return nil }
            result.places = .every(step)
        case .after(let places):
            result.places = .after(places.compactMap { constant($0, in: scope, locals: [:]) })
        }
        result.scale = expansion.scale.flatMap { value($0, in: scope, locals: [:]) }
        result.set = expansion.set.flatMap { value($0, in: scope, locals: [:]) }
        return .expand(result)
    }

    // MARK: - Items

    private mutating func items(_ items: [StackItem], in scope: Int, locals: Locals) -> [StackItem]? {
        var flat: [StackItem] = []
        for item in items {
            switch item.content {
            case .layers(var layers):
                guard let from = slice(layers.from, in: scope, locals: locals) else { return nil }
                layers.from = from
                layers.repetitions = layers.repetitions.flatMap { constant($0, in: scope, locals: locals) }
                if layers.repetitions?.value == .integer(1) { layers.repetitions = nil }
                layers.isReversed = layers.isReversed.flatMap { constant($0, in: scope, locals: locals) }
                if layers.isReversed?.value == .boolean(false) { layers.isReversed = nil }
                layers.scale = layers.scale.flatMap { value($0, in: scope, locals: locals) }
                layers.set = layers.set.flatMap { value($0, in: scope, locals: locals) }
                flat.append(StackItem(.layers(layers), range: item.range))
            case .foreach(let variables, let body):
                guard let rows = lowering.rows(of: variables, in: scope, locals: locals) else { return nil }
                for row in rows {
                    guard let part = self.items(body, in: scope, locals: row) else { return nil }
                    flat += part
                }
            case .window(let of, let size, let step):
                guard let windows = lowering.windows(of: of, size: size, step: step, in: scope, locals: locals),
                    let whole = slice(of, in: scope, locals: locals)
                else { return nil }
                flat += windows.map { part($0, of: whole, range: item.range) }
            case .interleave(let slices, let run):
                guard let runs = lowering.interleaved(slices, run: run, in: scope, locals: locals) else { return nil }
                var wholes: [SliceExpression] = []
                for inner in slices {
                    guard let whole = slice(inner, in: scope, locals: locals) else { return nil }
                    wholes.append(whole)
                }
                flat += runs.flatMap { run in wholes.map { part(run, of: $0, range: item.range) } }
            }
        }
        return flat
    }

    /// Some of the layers that a flat slice means.
    private func part(_ layers: Range<Int>, of whole: SliceExpression, range: SourceRange?) -> StackItem {
        let numbers = whole.absoluteLayers.map { Array($0[layers]) } ?? Array(layers)
        let slice = SliceExpression(target: whole.target, pieces: Self.pieces(numbers), range: whole.range)
        return StackItem(.layers(StackItem.Layers(from: slice)), range: range)
    }
}
