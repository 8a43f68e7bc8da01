import SutureArchitectures
import SutureDiagnostics

/// Finds layers whose one norm feeds attention of one model and the MLP of another.
///
/// In a parallel block both halves read the same normed numbers, so that whoever parts them keeps a norm that one of
/// them was not trained with.
enum SharedNorms: CompositionCheck {
    static func findings(in composition: Composition) -> [Diagnostic] {
        var counts: [Makers: Int] = [:]
        var places: [Makers: SourceRange] = [:]
        for layer in composition.strip.layers {
            let makers = Makers(layer)
            guard let makers, makers.attention != makers.mlp else { continue }
            counts[makers, default: 0] += 1
            places[makers] = places[makers] ?? layer.range
        }
        let names = composition.sources.map(\.name)
        return counts.sorted { $0.key.norm.lexicographicallyPrecedes($1.key.norm) }.map { makers, count in
            .oneNormForBoth(makers.words(names), layers: count, at: places[makers])
        }
    }

    /// The models that the halves of a layer are made of, and the norm between them.
    private struct Makers: Hashable {
        let norm: [Int]
        let attention: [Int]
        let mlp: [Int]

        init?(_ layer: Strip.Layer) {
            var made: [Sublayer: Set<Int>] = [:]
            for slot in layer.slots {
                made[slot.role.sublayer, default: []].formUnion(slot.expression.leaves.map(\.source))
            }
            guard let norm = made[.shared], let attention = made[.attention], let mlp = made[.mlp], !attention.isEmpty,
                !mlp.isEmpty
            else { return nil }
            self.norm = norm.sorted()
            self.attention = attention.sorted()
            self.mlp = mlp.sorted()
        }

        func words(_ names: [String]) -> (norm: String, attention: String, mlp: String) {
            func text(_ sources: [Int]) -> String {
                sources.isEmpty ? "nobody's" : sources.map { "'\(names[$0])'" }.joined(separator: " and ")
            }
            return (text(norm), text(attention), text(mlp))
        }
    }
}

extension Diagnostic {
    /// One norm before two halves of different models.
    fileprivate static func oneNormForBoth(
        _ makers: (norm: String, attention: String, mlp: String),
        layers count: Int,
        at range: SourceRange?
    ) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "shared-norm",
            "in \(count) \(count == 1 ? "layer" : "layers") one norm feeds attention, of \(makers.attention), and the MLP, "
                + "of \(makers.mlp): it is that of \(makers.norm)",
            at: range,
            fix: FixIt(
                "the selector norm.shared takes it, or leaves it; whole layers keep halves together that one norm feeds"
            )
        )
    }
}
