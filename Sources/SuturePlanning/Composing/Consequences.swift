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
                place({ $0.hasSuffix(suffix) }, of: origin, inLayer: 0, of: &composition)
            case .onlyInLastLayer(let suffix, let origin):
                let last = composition.strip.layers.count - 1
                place({ $0.hasSuffix(suffix) }, of: origin, inLayer: last, of: &composition)
            case .onlyInLayer(let layer, let module, let origin):
                place({ $0.hasPrefix(module) }, of: origin, inLayer: layer, of: &composition)
            case .regather(let module, let dimension, let length, let leading):
                let gathering = BlockGathering(
                    module: module,
                    dimension: dimension,
                    blockLength: length,
                    leading: leading
                )
                findings += gathering.apply(to: &composition)
            case .dropDrafts:
                composition.rest.removeAll { $0.part.isDraft }
            }
        }
        return findings
    }

    /// Leaves tensors in one layer only, and takes them from where they were trained.
    private func place(
        _ isMeant: (String) -> Bool,
        of origin: LayerOrigin,
        inLayer place: Int,
        of composition: inout Composition
    ) {
        let source = composition.sources[origin.source].strip
        guard source.layers.indices.contains(origin.layer) else { return }
        // What the recipe made of that layer's, where the layer is there.
        let made = composition.strip.layers.first { $0.attention == origin && $0.slots.contains { isMeant($0.suffix) } }
        let own = (made ?? source.layers[origin.layer]).slots.filter { isMeant($0.suffix) }
        for index in composition.strip.layers.indices {
            composition.strip.layers[index].slots.removeAll { isMeant($0.suffix) }
            if index == place { composition.strip.layers[index].slots += own }
        }
    }
}

extension ModelPart {
    /// Whether it is a draft (MTP) layer or module.
    var isDraft: Bool {
        switch self {
        case .extraLayer, .draft: true
        case .layer, .end, .tower, .other: false
        }
    }
}
