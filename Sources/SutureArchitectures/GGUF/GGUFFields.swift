import SutureDiagnostics
import SutureJSON

extension GGUFFamily {
    /// The keys of the family whose meaning depends on the number of a layer or on how many there are.
    var fields: [Field] {
        Self.lists + Self.counts + Self.unfollowed
            + [
                Field("", "attention.sliding_window_pattern", GGUFWindows(family: self)),
                Field("", "attention.recurrent_layers", GGUFRecurrence(family: self)),
                Field("", "", GGUFDepth(family: self)), Field("", "", GGUFOtherLists()),
            ]
            + (fixedPeriod.map { fixed in
                [
                    Field(
                        "",
                        "",
                        NumberMatters(
                            severity: .error,
                            effect: "and \(fixed.what), which no key can say",
                            fix: "move whole runs of \(fixed.layers) layers",
                            period: { _ in fixed.layers }
                        )
                    )
                ]
            } ?? [])
    }

    /// One value a layer, or one for all.
    private static let lists: [Field] =
        [
            ("attention.head_count", Following.attention), ("attention.head_count_kv", .attention),
            ("feed_forward_length", .mlp), ("expert_feed_forward_length", .mlp), ("expert_used_count", .mlp),
            ("swiglu_clamp_exp", .mlp), ("swiglu_clamp_shexp", .mlp), ("xielu.alpha_p", .mlp),
            ("xielu.alpha_n", .mlp), ("xielu.beta", .mlp), ("xielu.eps", .mlp),
        ].map { Field("", $0, GGUFList(follows: $1)) }

    private static let counts: [Field] = [
        Field("", "leading_dense_block_count", LeadingLayers(fallback: 0))
    ]

    /// Keys that tie layers to their numbers, in families that nobody has looked into.
    private static let unfollowed: [Field] = [
        "interleave_moe_layer_step", "moe_every_n_layers", "attention.shared_kv_layers", "activation_sparsity_scale",
        "n_deepstack_layers", "deepstack_mapping", "rescale_every_n_layers", "attention.indexer.types",
    ].map { Field("", $0, GGUFUnfollowed()) }
}

/// A value for all layers or a list of one each.
private struct GGUFList: FieldRule {
    let follows: Following

    func rewrite(_ key: String, in surgery: inout ConfigDraft) {
        let hadList = surgery.setting(key)?.array != nil
        PerLayerList(follows: follows, mayBeScalar: true).rewrite(key, in: &surgery)
        guard !hadList, surgery.setting(key)?.array != nil,
            let family = GGUFFamily.of(surgery.sources[surgery.donor].families), !family.variesByLayer
        else { return }
        let own = surgery.sources[surgery.donor].view(0).value(key)
        let odd = surgery.values[key]?.firstIndex { $0 != own } ?? 0
        surgery.report(
            .error,
            .layoutInexpressible,
            "\(key) of \(surgery.words(surgery.origin(odd, follows))) is \(surgery.values[key]?[odd].shown ?? "another"), "
                + "'\(surgery.sources[surgery.donor].name)' has \(own?.shown ?? "none"), and llama.cpp gives all layers of a "
                + "\(family.name) one",
            key: key,
            layer: odd,
            fix: "use layers of one width"
        )
    }
}

/// Which layers see a window: a list, a period, or a pattern that the program has.
private struct GGUFWindows: FieldRule {
    let family: GGUFFamily

    func rewrite(_ key: String, in surgery: inout ConfigDraft) {
        let slides = (0..<surgery.depth).map { layer -> Bool? in
            let origin = surgery.origin(layer, .attention)
            return self.slides(surgery.sources[origin.source].view(origin.layer), key)
        }
        guard slides.contains(where: { $0 != nil }) else { return }
        let wanted = slides.map { $0 ?? false }
        checkWindowLeft(wanted, key, in: &surgery)
        let isList = surgery.setting(key)?.array != nil
        if !isList, (0..<surgery.depth).allSatisfy({ self.slides(surgery.view($0), key) ?? false == wanted[$0] }) {
            return
        }
        surgery.set(key, .array(wanted.map(JSONValue.bool)))
        guard !isList else { return }
        let period = surgery.setting(key)?.int ?? family.window?.period ?? 0
        surgery.report(
            family.readsWindowList ? .warning : .error,
            family.readsWindowList ? .explicitListNeeded : .layoutInexpressible,
            family.readsWindowList
                ? "the layers no longer alternate by the period of their sliding windows, so \(key) is written as a list: "
                    + "llama.cpp reads it since 0.5, older ones ignore it and give layers the wrong window"
                : "the layers no longer alternate by the period of their sliding windows, and llama.cpp reads no list of "
                    + "them in a \(family.name)",
            key: key,
            fix: period > 1 ? "move whole runs of \(period) layers" : "keep the layers' order",
            accept: family.readsWindowList ? key : nil
        )
    }

    /// A model all of whose layers see everything still has its window, at which llama.cpp stops.
    private func checkWindowLeft(_ slides: [Bool], _ key: String, in surgery: inout ConfigDraft) {
        guard !slides.contains(true), surgery.sources[surgery.donor].anatomy.layerCount > 0 else { return }
        let donor = surgery.sources[surgery.donor]
        guard (0..<donor.depth).contains(where: { self.slides(donor.view($0), key) == true }) else { return }
        surgery.report(
            .error,
            .layoutInexpressible,
            "none of the layers has a sliding window, and llama.cpp stops at a \(family.name) without one",
            key: key,
            fix: "keep a layer with a window"
        )
    }

