/// Tells which half of a layer each of its tensors belongs to, from the names of all of them.
///
/// The rules are those that hold over the families of the field, in order: what a module is called
/// decides, then what its parts are called, then, for norms, what else the layer has.
struct LayerClassifier {
    /// One tensor's name inside the layer.
    private struct Name {
        /// The parts of its name without the leaf, folded.
        let modules: [[UInt8]]

        var first: [UInt8] { modules[0] }
        var isNorm: Bool { NameWords.isNorm(first) }
        var isNumbered: Bool { modules.count > 1 && modules[1].allSatisfy(isDigit) }
    }

    private let names: [Name]
    private let firsts: Set<[UInt8]>
    private let hasFlatInput: Bool

    /// Takes the suffixes of one layer's tensors.
    init(_ suffixes: [String]) {
        names = suffixes.map { suffix in
            let parts = suffix.split(separator: ".", omittingEmptySubsequences: false)
                .filter { !$0.hasPrefix("{") }
                .map { NameWords.folded($0) }
            return Name(modules: parts.count > 1 ? Array(parts.dropLast()) : parts)
        }
        firsts = Set(names.map(\.first))
        hasFlatInput = firsts.contains { NameWords.flatInput.areWhole($0) }
    }

    /// The half of each tensor, in the order of the suffixes.
    func sublayers() -> [Sublayer] {
        var found: [Sublayer?] = names.map { $0.isNorm ? nil : sublayer(of: $0) }
        settleNumberedBlocks(&found)
        let norms = NormClassifier(
            norms: names.filter(\.isNorm).map(\.first),
            hasAttention: found.contains(.attention),
            hasMLP: found.contains(.mlp),
            hasCrossAttention: names.contains { NameWords.isCross($0.first) },
            hasInnerNorm: names.contains(where: hasInnerNorm)
        )
        for i in names.indices where found[i] == nil && names[i].isNorm {
            found[i] = NameWords.neither.areWhole(names[i].first) ? .other : sublayer(ofNorm: names[i], norms)
        }
        return found.map { $0 ?? .other }
    }

    // MARK: - Modules that are not norms

    private func sublayer(of name: Name) -> Sublayer? {
        if NameWords.neither.areWhole(name.first) { return .other }
        if let found = sublayer(ofModule: name.first, isAlone: true) { return found }
        if let found = sublayerInBERT(name.first) { return found }
        if text(name.first) == "mixer" { return sublayerOfMixer() }
        for module in name.modules.dropFirst() where !NameWords.isNorm(module) && !module.allSatisfy(isDigit) {
            if let found = sublayer(ofModule: module, isAlone: false) { return found }
        }
        return nil
    }

    private func sublayer(ofModule module: [UInt8], isAlone: Bool) -> Sublayer? {
        if NameWords.flatAttention.areWhole(module) { return .attention }
        if isAlone, hasFlatInput, NameWords.flatOutput.areWhole(module) { return .attention }
        if let scale = Self.layerScale(module) { return scale }
        if NameWords.mlp.areWord(in: module) { return .mlp }
        if NameWords.attention.areWord(in: module) { return .attention }
        let name = text(module)
        if name == "gate" || name == "router" {
            let siblings = ["experts", "mlp", "w1", "w2", "w3"]
            return siblings.contains { firsts.contains(Array($0.utf8)) } ? .mlp : nil
        }
        return nil
    }

    /// `ls1`, `lambda_2`, `layer_scale1`: a learned scale of the first or the second half.
    private static func layerScale(_ module: [UInt8]) -> Sublayer? {
        guard layerScales.areWhole(module), let digit = module.last else { return nil }
        return digit == UInt8(ascii: "1") ? .attention : digit == UInt8(ascii: "2") ? .mlp : nil
    }

    private static let layerScales = WordPattern.list("ls_?# lambda_?# gamma_?# layer_?scale_?#")

    /// `attention` beside `output`, or `intermediate` beside `output`: BERT's spelling of an MLP.
    private func sublayerInBERT(_ module: [UInt8]) -> Sublayer? {
        let name = text(module)
        guard name.hasPrefix("output") || name.hasPrefix("intermediate") else { return nil }
        let has = { (word: String) in firsts.contains { text($0).hasPrefix(word) } }
        return has("output") && (has("attention") || has("intermediate")) ? .mlp : nil
    }

    /// A layer with one `mixer`: its parts say whether it mixes tokens or channels.
    private func sublayerOfMixer() -> Sublayer {
        let parts = names.filter { text($0.first) == "mixer" }.flatMap { name in
            name.modules.dropFirst()
        }
        if parts.contains(where: { NameWords.mixerAttention.areWhole($0) }) { return .attention }
        return parts.contains(where: { NameWords.mixerMLP.areWhole($0) }) ? .mlp : .attention
    }

    /// In T5's `layer.0.*`, `layer.1.*` what is undecided follows its numbered block.
    private func settleNumberedBlocks(_ found: inout [Sublayer?]) {
        var votes: [[[UInt8]]: [Sublayer: Int]] = [:]
        for (i, name) in names.enumerated() where name.isNumbered {
            guard let sublayer = found[i], sublayer != .other else { continue }
            votes[Array(name.modules.prefix(2)), default: [:]][sublayer, default: 0] += 1
        }
        for (i, name) in names.enumerated() where name.isNumbered && found[i] == nil {
            guard let counts = votes[Array(name.modules.prefix(2))] else { continue }
            found[i] = counts[.attention, default: 0] >= counts[.mlp, default: 0] ? .attention : .mlp
        }
    }

    // MARK: - Norms

    private func sublayer(ofNorm name: Name, _ norms: NormClassifier) -> Sublayer {
        let says = [NameWords.beforeAttention, NameWords.beforeMLP, NameWords.afterAttention]
        if says.contains(where: { $0.areWhole(name.first) }) { return norms.sublayer(of: name.first) }
        for module in name.modules.dropFirst().reversed() where !module.allSatisfy(isDigit) {
            if NameWords.isNorm(module) {
                guard !NameWords.bareNorms.areWhole(module) else { continue }
                let found = norms.sublayer(of: module)
                if found != .shared && found != .other { return found }
            } else if let found = sublayer(ofModule: module, isAlone: false) {
                return found
            }
        }
        return norms.sublayer(of: name.first)
    }

    /// Whether attention has a norm of its own inside, which makes the layer's bare norm the MLP's.
    private func hasInnerNorm(_ name: Name) -> Bool {
        NameWords.attention.areWord(in: name.first)
            && name.modules.dropFirst().contains { Self.innerNorms.areWhole($0) }
    }

    private static let innerNorms = WordPattern.list("layer_?norm ln self_layer_?norm self_attn_layer_?norm")

    private func text(_ module: [UInt8]) -> String { String(decoding: module, as: UTF8.self) }
}
