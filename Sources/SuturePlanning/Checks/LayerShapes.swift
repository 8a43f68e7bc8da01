import SutureArchitectures
import SutureDiagnostics
import SutureTensors

/// Holds the layers' tensors against each other: layers of one kind have the same shapes wherever they
/// come from, since one config describes them all.
///
/// Differences that the sizes in configs explain are told by ``SourceCompatibility``; this finds the rest.
enum LayerShapes: PlanCheck {
    static func findings(in composition: Composition) -> [Diagnostic] {
        let explained = SourceCompatibility.findings(in: composition).contains { $0.severity == .error }
        return explained ? [] : differingTensors(in: composition)
    }

    private static func differingTensors(in composition: Composition) -> [Diagnostic] {
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
