import SutureDiagnostics
import SutureTensors

/// Prints a flat recipe as mergekit would read it, where it can be said there.
///
/// A node becomes a document; several are what `mergekit-multi` reads. Roles become the filters by which
/// models of the llama family are usually told apart.
package struct MergekitPrinter {
    private let graph: SliceGraph
    private let layerCounts: [String: Int]
    private var cannot: [String] = []

    /// Prints a recipe.
    ///
    /// - Parameters:
    ///   - graph: A flat recipe: no uses, loops or expressions.
    ///   - layerCounts: The layers of each input and node.
    /// - Returns: The text, and what mergekit has no words for; the text is whole only where that is nothing.
    package static func print(_ graph: SliceGraph, layerCounts: [String: Int]) -> (text: String, cannot: [String]) {
        var printer = MergekitPrinter(graph: graph, layerCounts: layerCounts)
        let text = printer.documents().map { $0.document(blockDepth: 5) }.joined(separator: "---\n")
        return (text, printer.cannot)
    }

    private init(graph: SliceGraph, layerCounts: [String: Int]) {
        self.graph = graph
        self.layerCounts = layerCounts
    }

    private mutating func documents() -> [PrintedYAML] {
        let output = graph.output
        if output.ends.embed != nil || output.ends.norm != nil || output.ends.head != nil {
            cannot.append("'output.ends': embedding, norm and head of chosen models")
        }
        if !output.drop.isEmpty { cannot.append("'output.drop'") }
        let written = output.node?.value ?? "out"
        return graph.nodes.map { node in
            var pairs: [(String, PrintedYAML)] = node.name.value == written ? [] : [("name", .text(node.name.value))]
            pairs += body(of: node)
            if let dtype = (output.dtype?.value.recipeNames.first) { pairs.append(("dtype", .text(dtype))) }
            if node.name.value == written, case .input(let name)? = output.tokenizer {
                pairs.append(("tokenizer_source", model(name.value)))
            }
            return .mapping(pairs)
        }
    }

    private mutating func body(of node: SliceGraph.Node) -> [(String, PrintedYAML)] {
        switch node.operation {
        case .slice(let slice):
            return passthrough(slices(of: StackItem.Layers(from: slice)))
        case .stack(let items):
            var all: [PrintedYAML] = []
            for item in items {
                guard case .layers(let layers) = item.content else { continue }
                all += slices(of: layers)
            }
            return passthrough(all)
        case .edit(let edit):
            return passthrough(slices(of: StackItem.Layers(from: edit.from, scale: edit.scale, set: edit.set)))
        case .expand(let expansion):
            return passthrough(slices(of: expansion))
        case .blend(let blend):
            return body(of: blend)
        case .splice:
            cannot.append("the splice '\(node.name.value)'")
            return []
        case .use:
            cannot.append("the use '\(node.name.value)'")
            return []
        }
    }

    // MARK: - Stacks

    private func passthrough(_ slices: [PrintedYAML]) -> [(String, PrintedYAML)] {
        var pairs: [(String, PrintedYAML)] = [("merge_method", .text("passthrough"))]
        if let donor = graph.output.config { pairs.append(("base_model", model(donor.value))) }
        return pairs + [("slices", .list(slices))]
    }

    private mutating func slices(of item: StackItem.Layers) -> [PrintedYAML] {
        var runs = runs(of: item.from)
        if item.isReversed?.value == .boolean(true) {
            runs = runs.flatMap { $0.map { $0..<$0 + 1 } }.reversed()
        }
        let scale = self.scale(item.scale, set: item.set)
        let once = runs.map { slice(item.from.target.value, $0, scale: scale) }
        guard case .integer(let count)? = item.repetitions?.value else { return once }
        return (0..<max(1, count)).flatMap { _ in once }
    }

    private mutating func slices(of expansion: Expansion) -> [PrintedYAML] {
        let layers = runs(of: expansion.from).flatMap { Array($0) }
        var places: Set<Int> = []
        switch expansion.places {
        case .every(let step):
            if case .integer(let step) = step.value, step > 0 {
                places = Set(stride(from: step - 1, to: layers.count, by: step))
            }
        case .after(let after):
            for place in after {
                if case .integer(let index) = place.value { places.insert(index < 0 ? index + layers.count : index) }
            }
        }
        let scale = self.scale(expansion.scale, set: expansion.set)
        let name = expansion.from.target.value
        return layers.indices.flatMap { index -> [PrintedYAML] in
            let plain = slice(name, layers[index]..<layers[index] + 1, scale: nil)
            guard places.contains(index) else { return [plain] }
            let donor = layers[expansion.donor == .previous ? index : min(index + 1, layers.count - 1)]
            return [plain, slice(name, donor..<donor + 1, scale: scale)]
        }
    }

    private func slice(_ name: String, _ layers: Range<Int>, scale: PrintedYAML?) -> PrintedYAML {
        .mapping([("sources", .list([source(name, layers, parameters: scale.map { [("scale", $0)] } ?? [])]))])
    }

    private func source(
        _ name: String,
        _ layers: Range<Int>,
        parameters: [(String, PrintedYAML)]
    ) -> PrintedYAML {
        var pairs: [(String, PrintedYAML)] = [
            ("model", model(name)),
            ("layer_range", .compact(.list([.literal("\(layers.lowerBound)"), .literal("\(layers.upperBound)")]))),
        ]
        if !parameters.isEmpty { pairs.append(("parameters", .mapping(parameters))) }
        return .mapping(pairs)
    }

    /// The runs of neighbouring layers that a flat slice means.
    private mutating func runs(of slice: SliceExpression) -> [Range<Int>] {
        guard let pieces = slice.pieces else {
            guard let count = layerCounts[slice.target.value] else { return [] }
            return [0..<count]
        }
        return pieces.flatMap { piece -> [Range<Int>] in
            switch piece {
            case .layer(let index):
                guard case .integer(let layer) = index.value else { return [] }
                return [layer..<layer + 1]
            case .run(let start, let end, let step, _):
                guard case .integer(let first)? = start?.value else { return [] }
                if let step, case .integer(let step) = step.value, step == -1 {
                    let last = if case .integer(let end)? = end?.value { end } else { -1 }
                    return stride(from: first, to: last, by: -1).map { $0..<$0 + 1 }
                }
                guard case .integer(let last)? = end?.value, first <= last else { return [] }
                return [first..<last]
            }
        }
    }

    // MARK: - Blends

    private mutating func body(of blend: Blend) -> [(String, PrintedYAML)] {
        guard case .text(let method) = blend.method.value else { return [] }
        var pairs: [(String, PrintedYAML)] = [("merge_method", .text(method))]
        if let base = blend.base {
            pairs.append(("base_model", model(base.target.value)))
        } else if method == "slerp" || method == "arcee_fusion", let first = blend.inputs.first {
            pairs.append(("base_model", model(first.from.target.value)))
        } else if let donor = graph.output.config {
            pairs.append(("base_model", model(donor.value)))
        }
        let everybody = blend.inputs.map(\.from) + (blend.base.map { [$0] } ?? [])
        if everybody.allSatisfy({ $0.pieces == nil }) {
            pairs.append(("models", .list(blend.inputs.map { input in entry(input) })))
        } else {
            var sources = blend.inputs.map { source($0) }
            if let base = blend.base, !blend.inputs.contains(where: { $0.from.text == base.text }) {
                sources.append(source(Blend.Input(from: base)))
            }
            pairs.append(("slices", .list([.mapping([("sources", .list(sources))])])))
        }
        let parameters = arguments(blend.parameters)
        if !parameters.isEmpty { pairs.append(("parameters", .mapping(parameters))) }
        return pairs
    }

    private mutating func entry(_ input: Blend.Input) -> PrintedYAML {
        let parameters = arguments(input.parameters)
        let name: (String, PrintedYAML) = ("model", model(input.from.target.value))
        return .mapping(parameters.isEmpty ? [name] : [name, ("parameters", .mapping(parameters))])
    }

    private mutating func source(_ input: Blend.Input) -> PrintedYAML {
        let runs = runs(of: input.from)
        if runs.count != 1 { cannot.append("the blended layers '\(input.from.text)', which are no single run") }
        return source(input.from.target.value, runs.first ?? 0..<0, parameters: arguments(input.parameters))
    }

    private mutating func arguments(_ arguments: [Argument]) -> [(String, PrintedYAML)] {
        arguments.map { ($0.name.value, setting($0.value)) }
    }

    private func model(_ name: String) -> PrintedYAML {
        .text(graph.inputs.first { $0.name.value == name }?.reference?.value ?? name)
    }

    // MARK: - Values

    /// A scale, and constants of 0 as one: mergekit can only multiply.
    private mutating func scale(_ scale: Value?, set: Value?) -> PrintedYAML? {
        guard set != nil || scale != nil else { return nil }
        var entries: [PrintedYAML] = []
        for value in [set, scale].compactMap(\.self) {
            guard case .cases(let cases) = value.content else {
                entries.append(.mapping([("value", setting(value))]))
                continue
            }
            entries += filters(cases)
        }
        if let set, case .cases(let cases) = set.content, cases.contains(where: { !$0.value.isZero }) {
            cannot.append("a constant other than 0 under 'set'")
        }
        return .list(entries + [.mapping([("value", .literal("1.0"))])])
    }

    private mutating func setting(_ value: Value) -> PrintedYAML {
        switch value.content {
        case .constant(let expression): return .literal(expression.text)
        case .curve(let points, let axis):
            if axis == .depth { cannot.append("a curve over the depth of the model a layer came from") }
            return .compact(.list(points.map { .literal($0.value.text) }))
        case .cases(let cases): return .list(filters(cases))
        }
    }

    private mutating func filters(_ cases: [Value.Case]) -> [PrintedYAML] {
        cases.flatMap { entry -> [PrintedYAML] in
            let value = setting(entry.value)
            guard let selector = entry.selector else { return [.mapping([("value", value)])] }
            if !selector.excluding.isEmpty { cannot.append("'not:' in a selector") }
            return selector.including.flatMap { filters($0) }.map { filter in
                .compact(.mapping([("filter", .text(filter)), ("value", value)]))
            }
        }
    }

    private mutating func filters(_ term: Selector.Term) -> [String] {
        switch term {
        case .role(let pattern):
            if let names = Self.names[pattern.value] { return names }
            cannot.append("the role '\(pattern.value)'")
        case .layers(_, let pattern):
            cannot.append("'layers[…].\(pattern.value)', a part of some layers")
        case .name(let glob):
            let inner = glob.value.drop { $0 == "*" }.reversed().drop { $0 == "*" }.reversed()
            if !inner.contains("*"), !inner.contains("?") { return [String(inner)] }
            cannot.append("the glob '\(glob.value)'")
        }
        return []
    }

    /// What tensors of a role are called in most families.
    private static let names: [String: [String]] = [
        "*": ["*"], "attn.*": ["self_attn"], "mlp.*": ["mlp"],
        "attn.q": ["q_proj"], "attn.k": ["k_proj"], "attn.v": ["v_proj"], "attn.o": ["o_proj"],
        "attn.qkv": ["qkv_proj"], "attn.q_norm": ["q_norm"], "attn.k_norm": ["k_norm"],
        "mlp.gate": ["gate_proj"], "mlp.up": ["up_proj"], "mlp.down": ["down_proj"], "mlp.gate_up": ["gate_up_proj"],
        "norm.attn": ["input_layernorm"], "norm.mlp": ["post_attention_layernorm"],
        "embed": ["embed_tokens"], "head": ["lm_head"], "norm.final": ["model.norm"],
    ]
}

extension Value {
    /// Whether it is 0 everywhere it says something.
    fileprivate var isZero: Bool {
        switch content {
        case .constant(.integer(0)): true
        case .constant(.number(let number)): number == 0
        case .constant: false
        case .curve(let points, _): points.allSatisfy { $0.value == .integer(0) || $0.value == .number(0) }
        case .cases(let cases): cases.allSatisfy { $0.value.isZero }
        }
    }
}
