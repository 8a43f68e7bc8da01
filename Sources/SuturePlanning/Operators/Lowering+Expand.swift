import SutureDiagnostics
import SutureRecipes

extension Expansion: LoweredOperator {
    func strip(by lowering: inout Lowering, node: SliceGraph.Node, in scope: Int, at position: Int) -> Strip? {
        lowering.expand(self, in: scope, at: position)
    }

    func flat(by flattening: inout Flattening, in scope: Int) -> Operation? { flattening.expand(self, in: scope) }

    func computesNumbers(depth: Int) -> Bool { scale != nil || set != nil }
}

extension Lowering {
    /// Lowers an expansion: copies of a neighbouring layer, changed, between the layers of a strip.
    mutating func expand(_ expansion: Expansion, in scope: Int, at position: Int) -> Strip? {
        guard let strip = strip(of: expansion.from, in: scope, at: position),
            let places = places(expansion.places, in: strip.layers.count, in: scope)
        else { return nil }
        // The new blocks are edited as a strip of their own, without ends: only they are meant.
        var copies = strip
        copies.ends.embed.slots = []
        copies.ends.norm.slots = []
        copies.ends.head.slots = []
        let last = strip.layers.count - 1
        let donors = places.sorted().map { expansion.donor == .previous ? $0 : min($0 + 1, last) }
        copies.layers = donors.map { donor in
            var copy = strip.layers[donor]
            copy.range = expansion.from.range
            return copy
        }
        apply(scale: expansion.scale, set: expansion.set, to: &copies, in: scope) { copy in
            // Before it stand all layers up to its place, and the copies before it.
            (donors[copy], of: strip.layers.count, lands: position + places.sorted()[copy] + 1 + copy)
        }
        var grown = strip
        grown.layers = []
        var rest = copies.layers[...]
        for (index, layer) in strip.layers.enumerated() {
            grown.layers.append(layer)
            guard places.contains(index), var copy = rest.popFirst() else { continue }
            copy.label = copy.label.marked("+")
            grown.layers.append(copy)
        }
        return grown
    }

    /// The layers after which a block is inserted.
    private mutating func places(_ places: Expansion.Places, in count: Int, in scope: Int) -> Set<Int>? {
        switch places {
        case .every(let expression):
            guard let step = integer(expression, in: scope) else { return nil }
            guard step >= 1, step <= count else {
                findings.append(.badExpansionStep(step, of: count, at: expression.range))
                return nil
            }
            if count % step != 0 { findings.append(.expansionLeavesLayers(count % step, at: expression.range)) }
            return Set(stride(from: step - 1, to: count, by: step))
        case .after(let expressions):
            var places: Set<Int> = []
            for expression in expressions {
                guard let index = integer(expression, in: scope) else { return nil }
                let absolute = index < 0 ? index + count : index
                guard (0..<count).contains(absolute) else {
                    findings.append(
                        .layerPastEnd(index, owner: Owner(name: "from", count: count), at: expression.range)
                    )
                    return nil
                }
                places.insert(absolute)
            }
            return places
        }
    }
}

extension Flattening {
    fileprivate mutating func expand(_ expansion: Expansion, in scope: Int) -> Operation? {
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
}
