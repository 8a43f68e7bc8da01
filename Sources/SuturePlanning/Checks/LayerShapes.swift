import SutureArchitectures
import SutureDiagnostics
import SutureTensors

/// Holds the layers' shapes against each other: one config describes them all.
///
/// Layers of one kind (the same tensors) must have the same shapes wherever they come from. Models that
/// mix kinds of layers are compared kind by kind, and a kind that only one source has is let be.
enum LayerShapes: PlanCheck {
    static func findings(in composition: Composition) -> [Diagnostic] {
        var seen: [String: (shape: Shape, source: Int)] = [:]
        var reported: Set<Pair> = []
        var findings: [Diagnostic] = []
        let donor = composition.donor
        // The donor's own layers come first, since its config is what the output will say.
        if !donor.anatomy.mainStack.hasSeveralKinds(donor) {
            for slot in donor.strip.layers.first?.slots ?? [] { seen[slot.suffix] = (slot.spec.shape, donor.index) }
        }
        for layer in composition.strip.layers {
            for slot in layer.slots {
                let origin = slot.role.sublayer == .mlp ? layer.mlp : layer.attention
                guard let known = seen[slot.suffix] else {
                    seen[slot.suffix] = (slot.spec.shape, origin.source)
                    continue
                }
                guard known.shape != slot.spec.shape, known.source != origin.source,
                    reported.insert(Pair(a: known.source, b: origin.source, dimension: slot.suffix)).inserted
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

    private struct Pair: Hashable {
        let a: Int
        let b: Int
        let dimension: String
    }
}

extension Stack {
    /// Whether the model's own layers differ in shape, as in models that mix kinds of layers.
    fileprivate func hasSeveralKinds(_ source: ResolvedSource) -> Bool {
        guard let first = source.strip.layers.first else { return false }
        let shapes = Dictionary(first.slots.map { ($0.suffix, $0.spec.shape) }) { first, _ in first }
        return source.strip.layers.contains { layer in
            layer.slots.contains { slot in
                guard let shape = shapes[slot.suffix] else { return false }
                return shape != slot.spec.shape
            }
        }
    }
}

extension Diagnostic {
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
