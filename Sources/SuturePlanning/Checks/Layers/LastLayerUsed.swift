import SutureArchitectures
import SutureDiagnostics
import SutureRecipes

/// Finds an output that ends on a layer that was not the last of its model, the commonest slip in published recipes.
///
/// Ranges are half-open, and templates are reused for models of another depth; both end a stack short, and the final
/// norm and the head then read a middle layer. Other models are cut on purpose, as windows, blends and splices do;
/// `accept: [last-layers]` says the same of any.
enum LastLayerUsed: CompositionCheck {
    static func findings(in composition: Composition) -> [Diagnostic] {
        let isMeant = composition.graph.output.accept.contains { $0.value == "last-layers" }
        guard let last = composition.strip.layers.last, !isMeant else { return [] }
        // A blend or a splice ends on several layers, and one of them may be its model's last.
        let lasts = Set(composition.sources.flatMap { $0.strip.layers.last?.slots.flatMap(\.expression.leaves) ?? [] })
        guard !last.slots.contains(where: { $0.expression.leaves.contains(where: lasts.contains) }) else { return [] }
        let owner = composition.sources[last.attention.source]
        let used = composition.strip.layers.flatMap { [$0.attention, $0.mlp] }
            .filter { $0.source == owner.index }.map(\.layer)
        guard let top = used.max() else { return [] }
        let count = owner.anatomy.layerCount
        if top < count - 1 {
            let place = composition.strip.layers.last { [$0.attention, $0.mlp].contains { $0.source == owner.index } }
            return [.lastLayersUnused(owner.name, top + 1, of: count, at: place?.range)]
        }
        guard last.attention.layer != top else { return [] }
        return [.endsOnMiddleLayer(owner.name, last.attention.layer, of: count, at: last.range)]
    }
}

/// Notes a layer that stands twice in a row because one run begins where the run before it ends, as if ends were
/// included.
///
/// Layers that come again later, or whole runs of them, are what up-scaling means.
enum RepeatedLayers: CompositionCheck {
    static func findings(in composition: Composition) -> [Diagnostic] {
        let layers = composition.strip.layers
        return layers.indices.dropFirst().compactMap { index -> Diagnostic? in
            let (before, here) = (layers[index - 1], layers[index])
            guard before.attention == here.attention, before.label == here.label, before.range != here.range else {
                return nil
            }
            // Alone between others, a layer is doubled on purpose.
            let continues = index + 1 < layers.count && layers[index + 1].range == here.range
            let continued = index > 1 && layers[index - 2].range == before.range
            guard continues || continued else { return nil }
            return .layerTwiceInARow(
                composition.sources[here.attention.source].name,
                here.attention.layer,
                at: here.range
            )
        }
    }
}

extension Diagnostic {
    /// The last layers of the model that ends the output are never used.
    static func lastLayersUnused(_ name: String, _ used: Int, of count: Int, at range: SourceRange?) -> Diagnostic {
        let unused = used == count - 1 ? "layer \(used)" : "layers \(used) to \(count - 1)"
        return Diagnostic(
            .warning,
            code: "last-layers-unused",
            "\(unused) of '\(name)' never reach the output, which ends on its layer \(used - 1)",
            at: range,
            fix: used == count - 1
                ? FixIt("ranges are half-open: end at \(count) to include layer \(count - 1)")
                : FixIt(
                    "end the stack with layer \(count - 1), which its final norm and head were trained on; "
                        + "'output: {accept: [last-layers]}' says that it is meant"
                )
        )
    }

    /// The output ends on a layer that was not the last of its model.
    static func endsOnMiddleLayer(_ name: String, _ layer: Int, of count: Int, at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "ends-on-middle-layer",
            "the output ends on layer \(layer) of the \(count) of '\(name)', which its final norm and head have never read",
            at: range,
            fix: FixIt("end the stack with layer \(count - 1); 'output: {accept: [last-layers]}' says that it is meant")
        )
    }

    /// A layer that ends one run and begins the next.
    static func layerTwiceInARow(_ name: String, _ layer: Int, at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            .note,
            code: "layers-repeated",
            "layer \(layer) of '\(name)' stands in the output twice in a row",
            at: range,
            fix: FixIt("ranges are half-open: begin at \(layer + 1) if the run before should go on")
        )
    }
}
