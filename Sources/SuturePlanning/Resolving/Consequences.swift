import SutureArchitectures
import SutureDiagnostics
import SutureTensors

/// Does to a composition's tensors what moving layers asks for beyond renumbering.
struct Consequences {
    let consequences: [TensorConsequence]

    /// Changes the composition.
    ///
    /// - Returns: What cannot be done.
    func apply(to composition: inout Composition) -> [Diagnostic] {
        var findings: [Diagnostic] = []
        for consequence in consequences {
            switch consequence {
            case .onlyInFirstLayer(let suffix, let origin):
                place(suffix, of: origin, inLayer: 0, of: &composition)
            case .onlyInLastLayer(let suffix, let origin):
                place(suffix, of: origin, inLayer: composition.strip.layers.count - 1, of: &composition)
            case .regather(let module, _, _):
                findings += unsupportedGather(module, in: composition)
            case .dropDrafts:
                // Drafts are no part of a composition in the first place.
                break
            }
        }
        return findings
    }

    /// Leaves a tensor in one layer only, and takes it from where it was trained.
    private func place(_ suffix: String, of origin: LayerOrigin, inLayer place: Int, of composition: inout Composition)
    {
        let source = composition.sources[origin.source].strip
        guard source.layers.indices.contains(origin.layer) else { return }
        let own = source.layers[origin.layer].slots.filter { $0.suffix.hasSuffix(suffix) }
        for index in composition.strip.layers.indices {
            composition.strip.layers[index].slots.removeAll { $0.suffix.hasSuffix(suffix) }
            if index == place { composition.strip.layers[index].slots += own }
        }
    }

    private func unsupportedGather(_ module: String, in composition: Composition) -> [Diagnostic] {
        let strip = composition.strip
        let outside = strip.ends.embed.slots + strip.ends.norm.slots + strip.ends.head.slots + composition.rest
        return outside.filter { $0.suffix.contains(module) }.map { .cannotRegather($0.spec) }
    }
}

extension Diagnostic {
    /// A tensor with a block for every layer.
    static func cannotRegather(_ spec: TensorSpec) -> Diagnostic {
        Diagnostic(
            code: "per-layer-blocks",
            "'\(spec.name)' \(spec.shape) holds a block for every layer, and moving its blocks is not built yet",
            at: nil as SourceRange?,
            fix: FixIt("layers of this family can be spliced and blended, but not moved")
        )
    }
}
