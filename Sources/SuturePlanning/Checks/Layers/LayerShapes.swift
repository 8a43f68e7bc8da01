import SutureArchitectures
import SutureDiagnostics
import SutureTensors

/// Holds the layers' tensors against each other: layers of one kind have the same shapes wherever they
/// come from, since one config describes them all.
///
/// Differences that the sizes in configs explain are told by ``SourceCompatibility``; this finds the rest.
enum LayerShapes: CompositionCheck {
    static func findings(in composition: Composition) -> [Diagnostic] {
        let explained = SourceCompatibility.findings(in: composition).contains { $0.severity == .error }
        return explained ? [] : differingTensors(in: composition)
    }

    private static func differingTensors(in composition: Composition) -> [Diagnostic] {
        var known: [Key: Known] = [:]
        var reported: Set<[Int]> = []
        var findings: [Diagnostic] = []
        let donor = composition.donor
        let arePacked = composition.sources.contains(where: \.isQuantized)
        // The donor's own layers come first, since its config is what the output will say.
        for layer in donor.strip.layers {
            for (key, slot) in keys(of: layer, arePacked: arePacked) {
                known[key, default: Known(donor.index)].shapes.insert(slot.spec.shape)
            }
        }
        for layer in composition.strip.layers {
            for (key, slot) in keys(of: layer, arePacked: arePacked) {
                let origin = slot.role.sublayer == .mlp ? layer.mlp : layer.attention
                guard let shapes = known[key] else {
                    known[key] = Known(origin.source, slot.spec.shape)
                    continue
                }
                // A family that mixes shapes says layer by layer which one it is.
                guard !shapes.shapes.contains(slot.spec.shape), shapes.source != origin.source else { continue }
                guard reported.insert([shapes.source, origin.source]).inserted else { continue }
                findings.append(
                    .layerShapesDiffer(
                        slot.suffix,
                        (composition.sources[shapes.source].name, shapes.example),
                        (composition.sources[origin.source].name, slot.spec.shape),
                        at: layer.range
                    )
                )
            }
        }
        return findings
    }

    /// A layer's tensors that have a shape to compare: a text has none, and a packed weight another than a plain one.
    private static func keys(of layer: Strip.Layer, arePacked: Bool) -> [(key: Key, slot: Strip.Slot)] {
        let packed = arePacked ? layer.packedModules : []
        return layer.slots.filter { !$0.isText }.map { slot in
            (Key(suffix: slot.suffix, isPacked: !packed.isEmpty && packed.contains(Role.module(of: slot.suffix))), slot)
        }
    }

    /// A tensor of a layer, and whether a quantizer packed the module that it belongs to.
    private struct Key: Hashable {
        let suffix: String
        let isPacked: Bool
    }

    /// The shapes that a tensor of a layer has in one model.
    private struct Known {
        var shapes: Set<Shape>
        let source: Int

        init(_ source: Int, _ shapes: Shape...) {
            self.shapes = Set(shapes)
            self.source = source
        }

        /// One of them, for messages: the same one every time.
        var example: Shape { shapes.min { $0.description < $1.description } ?? [] }
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
