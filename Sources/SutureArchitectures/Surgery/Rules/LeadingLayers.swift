import SutureJSON
import SutureDiagnostics

/// A number of layers at the front that are of one kind, such as `first_k_dense_replace`; no config of
/// these families can say it of a layer further back.
struct LeadingLayers: FieldRule {
    /// Which half of a layer it describes.
    var follows: Following = .mlp

    /// The number where the config has none.
    var fallback: Int

    /// A period by which layers past the front may be of that kind too.
    var frequency: String?

    /// The list that says the same of every layer, in families that have one; it makes this key follow.
    var unless: String?

    /// What a layer at the front is, for messages.
    var front = "dense"

    /// What every other layer is.
    var rest = "sparse"

    var alongside: [String] { [frequency].compactMap(\.self) }

    func rewrite(_ key: String, in surgery: inout ConfigDraft) {
        for index in surgery.used {
            guard let value = surgery.sources[index].view(0).value(key) else { continue }
            if value.int == nil { surgery.reportWrongType(key, value, expected: "a number of layers", in: index) }
        }
        let isFront = (0..<surgery.depth).map { layer in
            let origin = surgery.origin(layer, follows)
            return self.isFront(surgery.sources[origin.source].view(origin.layer), key)
        }
        let count = isFront.prefix { $0 }.count
        let donor = surgery.sources[surgery.donor]
        if surgery.setting(key) != nil || count != fallback { surgery.set(key, .int(count)) }

        let fits = (0..<surgery.depth).map { self.isFront(surgery.view($0), key) }
        guard let wrong = fits.indices.first(where: { fits[$0] != isFront[$0] }) else { return }
        let origin = surgery.origin(wrong, follows)
        surgery.report(
            .error,
            .layoutInexpressible,
            "\(surgery.words(origin)) is \(isFront[wrong] ? front : rest) and lands at \(wrong), "
                + "\(donor.families.first ?? "the family") can have \(front) layers only at the front (\(key))",
            key: key,
            layer: wrong,
            fix: isFront[wrong]
                ? "leave layer \(origin.layer) out, or move it among the first \(count)"
                : "put the \(front) layers first"
        )
    }

    private func isFront(_ view: LayerView, _ key: String) -> Bool {
        if view.i < view.int(key, fallback) { return true }
        guard let frequency else { return false }
        if let entry = view.entry(frequency)?.int { return entry == 0 }
        let step = view.int(frequency, 1)
        return step > 1 && !view.starts(every: step)
    }
}

/// A number of layers at the end that share what an earlier one works out, such as `num_kv_shared_layers`.
struct TrailingLayers: FieldRule {
    /// The number where the config has none.
    var fallback: Int

    /// The list whose kinds must occur before the tail.
    var kinds = "layer_types"

    func rewrite(_ key: String, in surgery: inout ConfigDraft) {
        let shares = (0..<surgery.depth).map { layer in
            let origin = surgery.origin(layer, .attention)
            let source = surgery.sources[origin.source]
            return origin.layer >= source.depth - source.view(0).int(key, fallback)
        }
        let count = shares.reversed().prefix { $0 }.count
        if surgery.setting(key) != nil || count != fallback { surgery.set(key, .int(count)) }
        let start = surgery.depth - count
        if let early = shares.prefix(start).firstIndex(of: true) {
            surgery.report(
                .error,
                .layoutInexpressible,
                "\(surgery.words(surgery.origin(early, .attention))) has no keys and values of its own and lands at \(early), layers after it have",
                key: key,
                layer: early,
                fix: "keep the layers that share keys and values at the end"
            )
            return
        }
        guard let types = surgery.values[kinds], types.count == surgery.depth else { return }
        for layer in start..<surgery.depth {
            let origin = surgery.origin(layer, .attention)
            guard let producer = types[..<start].lastIndex(of: types[layer]) else {
                surgery.report(
                    .error,
                    .layoutInexpressible,
                    "\(surgery.words(origin)) shares the keys and values of a \(types[layer].shown) layer, none comes before it",
                    key: key,
                    layer: layer,
                    fix: "keep a \(types[layer].shown) layer before the last \(count)"
                )
                return
            }
            let trained = trainedProducer(of: origin, key, in: surgery)
            guard trained != surgery.origin(producer, .attention) else { continue }
            surgery.report(
                .error,
                .producerChanged,
                "\(surgery.words(origin)) shares keys and values of \(surgery.words(surgery.origin(producer, .attention))), it was trained with \(trained.map(surgery.words) ?? "another's")",
                key: key,
                layer: layer,
                fix: "keep the last layer of each kind before the tail",
                accept: key
            )
            return
        }
    }

    /// The layer whose keys and values a shared layer was trained with.
    private func trainedProducer(of origin: LayerOrigin, _ key: String, in surgery: ConfigDraft) -> LayerOrigin? {
        let source = surgery.sources[origin.source]
        let start = max(0, source.depth - source.view(0).int(key, fallback))
        let rule = FieldTable.rule(kinds, for: source.families) as? PerLayerList
        let kind = { (layer: Int) in source.view(layer).entry(kinds) ?? rule?.fallback?(source.view(layer)) }
        let own = kind(origin.layer)
        return (0..<start).last { kind($0) == own }.map { LayerOrigin(source: origin.source, layer: $0) }
    }
}
