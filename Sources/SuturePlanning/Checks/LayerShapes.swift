import SutureArchitectures
import SutureDiagnostics
import SutureTensors

/// Holds the layers' sizes against the config donor's: one config describes them all.
///
/// Sizes that configs state are compared first, each half of a layer by its own, so that a splice is
/// judged by what it takes. What no size explains is found tensor by tensor: layers of one kind must have
/// the same shapes wherever they come from.
enum LayerShapes: PlanCheck {
    static func findings(in composition: Composition) -> [Diagnostic] {
        let sizes = differingSizes(in: composition)
        return sizes.map(\.finding) + differingTensors(in: composition, leavingOut: Set(sizes.map(\.source)))
    }

    private typealias Size = (name: String, value: @Sendable (ModelFacts) -> Int?)

    private static let attentionSizes: [Size] = [
        ("hidden", { $0.hidden?.value }), ("heads", { $0.heads?.value }), ("kv_heads", { $0.kvHeads?.value }),
        ("head_dim", { $0.headDim?.value }),
    ]

    private static let mlpSizes: [Size] = [
        ("hidden", { $0.hidden?.value }), ("mlp", { $0.mlp?.value }), ("experts", { $0.experts?.value }),
    ]

    private static func differingSizes(in composition: Composition) -> [(source: Int, finding: Diagnostic)] {
        let donor = composition.donor
        var places: [Int: (range: SourceRange?, sizes: [Size])] = [:]
        for layer in composition.strip.layers {
            for (source, sizes) in [(layer.attention.source, attentionSizes), (layer.mlp.source, mlpSizes)]
            where source != donor.index {
                var place = places[source] ?? (layer.range, [])
                place.sizes += sizes.filter { size in !place.sizes.contains { $0.name == size.name } }
                places[source] = place
            }
        }
        return places.sorted { $0.key < $1.key }.compactMap { index, place in
            let source = composition.sources[index]
            let differing = place.sizes.compactMap { size -> (name: String, ours: Int, theirs: Int)? in
                guard let ours = size.value(source.anatomy.facts), let theirs = size.value(donor.anatomy.facts),
                    ours != theirs
                else { return nil }
                return (size.name, ours, theirs)
            }
            guard !differing.isEmpty else { return nil }
            return (index, .sizesDiffer(source.name, donor.name, differing, at: place.range))
        }
    }

    private static func differingTensors(in composition: Composition, leavingOut explained: Set<Int>) -> [Diagnostic] {
        var seen: [String: (shape: Shape, source: Int)] = [:]
        var reported: Set<[Int]> = []
        var findings: [Diagnostic] = []
        let donor = composition.donor
        // The donor's own layers come first, since its config is what the output will say.
        if !donor.hasSeveralKinds {
            for slot in donor.strip.layers.first?.slots ?? [] { seen[slot.suffix] = (slot.spec.shape, donor.index) }
        }
        for layer in composition.strip.layers {
            for slot in layer.slots {
                let origin = slot.role.sublayer == .mlp ? layer.mlp : layer.attention
                guard !explained.contains(origin.source) else { continue }
                guard let known = seen[slot.suffix] else {
                    seen[slot.suffix] = (slot.spec.shape, origin.source)
                    continue
                }
                guard known.shape != slot.spec.shape, known.source != origin.source,
                    reported.insert([known.source, origin.source]).inserted
                else { continue }
                findings.append(
                    .layerShapesDiffer(
                        slot.suffix,
                        (composition.sources[known.source].name, known.shape),
                        (composition.sources[origin.source].name, slot.spec.shape),
                        at: layer.range
                    )
                )
            }
        }
        return findings
    }
}

extension ResolvedSource {
    /// Whether its own layers differ in shape, as in models that mix kinds of layers.
    fileprivate var hasSeveralKinds: Bool {
        guard let first = strip.layers.first else { return false }
        let shapes = Dictionary(first.slots.map { ($0.suffix, $0.spec.shape) }) { first, _ in first }
        return strip.layers.contains { layer in
            layer.slots.contains { slot in
                guard let shape = shapes[slot.suffix] else { return false }
                return shape != slot.spec.shape
            }
        }
    }
}

extension Diagnostic {
    /// A model whose layers have other sizes than the config will say.
    static func sizesDiffer(
        _ name: String,
        _ donor: String,
        _ sizes: [(name: String, ours: Int, theirs: Int)],
        at range: SourceRange?
    ) -> Diagnostic {
        let ours = sizes.map { "\($0.name) \($0.ours)" }.joined(separator: ", ")
        let theirs = sizes.map { "\($0.name) \($0.theirs)" }.joined(separator: ", ")
        return Diagnostic(
            code: "sizes-differ",
            "'\(name)' has \(ours), but '\(donor)', whose config is written, has \(theirs)",
            at: range,
            fix: FixIt("only layers of one size fit one model; no tool can bridge this without training")
        )
    }

    /// One tensor of a layer has different shapes in two models.
    static func layerShapesDiffer(
        _ suffix: String,
        _ a: (name: String, shape: Shape),
        _ b: (name: String, shape: Shape),
        at range: SourceRange?
    ) -> Diagnostic {
        Diagnostic(
            code: "layer-shapes-differ",
            "'\(suffix)' is \(a.shape) in '\(a.name)' and \(b.shape) in '\(b.name)', and one config cannot describe both",
            at: range,
            fix: FixIt("only layers of one shape can be stacked; choose a model of the same size and family")
        )
    }
}
