import SutureDiagnostics

/// Checks that the family which loads the output can build every layer that it gets.
///
/// A layer of another model may have tensors that none of the donor's has: a bias, norms of queries, experts.
/// Unless a field of the family says such things layer by layer, the output would not load.
struct LayerKinds {
    func check(in surgery: inout ConfigDraft) {
        let families = surgery.sources[surgery.donor].families
        // Keys of GGUF say how large a layer's parts are, and never which it has.
        let fields = GGUFFamily.of(families) == nil ? FieldTable.fields(for: families) : []
        checkPairs(in: &surgery, minding: !fields.contains { Self.saysKind($0, of: .mlp) })
        let others = surgery.used.filter { $0 != surgery.donor }
        guard !others.isEmpty else { return }
        let donor = surgery.sources[surgery.donor]
        var own: [Following: Set<Set<String>>] = [:]
        for halves in Self.halves(of: donor).values {
            for (half, suffixes) in halves { own[half, default: []].insert(suffixes) }
        }
        for half in [Following.attention, .mlp] {
            guard !fields.contains(where: { Self.saysKind($0, of: half) }) else { continue }
            for other in others {
                checkHalf(half, of: other, known: own[half] ?? [], in: &surgery)
            }
        }
    }

    private func checkHalf(_ half: Following, of other: Int, known: Set<Set<String>>, in surgery: inout ConfigDraft) {
        let halves = Self.halves(of: surgery.sources[other])
        for layer in 0..<surgery.depth {
            let origin = surgery.origin(layer, half)
            guard origin.source == other, let suffixes = halves[origin.layer]?[half], !known.contains(suffixes) else {
                continue
            }
            let all = known.reduce(into: Set<String>()) { $0.formUnion($1) }
            let donor = surgery.sources[surgery.donor].name
            let extra = suffixes.subtracting(all).sorted().first
            let lost = known.min { $0.count < $1.count }?.subtracting(suffixes).sorted().first
            surgery.report(
                .error,
                "layer-kind-unknown",
                extra.map { "\(surgery.words(origin)) has \($0), no layer of '\(donor)' has" }
                    ?? "layers of '\(donor)' have \(lost ?? "other tensors"), \(surgery.words(origin)) has not",
                layer: layer,
                fix: "use models whose layers have the same tensors",
                accept: "layer-kind"
            )
            return
        }
    }

    /// Checks spliced layers of families in which the norms of one half go by the kind of the other.
    ///
    /// OLMo Hybrid calls the norm of an MLP otherwise behind full attention than behind linear attention; an MLP
    /// of the one kind does not fit the other, although all its matrices would.
    /// No family whose MLPs have a kind of their own does so, and its norms are not minded.
    private func checkPairs(in surgery: inout ConfigDraft, minding norms: Bool) {
        var tables: [Int: [Int: [Following: Set<String>]]] = [:]
        for source in surgery.used { tables[source] = Self.halves(of: surgery.sources[source]) }
        let own = tables.values.flatMap(\.values)
        for (layer, origins) in surgery.layers.enumerated() where origins.attention != origins.mlp {
            let wholes = [origins.attention, origins.mlp].map { tables[$0.source]?[$0.layer] ?? [:] }
            // Where a layer is one mixer and no more, it cannot be half of two unless they are of one kind.
            if wholes[0] != wholes[1], wholes.contains(where: { $0.count < 2 }) {
                surgery.report(
                    .error,
                    .halvesApart,
                    "\(surgery.words(origins.attention)) and \(surgery.words(origins.mlp)) are of different kinds, and a layer of the family is of one",
                    layer: layer,
                    fix: "splice layers of one kind"
                )
                return
            }
            guard norms, let attention = wholes[0][.attention], let mlp = wholes[1][.mlp] else { continue }
            let partners = own.filter { $0[.attention] == attention }.compactMap { $0[.mlp] }
            guard !partners.contains(mlp),
                let alike = partners.first(where: { Self.matrices($0) == Self.matrices(mlp) })
            else { continue }
            let norm = mlp.subtracting(alike).sorted().first ?? alike.subtracting(mlp).sorted().first ?? "its norms"
            surgery.report(
                .error,
                .halvesApart,
                "the MLP of \(surgery.words(origins.mlp)) differs in \(norm) from those that the family has behind attention like that of \(surgery.words(origins.attention))",
                layer: layer,
                fix: "splice layers whose attention is of one kind"
            )
            return
        }
    }

    /// The tensors of a half that are neither norms nor gates of a single number.
    private static func matrices(_ suffixes: Set<String>) -> Set<String> {
        suffixes.filter { suffix in
            let isModule = suffix.hasSuffix("weight") || suffix.contains("expert")
            return isModule && !suffix.split(separator: ".").contains { NameWords.isNorm(NameWords.folded($0)) }
        }
    }

    /// Whether a field says what kind of half each layer has.
    private static func saysKind(_ field: Field, of half: Following) -> Bool {
        let words =
            half == .mlp
            ? ["mlp", "moe", "dense", "sparse", "expert"] : ["layer_types", "attn", "attention", "block_types"]
        return field.key.contains("block") || words.contains(where: field.key.contains)
            || half == .attention && field.key == "layer_types"
    }

    /// The names of the tensors in each half of each layer, experts taken together.
    static func halves(of source: ConfigDraft.Source) -> [Int: [Following: Set<String>]] {
        var halves: [Int: [Following: Set<String>]] = [:]
        // What no layer of the family reads makes none of them another kind.
        let unread = UnreadTensors.suffixes(in: source)
        for case .layer(source.anatomy.main, let layer, let suffix, let role) in source.anatomy.parts {
            // Buffers come and go with the version that saved a file.
            guard !suffix.contains("rotary_emb"), !suffix.hasSuffix("masked_bias"), suffix != "attn.bias" else {
                continue
            }
            guard let plain = unpacked(suffix), !(unread[layer]?.contains(suffix) ?? false) else { continue }
            let half: Following = role.sublayer == .mlp ? .mlp : .attention
            halves[layer, default: [:]][half, default: []].insert(LayeredName.pattern(of: plain))
        }
        return halves
    }

    /// What a tensor would be called if no quantizer had packed it, which makes no layer another kind; `nil` for what
    /// would not be there.
    private static func unpacked(_ suffix: String) -> String? {
        // Alone, `scale` may be the weight of a norm.
        if case .companion(let word) = Role.leaf(of: suffix), word != "scale" { return nil }
        if suffix.hasSuffix("_blocks") { return String(suffix.dropLast("_blocks".count)) }
        for name in ["qweight", "weight_packed"] where suffix.hasSuffix("." + name) {
            return suffix.dropLast(name.count) + "weight"
        }
        return suffix
    }
}
