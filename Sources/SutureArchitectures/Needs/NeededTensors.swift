package import SutureJSON

/// The tensors without which the class of a family runs on numbers that it makes up.
///
/// Known for the families of ``NeedTable``; what is needed depends on the config where it does in the class. Nothing is
/// claimed of a module that the checkpoint may store in a way of its own.
package struct NeededTensors: Sendable {
    /// The family in whose name claims are made.
    package let family: String

    private let config: JSONObject
    private let forms: [[Need]]
    private let known: Set<String>

    /// - Parameters:
    ///   - families: The names of the family, the most telling first. A layer may be as the class of any reads it.
    ///   - config: The config of the language model.
    ///
    /// Is `nil` for a family of which nothing is known.
    package init?(families: [String], config: JSONObject) {
        guard let family = families.first(where: { !NeedTable.lines(of: $0).isEmpty }) else { return nil }
        self.family = family
        self.config = config
        forms = families.flatMap(NeedTable.lines).map { Need.read($0) }
        known = Set(forms.joined().flatMap(Self.names))
    }

    /// The tensors that a layer lacks.
    ///
    /// - Parameters:
    ///   - suffixes: The names of the tensors it has.
    ///   - layer: Its number.
    ///   - depth: The number of layers.
    ///   - onlyNorms: Whether its other modules may be packed, and are called after whatever packed them.
    ///   - expected: What layers that are otherwise its equals have.
    /// - Returns: What is missing, without `.weight`; `nil` for a layer that has not even half of what is needed, and so
    ///   is of another make.
    package func missing(
        from suffixes: [String],
        inLayer layer: Int,
        of depth: Int,
        onlyNorms: Bool,
        expected: Set<String>
    ) -> [String]? {
        let held = Held(suffixes)
        let readings = forms.map { reading(of: $0, in: held, layer: layer, depth: depth) }
        guard let best = readings.max(by: { $1.isBetter(than: $0) }), best.found >= best.missing.count else {
            return nil
        }
        // What is called otherwise than the table knows may stand in the place of what is missing: in the same module, or
        // as a module of another name.
        let strange = Set(held.names.lazy.filter { !isKnown($0) }.map(Self.outer))
        let modules = Set(held.names.lazy.filter(isKnown).flatMap(Self.outers))
        let strangeTops = Set(strange.lazy.map { String($0.prefix { $0 != "." }) })
        var seen: Set<String> = []
        return best.missing.filter { name in
            let outer = Self.outer(name)
            guard seen.insert(name).inserted else { return false }
            if expected.contains(name) { return true }
            guard !strange.contains(outer) else { return false }
            let top = String(outer.prefix { $0 != "." })
            guard
                strange.isEmpty || outer.isEmpty || modules.contains(outer)
                    || modules.contains(top) && !strangeTops.contains(top)
            else { return false }
            return !onlyNorms || NameWords.isNorm(NameWords.folded(Self.last(of: name)))
        }
    }

    /// Looks before and behind the layers.
    ///
    /// - Parameters:
    ///   - names: The names of the tensors it has outside its layers.
    ///   - prefix: What stands before the numbers of its layers, such as `model.layers`.
    ///   - found: The tensors that serve as its ends, under whatever name.
    /// - Returns: The tensors that it lacks there, by whole names without `.weight`.
    package func missingEnds(from names: some Sequence<String>, prefix: String, found: [End: [String]]) -> [String] {
        let held = Set(names.lazy.map(Self.key))
        let modules = prefix.split(separator: ".")
        let readings = forms.map { form -> Reading in
            var reading = Reading()
            for case .tensor(let tensor) in form {
                let steps = tensor.name.prefix { $0 == "^" }.count
                guard steps > 0, tensor.isNeeded(inLayer: 0, of: 1, under: config) else { continue }
                let name = (modules.dropLast(steps) + [tensor.name.dropFirst(steps)]).joined(separator: ".")
                reading.take(name, isHeld: held.contains(name))
            }
            return reading
        }
        guard let best = readings.max(by: { $1.isBetter(than: $0) }) else { return [] }
        // What the class reads as something else stands in for nothing: a norm's bias, a table of positions.
        let strange = { (end: End) in (found[end] ?? []).contains { !best.held.contains(Self.key($0)) } }
        return best.missing.filter { name in
            let last = Self.last(of: name)
            // Models that share the embedding among parts, or keep it in another, call it as they please.
            if Self.embeddings.contains(last) {
                let others = held.subtracting(best.held)
                return !strange(.embed) && !others.contains { Self.embeddings.contains(Self.last(of: $0)) }
            }
            let isNorm = NameWords.isNorm(NameWords.folded(last)) && !name.contains("emb")
            return !(isNorm && strange(.norm))
        }
    }

    /// What families call the embedding of tokens.
    private static let embeddings: Set<String> = [
        "embed_tokens", "wte", "word_embeddings", "word_embedding", "embeddings", "shared", "tok_embeddings", "embed",
        "input_embedding", "token_embedding", "embed_in", "w", "embedding", "new_embedding",
    ]

    /// Whether the family's class ends in logits, by a head that may be the embedding.
    package var hasHead: Bool { known.contains("head") }

    /// A tensor's name as the table has it.
    package static func key(_ suffix: String) -> String {
        var parts = suffix.split(separator: ".").filter { !$0.hasPrefix("{") }.map { part in
            part.hasPrefix("expert_") && Int(part.dropFirst(7)) != nil ? part.dropFirst(7) : part
        }
        if parts.count > 1, parts.last == "weight" || parts.last == "gamma" { parts.removeLast() }
        guard let leaf = parts.last else { return suffix }
        if leaf == "beta", parts.count > 1 { parts[parts.count - 1] = "bias" }
        let isBias = leaf.hasSuffix("_bias") && !ownBiases.contains { leaf.hasSuffix($0) }
        if isBias { parts[parts.count - 1] = leaf.dropLast("_bias".count) + ".bias" }
        return parts.joined(separator: ".")
    }

    /// Biases that belong to no module of their name.
    private static let ownBiases = ["score_correction_bias", "expert_bias", "dt_bias", "relative_attention_bias"]

    // MARK: - Reading a layer

    /// The tensors of a layer.
    private struct Held {
        let names: Set<String>
        /// The number of experts, by what stands before their numbers.
        var experts: [Substring: Int] = [:]

        init(_ suffixes: [String]) {
            names = Set(suffixes.lazy.map(NeededTensors.key))
            for name in names {
                var start = name.startIndex
                while let dot = name[start...].firstIndex(of: ".") {
                    if let number = LayeredName.number(name[start..<dot].utf8), start > name.startIndex {
                        let prefix = name[..<name.index(before: start)]
                        experts[prefix] = max(experts[prefix] ?? 0, number + 1)
                    }
                    start = name.index(after: dot)
                }
            }
        }
    }

    /// How a layer meets a form.
    private struct Reading {
        var missing: [String] = []
        var held: Set<String> = []
        var found: Int { held.count }

        mutating func take(_ name: String, isHeld: Bool) {
            if isHeld { held.insert(name) } else { missing.append(name) }
        }

        func isBetter(than other: Reading) -> Bool {
            (found, -missing.count) > (other.found, -other.missing.count)
        }
    }

    private func reading(of form: [Need], in held: Held, layer: Int, depth: Int) -> Reading {
        var reading = Reading()
        for need in form {
            switch need {
            case .oneOf(let kinds):
                let readings = kinds.map { self.reading(of: $0, in: held, layer: layer, depth: depth) }
                guard let best = readings.max(by: { $1.isBetter(than: $0) }) else { continue }
                reading.missing += best.missing
                reading.held.formUnion(best.held)
            case .tensor(let tensor):
                guard !tensor.name.hasPrefix("^"), tensor.name != "head",
                    tensor.isNeeded(inLayer: layer, of: depth, under: config)
                else { continue }
                for name in Self.names(of: tensor.name, in: held) {
                    reading.take(name, isHeld: held.names.contains(name))
                }
            }
        }
        return reading
    }

    /// The names of a tensor in a layer: one for each of its experts, or that of all of them.
    private static func names(of name: String, in held: Held) -> [String] {
        guard let mark = name.firstIndex(of: "#") else { return [name] }
        let prefix = name[..<name.index(before: mark)]
        let rest = name[name.index(after: mark)...]
        guard let count = held.experts[prefix] else { return [prefix + "." + together(rest.dropFirst())] }
        return (0..<min(count, 100_000)).map { "\(prefix).\($0)\(rest)" }
    }

    /// What a tensor of all experts is called.
    private static func together(_ name: Substring) -> String {
        let module = name.prefix { $0 != "." }
        return switch module {
        case "gate_proj", "up_proj", "w1", "w3": "gate_up_proj" + name[module.endIndex...]
        case "w2": "down_proj" + name[module.endIndex...]
        default: String(name)
        }
    }

    // MARK: - Names

    private static func names(_ need: Need) -> [String] {
        switch need {
        case .oneOf(let kinds): return kinds.joined().flatMap(names)
        case .tensor(let tensor):
            guard let mark = tensor.name.firstIndex(of: "#") else { return [tensor.name] }
            let rest = tensor.name[mark...].dropFirst(2)
            return [tensor.name, tensor.name[..<mark] + together(rest)]
        }
    }

    /// Whether the family has a tensor of a name, in whatever layer and under whatever config.
    package func isKnown(_ name: String) -> Bool {
        if known.contains(name) || Self.buffers.contains(where: name.contains) { return true }
        let words = name.split(separator: ".")
        guard words.contains(where: { Int($0) != nil }) else { return false }
        return known.contains(words.map { Int($0) == nil ? $0 : "#" }.joined(separator: "."))
    }

    /// What programs make anew, and old ones stored.
    private static let buffers = ["rotary", "inv_freq", "masked", "attn.bias", "attention.bias"]

    /// The module that a tensor or a bias lies in.
    private static func outer(_ name: String) -> String {
        name.split(separator: ".").dropLast(name.hasSuffix(".bias") ? 2 : 1).joined(separator: ".")
    }

    /// All modules that a tensor or a bias lies in.
    private static func outers(_ name: String) -> [String] {
        let path = outer(name)
        return path.indices.filter { path[$0] == "." }.map { String(path[..<$0]) } + [path]
    }

    private static func last(of name: String) -> String {
        let words = name.split(separator: ".").filter { $0 != "bias" && Int($0) == nil }
        return words.last.map(String.init) ?? name
    }

    /// A tensor's name as files have it: modules store a `weight`.
    package static func fileName(_ name: String) -> String {
        let words = name.split(separator: ".")
        guard let last = words.last, last != "bias", !isBare(last), !isFusedExpert(words) else { return name }
        return name + ".weight"
    }

    private static func isBare(_ word: Substring) -> Bool {
        bare.contains(word) || ["_scale", "_bias", "_base", "_fn", "_log", "_sink"].contains { word.hasSuffix($0) }
    }

    private static func isFusedExpert(_ words: [Substring]) -> Bool {
        words.count > 1 && words[words.count - 2] == "experts" && words.last?.hasSuffix("_proj") == true
    }

    private static let bare: Set<Substring> = [
        "A", "A_log", "D", "sinks", "slope_rate", "layer_scalar", "lambda_1", "lambda_2", "sqk", "temp", "tid2eid",
        "alpha_n", "alpha_p", "eps", "fn", "scale", "base", "ape", "position_bias", "softmax_offset", "mask_emb",
    ]
}

extension Anatomy {
    /// Finds the config of its language model.
    ///
    /// - Parameter config: That of the whole.
    /// - Returns: The nested one, or the whole.
    package func ownConfig(in config: JSONObject) -> JSONObject {
        scopePath.isEmpty ? config : config[scopePath]?.object ?? config
    }

    /// Looks up what the class of its family needs.
    ///
    /// - Parameter config: The config of the whole.
    /// - Returns: `nil` where nothing is known of the family.
    package func neededTensors(under config: JSONObject) -> NeededTensors? {
        let names = families.flatMap { name in
            [name] + ["_text", "_text_model"].filter(name.hasSuffix).map { String(name.dropLast($0.count)) }
        }
        return NeededTensors(
            families: names.contains(modelType) ? names : names + [modelType],
            config: ownConfig(in: config)
        )
    }
}
