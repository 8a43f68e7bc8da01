import SutureJSON

/// Keys and values that files of some savers hold for layers that never read them, since they read those of an
/// earlier layer: transformers leaves them out and ignores them where they are.
package enum UnreadTensors {
    /// The tensors of each layer that its family never reads, by layer.
    ///
    /// - Parameter source: A model.
    /// - Returns: Their suffixes, for every layer that reads those of another: none where it stores none.
    package static func suffixes(in source: ConfigSurgery.Source) -> [Int: Set<String>] {
        suffixes(in: ConfigDraft.Source(source))
    }

    static func suffixes(in source: ConfigDraft.Source) -> [Int: Set<String>] {
        let rules = FieldTable.fields(for: source.families).compactMap { field in
            (field.rule as? any SharingRule).map { (key: field.key, rule: $0) }
        }
        guard !rules.isEmpty else { return [:] }
        var unread: [Int: Set<String>] = [:]
        for layer in 0..<source.depth where rules.contains(where: { $0.rule.shares($0.key, in: source.view(layer)) }) {
            unread[layer] = []
        }
        guard !unread.isEmpty else { return [:] }
        for case .layer(source.anatomy.main, let layer, let suffix, let role) in source.anatomy.parts
        where unread[layer] != nil && role.group == .attention && parts.contains(role.part) {
            unread[layer]?.insert(suffix)
        }
        return unread
    }

    /// The parts of attention that make keys and values; what a latent is unfolded with is each layer's own.
    private static let parts: Set<String> = ["k", "v", "kv", "k_norm", "v_norm", "kv_a", "kv_a_norm"]
}

/// A field that says of which layers keys and values are read.
protocol SharingRule: FieldRule {
    /// Whether a layer reads the keys and values of an earlier one.
    func shares(_ key: String, in view: LayerView) -> Bool
}

extension TrailingLayers: SharingRule {
    func shares(_ key: String, in view: LayerView) -> Bool { view.i >= view.n - view.int(key, fallback) }
}

extension LayerReferences: SharingRule {
    func shares(_ key: String, in view: LayerView) -> Bool { (view.entry(key)?.int ?? view.i) != view.i }
}
