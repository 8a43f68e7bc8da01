/// Names the role of each tensor of a layer, once it is known which half it belongs to.
struct RoleNamer {
    private let usesThreeWeights: Bool
    private let hasSecondUp: Bool
    private let hasExperts: Bool

    /// Takes the suffixes of one layer's tensors, which together say what `w1` or `c_fc` means.
    init(_ suffixes: [String]) {
        let modules = Set(suffixes.flatMap { $0.split(separator: ".").map(String.init) })
        usesThreeWeights = modules.contains("w3")
        hasSecondUp = modules.contains("w1") && modules.contains("w2") && modules.contains("c_proj")
        hasExperts = modules.contains { NameWords.folded($0).starts(with: "expert".utf8) } || usesThreeWeights
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
        case .attention:
            return isLayerNorm(names) ? norm("attn", names, sublayer) : mixer(names, last, modules, sublayer)
        case .mlp:
            return isLayerNorm(names) ? norm("mlp", names, sublayer) : channels(names, last, modules, sublayer)
        case .shared:
            return Role(.norm, "attn", sublayer: .shared)
        case .other:
            return Role(.other, modules.joined(separator: "."), sublayer: .other)
        }
    }

    // MARK: - The parts of a name

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

    /// A norm of the layer itself, and not one inside attention or an MLP.
    private func isLayerNorm(_ names: [[UInt8]]) -> Bool {
        guard let first = names.first, let last = names.last(where: { !$0.allSatisfy(isDigit) }) else { return false }
        if names.count == 1 { return NameWords.isNorm(first) && !RoleNamer.innerNorms.areWhole(first) }
        guard NameWords.isNorm(last) else { return NameWords.isNorm(first) }
        let outer = names.dropLast().map { String(decoding: $0, as: UTF8.self) }
        // BERT: attention.output.LayerNorm, output.LayerNorm; T5: layer.0.layer_norm.
        return outer.last == "output" || outer.first == "layer" && outer.allSatisfy { Int($0) != nil || $0 == "layer" }
            || NameWords.isNorm(first)
    }

    private static let innerNorms = WordPattern.list("q_norm k_norm v_norm q_layer_?norm k_layer_?norm qk_norm")

    private func norm(_ half: String, _ names: [[UInt8]], _ sublayer: Sublayer) -> Role {
        let texts = names.map { String(decoding: $0, as: UTF8.self) }
        let name = texts.last { Int($0) == nil } ?? ""
        let isCross = texts.contains { Self.isCross($0) }
        let isAfter =
            name.hasPrefix("post_") && (half == "attn" || NameWords.mlp.areWord(in: Array(name.utf8)))
            || name.hasSuffix("_after") || texts.dropLast().last == "output"
        return Role(.norm, (isCross ? "cross_attn" : half) + (isAfter ? "_post" : ""), sublayer: sublayer)
    }

    // MARK: - Token mixers

    private func mixer(_ names: [[UInt8]], _ last: [UInt8], _ modules: [String], _ sublayer: Sublayer) -> Role {
        let texts = names.map { String(decoding: $0, as: UTF8.self) }
        let isSSM = texts.contains { Self.isSSM($0) }
        guard !isSSM else { return Role(.ssm, modules.last ?? "", sublayer: sublayer) }
        let group: Role.Group = texts.contains { Self.isCross($0) } ? .crossAttention : .attention
        if let part = Self.part(in: names, among: RoleNames.attention) { return Role(group, part, sublayer: sublayer) }
        return Role(group, "other:" + modules.joined(separator: "."), sublayer: sublayer)
    }

    /// The part that the innermost module with a name of the field means; parts of an indexer or an adapter are
    /// not those of attention.
    private static func part(in names: [[UInt8]], among entries: [RoleNames.Entry]) -> String? {
        guard !names.contains(where: { asides.areWhole($0) }) else { return nil }
        for name in names.reversed() where !name.allSatisfy(isDigit) {
            if let part = RoleNames.part(of: name, in: entries) { return part }
        }
        return nil
    }

    private static let asides = WordPattern.list("indexer compressor lora_a lora_b lora adapter")

    private static func isCross(_ name: String) -> Bool {
        name.contains("cross") || name == "encoder_attn" || name == "encoder_attn_layer_norm"
            || name == "enc_dec_attention"
    }

    private static func isSSM(_ name: String) -> Bool {
        ssm.areWord(in: Array(name.utf8)) || ssmParameters.areWhole(Array(name.utf8))
    }

    private static let ssm = WordPattern.list(
        "mamba# mamba ssm conv convs conv1d shortconv linear_?attn recurrent rglru rg_lru mlstm slstm delta_?net kda gdn"
    )

    private static let ssmParameters = WordPattern.list("a_log d dt_bias x_proj dt_proj")

    // MARK: - Channel mixers

    private func channels(_ names: [[UInt8]], _ last: [UInt8], _ modules: [String], _ sublayer: Sublayer) -> Role {
        let texts = names.map { String(decoding: $0, as: UTF8.self) }
        let name = String(decoding: last, as: UTF8.self)
        let experts = texts.lastIndex { $0 == "experts" || $0 == "expert" || $0 == "moe_experts" }
        let isShared = texts.contains { Self.shared.areWhole(Array($0.utf8)) }
        if Self.correction.areWhole(last) { return Role(.router, "bias", sublayer: sublayer) }
        if name == "shared_expert_gate" { return Role(.sharedExpert, "router", sublayer: sublayer) }
        if experts == nil, !isShared, isRouter(texts) { return Role(.router, sublayer: sublayer) }

        let group: Role.Group = isShared ? .sharedExpert : experts == nil ? .mlp : .expert
        let part = part(of: last, name, texts) ?? "other:" + modules.joined(separator: ".")
        let index = experts.flatMap { at in texts.indices.contains(at + 1) ? Int(texts[at + 1]) : nil }
        let expert = group == .expert ? index ?? texts.lazy.compactMap(Self.switchExpert).first : nil
        return Role(group, part, expert: expert, sublayer: sublayer)
    }

    private func part(of module: [UInt8], _ name: String, _ texts: [String]) -> String? {
        switch name {
        case "w1": return hasSecondUp || !usesThreeWeights && !texts.contains("mlp") ? "up" : "gate"
        case "w2": return hasSecondUp ? "gate" : "down"
        case "w3": return "up"
        case "dense": return texts.contains("intermediate") ? "up" : texts.contains("output") ? "down" : nil
        default: break
        }
        if NameWords.isNorm(module) { return "norm" }
        return Self.part(in: texts.map { Array($0.utf8) }, among: RoleNames.mlp)
    }

    /// `gate` routes where it stands beside experts, and is a projection inside them.
    private func isRouter(_ texts: [String]) -> Bool {
        guard let at = texts.lastIndex(where: { Self.routers.areWhole(Array($0.utf8)) }) else { return false }
        return texts[at] != "gate" || hasExperts
    }

    /// Switch Transformers numbers its experts `expert_3`.
    private static func switchExpert(_ name: String) -> Int? {
        name.hasPrefix("expert_") ? Int(name.dropFirst("expert_".count)) : nil
    }

    private static let routers = WordPattern.list("router gate gate_inp wg")
    private static let correction = WordPattern.list("e_score_correction_bias expert_bias e_score_correction")
    private static let shared = WordPattern.list("shared_experts? shared_mlp shared_expert_mlp shared_moe")
}
