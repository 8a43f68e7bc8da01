/// Names the role of each tensor of a layer, once it is known which half it belongs to.
struct RoleNamer {
    private let traits: LayerTraits

    /// Takes the suffixes of one layer's tensors with their halves, which together say what `w1` or `c_fc` means.
    init(_ sublayers: [String: Sublayer]) {
        traits = LayerTraits(sublayers)
    }

    /// The role of a tensor.
    ///
    /// - Parameters:
    ///   - suffix: Its name inside the layer, as the checkpoint has it.
    ///   - sublayer: The half it belongs to.
    /// - Returns: The role, `other` where the field has no name for it.
    func role(of suffix: String, sublayer: Sublayer) -> Role {
        let modules = Self.modules(of: suffix)
        let names = modules.map { NameWords.folded($0) }
        guard let last = names.last(where: { !$0.allSatisfy(isDigit) }) else {
            return Role(.other, suffix, sublayer: sublayer)
        }
        switch sublayer {
        case .attention, .mlp:
            if traits.isLayerNorm(names, of: sublayer) { return norm(names, sublayer) }
            return sublayer == .attention
                ? mixer(names, modules, sublayer) : channels(names, last, modules, sublayer)
        case .shared:
            return Role(.norm, "shared", sublayer: .shared)
        case .other:
            return Role(.other, modules.joined(separator: "."), sublayer: .other)
        }
    }

    /// The modules of a suffix: all of it but a leaf such as `weight`, fused companions by their tensor's name.
    static func modules(of suffix: String) -> [String] {
        var modules = suffix.split(separator: ".").filter { !$0.hasPrefix("{") }.map(String.init)
        // `weight.absmax` and `weight.quant_state.…` are bitsandbytes' companions of `weight`.
        if let weight = modules.firstIndex(of: "weight"), weight > 0 {
            modules.removeSubrange(weight...)
            return modules
        }
        if modules.count > 1, let last = modules.last, NameWords.leaves.contains(last) {
            modules.removeLast()
            return modules
        }
        guard let last = modules.last,
            let ending = NameWords.companionEndings.first(where: { last.hasSuffix($0) && last.count > $0.count }),
            last != "e_score_correction_bias", last != "expert_bias", last != "dt_bias"
        else { return modules }
        modules[modules.count - 1] = String(last.dropLast(ending.count))
        return modules
    }

    // MARK: - Norms

    private func norm(_ names: [[UInt8]], _ sublayer: Sublayer) -> Role {
        let texts = names.map { String(decoding: $0, as: UTF8.self) }
        let at = texts.lastIndex { Int($0) == nil } ?? 0
        // Moonshine's `post_attention_layernorm` comes before it looks at the encoder.
        let isBetween = traits.normsCrossAttentionInBetween && NameWords.afterAttention.areWhole(names[at])
        let isCross = isBetween || names.contains(where: NameWords.isCross) || traits.isInCrossBlock(texts)
        let half = sublayer == .mlp ? "mlp" : isCross ? "cross_attn" : "attn"
        let isAfter =
            texts[at].hasPrefix("post_") && !isBetween
            && (sublayer == .attention || !NameWords.afterAttention.areWhole(names[at]))
            || texts[at].hasSuffix("_after") || texts.dropLast().last == "output"
        return Role(.norm, half + (isAfter ? "_post" : ""), sublayer: sublayer)
    }

    // MARK: - Token mixers

    private func mixer(_ names: [[UInt8]], _ modules: [String], _ sublayer: Sublayer) -> Role {
        if isStateSpace(names) { return Role(.ssm, modules.last ?? "", sublayer: sublayer) }
        let group: Role.Group = names.contains(where: NameWords.isCross) ? .crossAttention : .attention
        if let part = Self.part(in: names, among: RoleNames.attention, last: RoleNames.lastInAttention) {
            return Role(group, part, sublayer: sublayer)
        }
        return Role(group, "other:" + modules.joined(separator: "."), sublayer: sublayer)
    }

