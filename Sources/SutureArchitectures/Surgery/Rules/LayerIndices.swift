import SutureDiagnostics
import SutureJSON

/// A list of the layers that are of a kind, such as `attn_layer_indices`.
struct LayerIndices: FieldRule {
    /// Which half of a layer it describes.
    var follows: Following = .attention

    /// The number of the first layer: 0, or 1 in the families that count from there.
    var base = 0

    /// Older keys that the list replaces.
    var supersedes: [String] = []

    /// Other keys that hold the layers the list does not.
    var complement: String?

    /// Whether the list is written even where the class would make the same.
    var isAlwaysWritten = false

    /// Whether moves keep the order of the layers listed, whose places in the list mean something.
    var keepsRank = false

    /// Whether a layer is listed where the config has no list.
    var fallback: @Sendable (LayerView) -> Bool

    var alongside: [String] { supersedes + [complement].compactMap(\.self) }

    func rewrite(_ key: String, in surgery: inout ConfigDraft) {
        var listed: [Int: Set<Int>] = [:]
        for index in surgery.used { listed[index] = explicit(key, index, in: &surgery) }
        let isWritten = !listed.isEmpty || surgery.setting(key) != nil
        let isListed = (0..<surgery.depth).map { layer -> Bool in
            let origin = surgery.origin(layer, follows)
            if let list = listed[origin.source] { return list.contains(origin.layer) }
            let source = surgery.sources[origin.source]
            return own(source, key)(source.view(origin.layer))
        }
        if keepsRank { checkRank(key, isListed, in: &surgery) }
        let derived = (0..<surgery.depth).map { fallback(surgery.view($0)) }
        guard isWritten || isAlwaysWritten || derived != isListed else { return }
        let list = isListed.indices.filter { isListed[$0] }
        surgery.set(key, .array(list.map { .int($0 + base) }))
        if let complement, surgery.setting(complement) != nil {
            let rest = isListed.indices.filter { !isListed[$0] }
            surgery.set(complement, .array(rest.map { .int($0 + base) }))
        }
        guard derivedWithoutList(key, in: surgery) != isListed else { return }
        for old in supersedes where surgery.setting(old) != nil { surgery.set(old, nil) }
    }

    /// The layers that a source lists; `nil` where it has no list.
    private func explicit(_ key: String, _ index: Int, in surgery: inout ConfigDraft) -> Set<Int>? {
        let source = surgery.sources[index]
        guard let value = source.view(0).value(key) else { return nil }
        guard let list = value.array, list.allSatisfy({ $0.int != nil }) else {
            surgery.reportWrongType(key, value, expected: "a list of layers", in: index)
            return nil
        }
        let layers = Set(list.compactMap(\.int).map { $0 &- base })
        if let outside = layers.filter({ !(0..<source.depth).contains($0) }).min() {
            surgery.report(
                .error,
                .configLayerOutside,
                "\(key) of '\(source.name)' names layer \(outside &+ base), the model has \(source.depth) layers",
                key: key,
                fix: "correct config.json of '\(source.name)'"
            )
        }
        return layers
    }

    /// What a source's own class makes of a missing list.
    private func own(_ source: ConfigDraft.Source, _ key: String) -> @Sendable (LayerView) -> Bool {
        let rule = FieldTable.rule(key, for: source.families) as? LayerIndices
        guard let rule else { return { _ in false } }
        return rule.fallback
    }

    private func derivedWithoutList(_ key: String, in surgery: ConfigDraft) -> [Bool] {
        var bare = surgery
        bare.set(key, nil)
        return (0..<surgery.depth).map { fallback(bare.view($0)) }
    }

    /// Where each listed layer's place in the list seeds what it does, places may not change.
    private func checkRank(_ key: String, _ isListed: [Bool], in surgery: inout ConfigDraft) {
        let listed = isListed.indices.filter { isListed[$0] }
        for (rank, layer) in listed.enumerated() {
            let origin = surgery.origin(layer, follows)
            let source = surgery.sources[origin.source]
            let own = (source.view(0).value(key)?.array ?? []).compactMap(\.int).map { $0 &- base }.sorted()
            guard own.firstIndex(of: origin.layer) != rank else { continue }
            surgery.report(
                .error,
                .rankChanged,
                "\(surgery.words(origin)) would be number \(rank) in \(key), it was trained as number \(own.firstIndex(of: origin.layer) ?? -1)",
                key: key,
                layer: layer,
                fix: "keep the number and order of the layers that \(key) lists"
            )
            return
        }
    }
}
