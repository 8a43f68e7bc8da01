import SutureArchitectures
import SutureTensors

/// Proves that a result computes what one of its sources computes, from expressions alone.
///
/// A block adds to the residual stream what its attention and its MLP put out. Where both output
/// projections are zero (LLaMA-Pro, arXiv 2401.02415) it adds nothing; a norm of zeros is zero, unless it
/// has a bias. All other layers must be the source's own, in order, and so must the ends.
struct Identity {
    let composition: Composition

    /// Something by which the result is not its source, and what to do about it.
    struct Difference {
        let words: String
        var fix = "new blocks are neutral when their attn.o and mlp.down are set to 0"
    }

    /// Why the result is not the input's identity; `nil` where it is.
    func difference(from name: String) -> Difference? {
        guard let source = composition.sources.first(where: { $0.name == name }) else {
            return Difference(words: "there is no input '\(name)'", fix: "name an input of the recipe")
        }
        var next = 0
        for (index, layer) in composition.strip.layers.enumerated() {
            if next < source.strip.layers.count, isCopy(layer, of: source.strip.layers[next]) {
                if let loss = loss(in: layer.slots, of: source.strip.layers[next].slots) {
                    return .rounding("\(loss) in layer \(index)")
                }
                next += 1
            } else if let reason = whyNotNeutral(layer) {
                return Difference(
                    words: "layer \(index) is neither layer \(next) of '\(name)' nor neutral (\(reason))"
                )
            }
        }
        if next < source.strip.layers.count { return Difference(words: "layer \(next) of '\(name)' is missing") }
        let ends: [(String, Strip.End, Strip.End)] = [
            ("embedding", composition.strip.ends.embed, source.strip.ends.embed),
            ("final norm", composition.strip.ends.norm, source.strip.ends.norm),
            ("head", composition.strip.ends.head, source.strip.ends.head),
        ]
        for (word, ours, theirs) in ends {
            if !areCopies(ours.slots, of: theirs.slots) {
                return Difference(words: "its \(word) is another", fix: "take embedding, norm and head from '\(name)'")
            }
            if let loss = loss(in: ours.slots, of: theirs.slots) { return .rounding("\(loss) in its \(word)") }
        }
        return nil
    }

    /// What the dtype that is written does to copies; `nil` where it holds all of their numbers.
    private func loss(in slots: [Strip.Slot], of others: [Strip.Slot]) -> String? {
        let table = Dictionary(others.map { ($0.suffix, $0.spec.dtype) }) { first, _ in first }
        for slot in slots {
            guard let stored = table[slot.suffix], !slot.spec.dtype.holdsEveryNumber(of: stored) else { continue }
            return "\(stored.rawValue) is rounded to \(slot.spec.dtype.rawValue)"
        }
        return nil
    }

    private func isCopy(_ layer: Strip.Layer, of other: Strip.Layer) -> Bool { areCopies(layer.slots, of: other.slots) }

    private func areCopies(_ slots: [Strip.Slot], of others: [Strip.Slot]) -> Bool {
        let table = Dictionary(others.map { ($0.suffix, $0.expression) }) { first, _ in first }
        return slots.count == others.count && slots.allSatisfy { table[$0.suffix] == $0.expression.reduced() }
    }

    /// Why a block may add something to the residual stream, or `nil` where it adds nothing.
    private func whyNotNeutral(_ layer: Strip.Layer) -> String? {
        let outputs = layer.slots.filter { slot in
            let role = slot.role.description
            return role == "attn.o" || slot.role.part == "down"
        }
        guard outputs.contains(where: { $0.role.description == "attn.o" }) else { return "no attn.o is known in it" }
        guard outputs.contains(where: { $0.role.part == "down" }) else { return "no mlp.down is known in it" }
        if let odd = outputs.first(where: { !$0.expression.isZero }) { return "its \(odd.role) is not zero" }
        let postNorms = layer.slots.filter { $0.role.isNorm && $0.role.part.hasSuffix("_post") }
        if let odd = postNorms.first(where: { Role.leaf(of: $0.suffix) == .bias && !$0.expression.isZero }) {
            return "its \(odd.role) has a bias"
        }
        return nil
    }
}

extension Identity.Difference {
    /// Copies that the dtype which is written does not hold.
    fileprivate static func rounding(_ words: String) -> Self {
        Self(words: words, fix: "leave output.dtype out, or the promise")
    }
}