    /// Whether a module is a mixer with a state, or a part of one.
    private func isStateSpace(_ names: [[UInt8]]) -> Bool {
        guard let first = names.first else { return false }
        if NameWords.stateSpaces.areWord(in: first) { return true }
        if traits.hasState, String(decoding: first, as: UTF8.self) == "mixer" { return true }
        // A convolution inside attention is attention's, unless what it is in has a state after all.
        guard traits.hasState || !NameWords.attentionContainers.areWhole(first) else { return false }
        return names.contains { NameWords.stateSpaces.areWord(in: $0) || NameWords.stateSpaceParameters.areWhole($0) }
    }

    /// The part that the innermost module with a name of the field means; parts of an indexer or an adapter are
    /// not those of attention.
    private static func part(
        in names: [[UInt8]],
        among entries: [RoleNames.Entry],
        last: [RoleNames.Entry]
    ) -> String? {
        guard !names.contains(where: isAside) else { return nil }
        if let name = names.last, let part = RoleNames.part(of: name, in: last) { return part }
        for name in names.reversed() where !name.allSatisfy(isDigit) {
            if let part = RoleNames.part(of: name, in: entries) { return part }
        }
        return nil
    }

    private static func isAside(_ name: [UInt8]) -> Bool {
        asides.areWhole(name) || String(decoding: name, as: UTF8.self).contains("residual")
    }

    private static let asides = WordPattern.list("indexer compressor lora_a lora_b lora adapter rel_logits_proj")

    // MARK: - Channel mixers

    private func channels(_ names: [[UInt8]], _ last: [UInt8], _ modules: [String], _ sublayer: Sublayer) -> Role {
        let texts = names.map { String(decoding: $0, as: UTF8.self) }
        let name = String(decoding: last, as: UTF8.self)
        let experts = texts.lastIndex { $0 == "experts" || $0 == "expert" || $0 == "moe_experts" }
        let isShared = names.contains { Self.shared.areWhole($0) }
        if Self.correction.areWhole(last) { return Role(.router, "bias", sublayer: sublayer) }
        if name == "shared_expert_gate" { return Role(.sharedExpert, "router", sublayer: sublayer) }
        if experts == nil, !isShared, isRouter(names) { return Role(.router, sublayer: sublayer) }

        let isExpert = experts != nil || traits.isBareExpert(texts)
        let group: Role.Group = isShared ? .sharedExpert : isExpert ? .expert : .mlp
        let part = part(of: last, name, names) ?? "other:" + modules.joined(separator: ".")
        let index = experts.flatMap { at in texts.indices.contains(at + 1) ? Int(texts[at + 1]) : nil }
        let expert = group == .expert ? index ?? texts.lazy.compactMap(Self.switchExpert).first : nil
        return Role(group, part, expert: expert, sublayer: sublayer)
    }

    private func part(of module: [UInt8], _ name: String, _ names: [[UInt8]]) -> String? {
        let texts = names.map { String(decoding: $0, as: UTF8.self) }
        switch name {
        case "w1": return traits.hasSecondUp || !traits.usesThreeWeights && !texts.contains("mlp") ? "up" : "gate"
        case "w2": return traits.hasSecondUp ? "gate" : "down"
        case "w3": return "up"
        case "dense", "conv1d": return texts.contains("intermediate") ? "up" : texts.contains("output") ? "down" : nil
        default: break
        }
        if NameWords.isNorm(module) { return "norm" }
        return Self.part(in: names, among: RoleNames.mlp, last: RoleNames.lastInMLP)
    }

    /// `gate` routes where it stands beside experts, and is a projection inside them.
    private func isRouter(_ names: [[UInt8]]) -> Bool {
        guard let at = names.lastIndex(where: NameWords.router.areWhole), !names.contains(where: Self.isAside) else {
            return false
        }
        return String(decoding: names[at], as: UTF8.self) != "gate" || traits.hasExperts
    }

    /// Switch Transformers numbers its experts `expert_3`.
    private static func switchExpert(_ name: String) -> Int? {
        name.hasPrefix("expert_") ? Int(name.dropFirst("expert_".count)) : nil
    }

    private static let correction = WordPattern.list("e_score_correction_bias expert_bias e_score_correction")
    private static let shared = WordPattern.list("shared_experts? share_expert shared_mlp shared_expert_mlp shared_moe")
}
