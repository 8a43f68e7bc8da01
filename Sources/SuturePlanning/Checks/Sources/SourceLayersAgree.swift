import SutureArchitectures
import SutureDiagnostics
import SutureJSON
import SutureTensors

/// Finds the one layer of a source that has a tensor in another shape than all its others.
///
/// A single odd layer among its like is a checkpoint put together wrongly, which loads nowhere. The first layer is let
/// be, since some families keep boundary tensors in it alone.
enum SourceLayersAgree: CompositionCheck {
    static func findings(in composition: Composition) -> [Diagnostic] {
        composition.strip.sources.flatMap { index -> [Diagnostic] in
            let source = composition.sources[index]
            return LayersOfOneKind(of: source).oddShapes.map { .oddLayer(source, $0) }
        }
    }
}

/// The layers of a model, sorted by what lists in its config say of them, and what each has.
struct LayersOfOneKind {
    /// A layer that has a tensor in another shape than all the others of its model.
    struct OddShape {
        let layer: Int
        let suffix: String
        let shapes: (own: Shape, others: Shape)
    }

    private let kinds: [[Int]]
    /// By layer, the shapes of what it has; a packed module counts as one thing without a shape.
    private let held: [[String: Shape]]

    init(of source: ResolvedSource) {
        let layers = source.strip.layers
        let config = source.anatomy.ownConfig(in: source.config)
        // A quantizer leaves modules alone as it pleases, so a packed one is only looked for, in whatever form.
        let packed = source.isQuantized ? layers.reduce(into: Set()) { $0.formUnion($1.packedModules) } : []
        kinds = Array(Dictionary(grouping: layers.indices) { config.entries(ofLayer: $0, of: layers.count) }.values)
        held = layers.map { layer in
            layer.slots.reduce(into: [:]) { held, slot in
                let module = packed.isEmpty ? "" : Role.module(of: slot.suffix)
                let isPacked = packed.contains(module)
                held[isPacked ? module : slot.suffix] = isPacked ? [] : slot.spec.shape
            }
        }
    }

    /// Tensors that one layer has in another shape than all others of its kind.
    var oddShapes: [OddShape] {
        kinds.filter { $0.count > (kinds.count == 1 ? 1 : 2) }.flatMap { kind -> [OddShape] in
            kind.reduce(into: Set()) { $0.formUnion(held[$1].keys) }.compactMap { suffix in
                let groups = Dictionary(grouping: kind) { held[$0][suffix] }
                guard groups.count == 2, groups[nil] == nil,
                    let odd = groups.first(where: { $0.value.count == 1 && $0.value != [0] }),
                    let rest = groups.first(where: { $0.key != odd.key }), let own = odd.key, let others = rest.key
                else { return nil }
                return OddShape(layer: odd.value[0], suffix: suffix, shapes: (own, others))
            }
        }
        .sorted { ($0.layer, $0.suffix) < ($1.layer, $1.suffix) }
    }

    /// What a layer lacks and its like have, by layer: what all others of its kind have, or else what at least two have
    /// that are otherwise its equals, where no other layer is made as it is.
    var lost: [Int: Set<String>] {
        var lost: [Int: Set<String>] = [:]
        for kind in kinds where kind.count > 2 {
            let groups: [Set<String>: [Int]] = Dictionary(grouping: kind) { Set(held[$0].keys) }
            var counts: [String: Int] = [:]
            for suffix in kind.flatMap({ held[$0].keys }) { counts[suffix, default: 0] += 1 }
            let common = Set(counts.filter { $0.value >= kind.count - 1 }.keys)
            for (own, layers) in groups where layers.count == 1 && layers != [0] {
                // What has something of its own is of another kind, and lost nothing.
                guard own.allSatisfy({ counts[$0, default: 0] > 1 }) else { continue }
                let like = groups.filter { $0.value.count > 1 && $0.key.isStrictSuperset(of: own) }
                let nearest = like.keys.min { $0.count < $1.count }
                // Of two kinds as near, neither is chosen.
                let isSure = like.keys.count { $0.count == nearest?.count } == 1
                let missing = common.union(isSure ? nearest ?? [] : []).subtracting(own)
                if !missing.isEmpty { lost[layers[0]] = missing }
            }
        }
        return lost
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
    fileprivate static func oddLayer(_ source: ResolvedSource, _ odd: LayersOfOneKind.OddShape) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "odd-layer",
            "'\(odd.suffix)' is \(odd.shapes.own) in layer \(odd.layer) of '\(source.name)' and \(odd.shapes.others) in all others",
            at: source.range,
            fix: FixIt("check that the checkpoint is whole: 'suture inspect --tensors' lists what it has")
        )
    }
}
