import SutureArchitectures
import SutureDiagnostics
import SutureTensors

/// Finds the one layer of a source that lacks what all its others have, or has it in another shape.
///
/// Families that mix kinds of layers mix them in patterns; a single odd layer is a checkpoint cut short or
/// put together wrongly, which loads nowhere. The first layer is let be, since some families keep boundary
/// tensors out of it.
enum SourceLayersAgree: CompositionCheck {
    static func findings(in composition: Composition) -> [Diagnostic] {
        composition.strip.sources.flatMap { index -> [Diagnostic] in
            let source = composition.sources[index]
            return oddities(in: source).map { .oddLayer(source, $0) }
        }
    }

    /// A layer that differs from all the others of its model.
    struct Oddity {
        let layer: Int
        let suffix: String
        let shapes: (own: Shape, others: Shape)?
    }

    private static func oddities(in source: ResolvedSource) -> [Oddity] {
        let layers = source.strip.layers
        guard layers.count > 1 else { return [] }
        // A quantizer leaves modules alone as it pleases, so a packed one is only looked for, in whatever form.
        let packed = source.isQuantized ? layers.reduce(into: Set()) { $0.formUnion($1.packedModules) } : []
        var shapes: [String: [Int: Shape]] = [:]
        for (index, layer) in layers.enumerated() {
            for slot in layer.slots {
                let module = packed.isEmpty ? "" : Role.module(of: slot.suffix)
                let isPacked = packed.contains(module)
                shapes[isPacked ? module : slot.suffix, default: [:]][index] = isPacked ? [] : slot.spec.shape
            }
        }
        return shapes.sorted { $0.key < $1.key }.compactMap { suffix, byLayer in
            if byLayer.count == layers.count - 1,
                let missing = layers.indices.first(where: { byLayer[$0] == nil }), missing != 0
            {
                return Oddity(layer: missing, suffix: suffix, shapes: nil)
            }
            guard byLayer.count == layers.count else { return nil }
            let groups = Dictionary(grouping: byLayer.keys) { byLayer[$0] ?? [] }
            guard groups.count == 2, let odd = groups.first(where: { $0.value.count == 1 && $0.value != [0] }),
                let rest = groups.first(where: { $0.key != odd.key })
            else { return nil }
            return Oddity(layer: odd.value[0], suffix: suffix, shapes: (odd.key, rest.key))
        }
    }
}

extension Diagnostic {
    /// One layer of a model differs from all the others.
    fileprivate static func oddLayer(_ source: ResolvedSource, _ oddity: SourceLayersAgree.Oddity) -> Diagnostic {
        let message =
            if let shapes = oddity.shapes {
                "'\(oddity.suffix)' is \(shapes.own) in layer \(oddity.layer) of '\(source.name)' and \(shapes.others) in all others"
            } else {
                "layer \(oddity.layer) of '\(source.name)' has no '\(oddity.suffix)', and all its others have"
            }
        return Diagnostic(
            .warning,
            code: "odd-layer",
            message,
            at: source.range,
            fix: FixIt("check that the checkpoint is whole: 'suture inspect --tensors' lists what it has")
        )
    }
}
