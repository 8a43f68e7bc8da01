import SutureDiagnostics

/// Checks that the family which loads the output can build every layer that it gets.
///
/// A layer of another model may have tensors that none of the donor's has: a bias, norms of queries, experts.
/// Unless a field of the family says such things layer by layer, the output would not load.
struct LayerKinds {
    func check(in surgery: inout Surgery) {
        let others = surgery.used.filter { $0 != surgery.donor }
        guard !others.isEmpty else { return }
        let donor = surgery.sources[surgery.donor]
        let fields = FieldTable.fields(for: donor.families)
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

    private func checkHalf(_ half: Following, of other: Int, known: Set<Set<String>>, in surgery: inout Surgery) {
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

    /// Whether a field says what kind of half each layer has.
    private static func saysKind(_ field: Field, of half: Following) -> Bool {
        let words =
            half == .mlp
            ? ["mlp", "moe", "dense", "sparse", "expert"] : ["layer_types", "attn", "attention", "block_types"]
        return field.key.contains("block") || words.contains(where: field.key.contains)
            || half == .attention && field.key == "layer_types"
    }

    /// The names of the tensors in each half of each layer, experts taken together.
    private static func halves(of source: Surgery.Source) -> [Int: [Following: Set<String>]] {
        var halves: [Int: [Following: Set<String>]] = [:]
        for case .layer(source.anatomy.main, let layer, let suffix, let role) in source.anatomy.parts {
            // Buffers come and go with the version that saved a file.
            guard !suffix.contains("rotary_emb"), !suffix.hasSuffix("masked_bias"), suffix != "attn.bias" else {
                continue
            }
            let half: Following = role.sublayer == .mlp ? .mlp : .attention
            halves[layer, default: [:]][half, default: []].insert(LayeredName.pattern(of: suffix))
        }
        return halves
    }
}
