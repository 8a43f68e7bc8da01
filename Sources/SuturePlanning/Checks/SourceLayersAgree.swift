import SutureArchitectures
import SutureCheckpoints
import SutureDiagnostics
import SutureTensors

/// Finds the one layer of a source that lacks what all its others have, or has it in another shape.
///
/// Layers of which lists in the config say something else are of another kind and are not compared. A single odd layer
/// among its like is a checkpoint cut short or put together wrongly, which loads nowhere. The first layer is let be, since some families keep boundary
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
        let scope = source.anatomy.scopePath
        let config = scope.isEmpty ? source.config : source.config[scope]?.object ?? source.config
        // What a known family needs is told where the output lacks it.
        let isKnown = NeededTensors(families: source.anatomy.families, config: config) != nil
        // A quantizer leaves modules alone as it pleases, so a packed one is only looked for, in whatever form.
        let packed = source.isQuantized ? layers.reduce(into: Set()) { $0.formUnion($1.packedModules) } : []
        let kinds = Dictionary(grouping: layers.indices) { config.entries(ofLayer: $0, of: layers.count) }
        return kinds.values.filter { $0.count > (kinds.count == 1 ? 1 : 2) }.flatMap { kind -> [Oddity] in
            var shapes: [String: [Int: Shape]] = [:]
            for index in kind {
                for slot in layers[index].slots {
                    let module = packed.isEmpty ? "" : Role.module(of: slot.suffix)
                    let isPacked = packed.contains(module)
                    shapes[isPacked ? module : slot.suffix, default: [:]][index] = isPacked ? [] : slot.spec.shape
                }
            }
            return shapes.compactMap { suffix, byLayer in
                if byLayer.count == kind.count - 1, let missing = kind.first(where: { byLayer[$0] == nil }),
                    missing != 0
                {
                    return isKnown ? nil : Oddity(layer: missing, suffix: suffix, shapes: nil)
                }
                guard byLayer.count == kind.count else { return nil }
                let groups = Dictionary(grouping: byLayer.keys) { byLayer[$0] ?? [] }
                guard groups.count == 2, let odd = groups.first(where: { $0.value.count == 1 && $0.value != [0] }),
                    let rest = groups.first(where: { $0.key != odd.key })
                else { return nil }
                return Oddity(layer: odd.value[0], suffix: suffix, shapes: (odd.key, rest.key))
            }
        }
        .sorted { ($0.layer, $0.suffix) < ($1.layer, $1.suffix) }
    }
}

extension JSONObject {
    /// What its lists of one entry a layer say of a layer: of what kind it is.
    fileprivate func entries(ofLayer layer: Int, of depth: Int) -> [String: JSONValue] {
        var entries: [String: JSONValue] = [:]
        for member in members {
            guard let list = member.value.array, list.count == depth else { continue }
            entries[member.key] = list[layer]
        }
        return entries
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
