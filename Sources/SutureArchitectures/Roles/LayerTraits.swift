/// What the names of all tensors of a layer say together, by which one of them alone is understood.
struct LayerTraits {
    /// Whether `w3` stands beside `w1` and `w2`, as in Llama's first release.
    let usesThreeWeights: Bool

    /// Whether `w1` and `w2` are the two ways in of Qwen's first MLP.
    let hasSecondUp: Bool

    /// Whether the layer has experts.
    let hasExperts: Bool

    /// Whether its token mixer keeps a state in place of keys and values.
    let hasState: Bool

    /// Whether it looks at another stack, and has a last norm of its own.
    let normsCrossAttentionInBetween: Bool

    /// Containers of a router whose experts stand in them directly, each tensor holding all of them.
    private let bareExperts: Set<String>

    /// The numbered blocks that look at another stack: `layer.1` of T5.
    private let crossBlocks: Set<[String]>

    /// The halves that have a norm of the layer's own.
    private let normed: Set<Sublayer>

    /// Takes the suffixes of one layer's tensors.
    ///
    /// - Parameter sublayers: The half of each.
    init(_ sublayers: [String: Sublayer]) {
        let names = sublayers.keys.map { suffix in RoleNamer.modules(of: suffix).map { NameWords.folded($0) } }
        let modules = Set(names.joined().map { String(decoding: $0, as: UTF8.self) })
        usesThreeWeights = modules.contains("w3")
        hasSecondUp = modules.contains("w1") && modules.contains("w2") && modules.contains("c_proj")
        bareExperts = Self.bareExperts(names)
        hasExperts = modules.contains { $0.hasPrefix("expert") } || usesThreeWeights || !bareExperts.isEmpty
        hasState = names.joined().contains { NameWords.states.areWhole($0) }
        let firsts = Set(names.compactMap(\.first))
        normsCrossAttentionInBetween =
            firsts.contains(where: NameWords.isCross)
            && firsts.contains { NameWords.isNorm($0) && String(decoding: $0, as: UTF8.self).hasPrefix("final_") }
        crossBlocks = Set(
            names.filter { $0.count > 2 && $0[1].allSatisfy(isDigit) && $0.contains(where: NameWords.isCross) }
                .map { $0.prefix(2).map { String(decoding: $0, as: UTF8.self) } }
        )
        normed = Set(
            sublayers.lazy.filter { suffix, _ in
                Self.isOwnNorm(RoleNamer.modules(of: suffix).map { NameWords.folded($0) })
            }
            .map(\.value)
        )
    }

    private static func bareExperts(_ names: [[[UInt8]]]) -> Set<String> {
        var routers: Set<[UInt8]> = []
        var projections: Set<[UInt8]> = []
        var others: Set<[UInt8]> = []
        for name in names where name.count > 1 {
            if NameWords.router.areWhole(name[1]) { routers.insert(name[0]) }
            if fused.areWhole(name[1]), name.count == 2 { projections.insert(name[0]) }
            if String(decoding: name[1], as: UTF8.self).hasPrefix("expert") { others.insert(name[0]) }
        }
        return Set(routers.intersection(projections).subtracting(others).map { String(decoding: $0, as: UTF8.self) })
    }

    private static let fused = WordPattern.list("input_linear output_linear gate_proj up_proj gate_up_proj down_proj")

    /// Whether a tensor holds one projection of all experts without saying so.
    func isBareExpert(_ texts: [String]) -> Bool { texts.count == 2 && bareExperts.contains(texts[0]) }

    /// Whether a name lies in a numbered block that looks at another stack.
    func isInCrossBlock(_ texts: [String]) -> Bool { crossBlocks.contains(Array(texts.prefix(2))) }

    // MARK: - Norms

    /// Whether a name is that of a norm of the layer itself, and not one inside attention or an MLP.
    func isLayerNorm(_ names: [[UInt8]], of sublayer: Sublayer) -> Bool {
        if Self.isOwnNorm(names) { return true }
        // Where a half has no other norm, the one inside it is its own: `attention.ln` of Megatron's BERT.
        guard names.count == 2, let last = names.last, !NameWords.stateSpaces.areWord(in: names[0]) else {
            return false
        }
        return NameWords.bareNorms.areWhole(last) && !normed.contains(sublayer)
    }

    /// Whether a name says by itself that it is a norm of the layer.
    private static func isOwnNorm(_ names: [[UInt8]]) -> Bool {
        guard let first = names.first, let last = names.last(where: { !$0.allSatisfy(isDigit) }) else { return false }
        if names.count == 1 { return NameWords.isNorm(first) && !NameWords.innerNorms.areWhole(first) }
        guard NameWords.isNorm(last) else {
            // `norm_attn_norm.attn.Wqkv` lies in a block that is called after all it has.
            return NameWords.isNorm(first) && !names.dropFirst().contains { NameWords.attention.areWhole($0) }
        }
        let outer = names.dropLast().map { String(decoding: $0, as: UTF8.self) }
        // BERT: attention.output.LayerNorm, output.LayerNorm; T5: layer.0.layer_norm.
        if outer.last == "output" || NameWords.isNorm(first) { return true }
        if outer.first == "layer", outer.allSatisfy({ Int($0) != nil || $0 == "layer" }) { return true }
        return outer.count == 1 && (NameWords.beforeAttention.areWhole(last) || NameWords.beforeMLP.areWhole(last))
    }
}