    /// Whether a layer sees a window; `nil` where the model has none.
    private func slides(_ view: LayerView, _ key: String) -> Bool? {
        if let list = view.value(key)?.array {
            guard list.indices.contains(view.i) else { return false }
            return list[view.i].bool ?? (list[view.i].int.map { $0 != 0 })
        }
        let hasWindow = view.int("attention.sliding_window", 0) > 0
        guard let period = view.value(key)?.int ?? (hasWindow ? family.window?.period : nil), period >= 0 else {
            return nil
        }
        guard period > 0 else { return false }
        return family.window?.isFullFirst == true ? view.i % period != 0 : view.i % period < period - 1
    }
}

/// Which layers keep a state in place of keys and values: a list, or all but every n-th.
private struct GGUFRecurrence: FieldRule {
    let family: GGUFFamily
    var alongside: [String] { ["full_attention_interval"] }

    func rewrite(_ key: String, in surgery: inout ConfigDraft) {
        let kinds = (0..<surgery.depth).map { layer -> Bool? in
            let origin = surgery.origin(layer, .attention)
            return isRecurrent(surgery.sources[origin.source].view(origin.layer), key)
        }
        guard kinds.contains(where: { $0 != nil }) else { return }
        let wanted = kinds.map { $0 ?? false }
        let hasList = surgery.setting(key)?.array != nil
        if !hasList, (0..<surgery.depth).allSatisfy({ isRecurrent(surgery.view($0), key) == wanted[$0] }) { return }
        surgery.set(key, .array(wanted.map(JSONValue.bool)))
        guard !hasList else { return }
        surgery.report(
            .warning,
            .explicitListNeeded,
            "recurrent and full-attention layers no longer alternate by full_attention_interval, so \(key) is written: "
                + "llama.cpp reads it since 0.5, older ones ignore it and do not load the model",
            key: key,
            fix: "move whole runs of \(surgery.view(0).int("full_attention_interval", 4)) layers",
            accept: key
        )
    }

    private func isRecurrent(_ view: LayerView, _ key: String) -> Bool? {
        if let entry = view.entry(key) { return entry.bool ?? (entry.int.map { $0 != 0 }) }
        let isHybrid = ["qwen35", "qwen35moe", "qwen3next"].contains(family.name)
        guard isHybrid || view.value("full_attention_interval") != nil else { return nil }
        return !view.ends(every: view.int("full_attention_interval", 4))
    }
}

/// What llama.cpp makes of the number of layers itself.
private struct GGUFDepth: FieldRule {
    let family: GGUFFamily

    func rewrite(_ key: String, in surgery: inout ConfigDraft) {
        if surgery.depth > 512 {
            surgery.report(
                .error,
                .tooManyLayers,
                "the output has \(surgery.depth) layers, and llama.cpp stops at more than 512",
                key: "block_count",
                fix: "keep 512 layers or fewer"
            )
        }
        guard let meaning = family.depthMeaning else { return }
        let changed = surgery.used.first { index in
            let depth = surgery.sources[index].depth
            return meaning.isExact
                ? depth != surgery.depth : meaning.depths.contains(depth) != meaning.depths.contains(surgery.depth)
        }
        guard let changed else { return }
        surgery.report(
            meaning.isFatal ? .error : .warning,
            .depthMatters,
            "'\(surgery.sources[changed].name)' has \(surgery.sources[changed].depth) layers, the output \(surgery.depth): "
                + meaning.effect,
            key: "block_count",
            fix: "keep the number of layers",
            accept: meaning.isFatal ? nil : "block_count"
        )
    }
}

/// A key that ties layers to their numbers in a way that is not followed.
private struct GGUFUnfollowed: FieldRule {
    func rewrite(_ key: String, in surgery: inout ConfigDraft) {
        guard let index = surgery.used.first(where: { surgery.sources[$0].view(0).value(key) != nil }) else { return }
        surgery.report(
            .error,
            "key-not-followed",
            "\(key) of '\(surgery.sources[index].name)' gives layers a meaning by their numbers, and how it follows them "
                + "in a \(surgery.sources[index].families.first ?? "model") is not known",
            key: key,
            fix: "keep all layers where they are"
        )
    }
}

/// Any other list as long as the model is deep: each layer brings its own value.
private struct GGUFOtherLists: FieldRule {
    func rewrite(_ key: String, in surgery: inout ConfigDraft) {
        let donor = surgery.sources[surgery.donor]
        let drafts = ConfigScope(path: [], object: donor.scope).draftCount
        for (path, count) in Self.lists(in: donor.scope) where donor.depth > 1 {
            let key = path.joined(separator: ".")
            guard !surgery.handled.contains(key), path.first != "rope" else { continue }
            guard count == donor.depth || count == donor.depth + drafts else { continue }
            surgery.handled.insert(path[0])
            let isMLP = ["mlp", "ffn", "feed_forward", "expert", "moe"].contains(where: key.contains)
            PerLayerList(follows: isMLP ? .mlp : .attention).rewrite(key, in: &surgery)
        }
    }

    private static func lists(in object: JSONObject, at path: [String] = []) -> [(path: [String], count: Int)] {
        object.members.flatMap { member -> [(path: [String], count: Int)] in
            let here = path + [member.key]
            if let list = member.value.array { return [(here, list.count)] }
            return member.value.object.map { lists(in: $0, at: here) } ?? []
        }
    }
}
