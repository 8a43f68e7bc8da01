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
}

extension Part {
    /// Whether it is a draft (MTP) layer or module.
    var isDraft: Bool {
        switch self {
        case .extraLayer, .draft: true
        case .layer, .end, .tower, .other: false
        }
    }
}
