import SutureDiagnostics

/// A block that several layers share and that is stored once, in the first of them: every other runs it from there.
struct StoredInFirst: FieldRule {
    /// The module, as the names of its tensors begin inside a layer.
    var module: String

    /// What it is, for messages.
    var what: String

    /// Whether a layer has it.
    var has: @Sendable (LayerView) -> Bool

    /// The fewest layers with which the class loads it; without any, it has none to load.
    var least = 1

    func rewrite(_ key: String, in surgery: inout ConfigDraft) {
        let sharing = surgery.layers.indices.filter { layer in
            let origin = surgery.layers[layer].attention
            return has(surgery.sources[origin.source].view(origin.layer))
        }
        guard let first = sharing.first else { return }
        guard sharing.count >= least else {
            surgery.report(
                .error,
                "shared-block-alone",
                "one layer only of the output has \(what), and the class does not load with fewer than \(least)",
                fix: "keep at least \(least) of the layers that share it, or none"
            )
            return
        }
        let owner = surgery.layers[first].attention.source
        if let other = sharing.first(where: { surgery.layers[$0].attention.source != owner }) {
            let origin = surgery.layers[other].attention
            surgery.report(
                .error,
                "shared-block-differs",
                "\(surgery.words(origin)) was trained with \(what) of '\(surgery.sources[origin.source].name)', all layers that have one would run that of '\(surgery.sources[owner].name)'",
                layer: other,
                fix: "take the layers with \(what) from one model",
                accept: "shared-block"
            )
        }
        let source = surgery.sources[owner]
        guard let home = (0..<source.depth).first(where: { has(source.view($0)) }) else { return }
        surgery.consequences.append(
            .onlyInLayer(first, module: module, from: LayerOrigin(source: owner, layer: home))
        )
    }
}
