import SutureDiagnostics

/// Something outside the layers that reaches some of them by where they stand, such as the first and the last of a
/// kind, or the one in the middle.
struct ReachesLayers: FieldRule {
    /// What it is, for messages.
    var what: String

    /// Which layers it reaches, for messages.
    var which: String

    /// Whether it reaches a layer.
    var reaches: @Sendable (LayerView) -> Bool

    func rewrite(_ key: String, in surgery: inout ConfigDraft) {
        for (layer, origins) in surgery.layers.enumerated() {
            let origin = origins.attention
            let was = reaches(surgery.sources[origin.source].view(origin.layer))
            guard was != reaches(surgery.view(layer)) else { continue }
            surgery.report(
                .error,
                .layerNumberMatters,
                "\(surgery.words(origin)) lands at \(layer), where it \(was ? "loses" : "gains") \(what), which only \(which) has",
                key: key.isEmpty ? nil : key,
                layer: layer,
                fix: "keep \(which) there, and nowhere else",
                accept: "layer-number"
            )
            return
        }
    }
}
