import SutureDiagnostics
import SutureRecipes

extension SliceGraph {
    /// Whether the recipe does arithmetic on weights or asks for a dtype: whether packed ones must become numbers.
    var computesNumbers: Bool { output.dtype != nil || hasArithmetic(depth: 0) }

    private func hasArithmetic(depth: Int) -> Bool {
        nodes.contains { node in
            switch node.operation {
            case .slice: false
            case .stack(let items): items.contains(where: \.hasArithmetic)
            case .splice(let splice): splice.takes.contains { $0.blend != nil }
            case .blend(let blend): !blend.isPassthrough
            case .expand(let expansion): expansion.scale != nil || expansion.set != nil
            case .edit(let edit): edit.scale != nil || edit.set != nil
            case .use(let use): depth < 64 && use.graph.hasArithmetic(depth: depth + 1)
            }
        }
    }
}

extension StackItem {
    fileprivate var hasArithmetic: Bool {
        switch content {
        case .layers(let layers): layers.scale != nil || layers.set != nil
        case .foreach(_, let body): body.contains(where: \.hasArithmetic)
        case .window, .interleave: false
        }
    }
}

extension Blend {
    /// Whether it only moves what it is given.
    fileprivate var isPassthrough: Bool {
        method.value == .text("passthrough") && parameters.isEmpty && inputs.allSatisfy { $0.parameters.isEmpty }
    }
}
