import SutureJSON

/// One thing that a family needs, as a line of ``NeedTable`` says it.
indirect enum Need: Sendable {
    /// A tensor.
    case tensor(Tensor)

    /// What one kind of layer has, or another.
    case oneOf([[Need]])

    /// A tensor and when it is needed.
    struct Tensor: Sendable {
        /// Its name without `.weight`, `#` for the number of an expert; a bias as `module.bias`.
        let name: String
        /// Settings that must all hold.
        var conditions: [Condition] = []
        /// In which layers.
        var place: Substring = ""
    }

    /// A setting that decides whether there is a tensor.
    struct Condition: Sendable {
        let key: String
        let isMeant: Bool
        let fallback: Bool

        /// Reads `key`, `-key` or either with `!` for what is true where it is missing.
        init(_ text: Substring) {
            isMeant = !text.hasPrefix("-")
            fallback = text.hasSuffix("!")
            key = text.filter { $0 != "-" && $0 != "!" }
        }

        /// Whether it holds: a number counts as true unless it is 0, `null` as false.
        func holds(under config: JSONObject) -> Bool {
            guard let value = config[key] else { return fallback == isMeant }
            let isTrue = value.bool ?? value.double.map { $0 != 0 } ?? (value != .null && value.string != "none")
            return isTrue == isMeant
        }
    }

    /// Reads a line.
    static func read(_ line: some StringProtocol) -> [Need] {
        var words = expanded(line).split(separator: " ")[...]
        return alternatives(&words).first ?? []
    }

    /// The line with its phrases written out.
    private static func expanded(_ line: some StringProtocol) -> String {
        let words = line.split(separator: " ").map { word -> String in
            guard let mark = word.firstIndex(of: "$") else { return spaced(String(word)) }
            let name = word[word.index(after: mark)...].prefix { $0.isLetter }
            let phrase = NeedTable.phrases[Substring(name)] ?? ""
            return spaced(word[..<mark] + phrase + word[mark...].dropFirst(1 + name.count))
        }
        return words.joined(separator: " ")
    }

    private static func spaced(_ text: String) -> String {
        text.replacing("(", with: " ( ").replacing(")", with: " ) ")
    }

    private static func alternatives(_ words: inout ArraySlice<Substring>) -> [[Need]] {
        var found: [[Need]] = [[]]
        while let word = words.popFirst() {
            switch word {
            case ")": return found
            case "|": found.append([])
            case "(": found[found.count - 1].append(.oneOf(alternatives(&words)))
            default: found[found.count - 1] += tensors(word).map(Need.tensor)
            }
        }
        return found
    }

    /// The tensors that a word names: modules, and their biases.
    private static func tensors(_ word: Substring) -> [Tensor] {
        let name = word.prefix { !"+?@".contains($0) }
        var rest = word[name.endIndex...]
        var parts: [Character: Substring] = [:]
        while let mark = rest.popFirst() {
            parts[mark] = rest.prefix { !"+?@".contains($0) }
            rest = rest.drop { !"+?@".contains($0) }
        }
        let conditions = (parts["?"] ?? "").split(separator: "&").map(Condition.init)
        let place = parts["@"] ?? ""
        return listed(name).flatMap { name -> [Tensor] in
            let module = NeededTensors.key(name)
            let tensor = Tensor(name: module, conditions: conditions, place: place)
            guard let bias = parts["+"] else { return [tensor] }
            let more = bias.split(separator: "&").map(Condition.init)
            return [tensor, Tensor(name: module + ".bias", conditions: conditions + more, place: place)]
        }
    }

    /// The names that `{a,b}` stands for.
    private static func listed(_ name: Substring) -> [String] {
        guard let open = name.firstIndex(of: "{"), let close = name[open...].firstIndex(of: "}") else {
            return [String(name)]
        }
        let tail = name[name.index(after: close)...]
        return name[name.index(after: open)..<close].split(separator: ",").flatMap { word in
            listed(name[..<open] + word + tail)
        }
    }
}

extension Need.Tensor {
    /// Whether a layer has it under a config.
    func isNeeded(inLayer layer: Int, of depth: Int, under config: JSONObject) -> Bool {
        guard conditions.allSatisfy({ $0.holds(under: config) }) else { return false }
        switch place {
        case "first": return layer == 0
        case "-first": return layer != 0
        case "last": return layer == depth - 1
        case "-shared": return layer < depth - (config["num_kv_shared_layers"]?.int ?? 0)
        default: return true
        }
    }
}
