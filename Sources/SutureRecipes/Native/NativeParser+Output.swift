import SutureDiagnostics
import SutureTensors

// `output` and `expect`.

extension NativeParser {
    mutating func outputSection(_ node: YAMLNode) {
        guard let fields = fields(of: node, as: .output) else { return }
        var output = OutputSettings()
        output.node = fields["node"].flatMap { text($0, "'node'") }
        if let ends = fields["ends"].flatMap({ self.fields(of: $0, as: .ends) }) {
            output.ends.embed = ends["embed"].flatMap { slice($0, "'embed'") }
            output.ends.norm = ends["norm"].flatMap { slice($0, "'norm'") }
            output.ends.head = ends["head"].flatMap { slice($0, "'head'") }
        }
        output.modules = fields["modules"].map { modules($0) } ?? []
        output.config = fields["config"].flatMap { input($0, "'config'") }
        output.tokenizer = fields["tokenizer"].flatMap { tokenizer($0) }
        output.dtype = fields["dtype"].flatMap { dtype($0, "'dtype'") }
        findings.checkLoaders(of: output.dtype)
        output.computeDType = fields["compute_dtype"].flatMap { dtype($0, "'compute_dtype'", isArithmetic: true) }
        output.roundsStages = fields["round_stages"].flatMap { boolean($0, "'round_stages'") }
        output.chatTemplate = fields["chat_template"].flatMap { text($0, "'chat_template'") }
        output.shardSize = fields["shard_size"].flatMap { size($0) }
        output.drop = fields["drop"].map { texts($0, "'drop'") } ?? []
        output.accept = fields["accept"].map { texts($0, "'accept'") } ?? []
        output.seed = fields["seed"].flatMap { seed($0) }
        graph.output = output
    }

    /// Reads what each module is made of.
    private mutating func modules(_ node: YAMLNode) -> [OutputSettings.Module] {
        guard let pairs = node.pairs else {
            findings.append(.wrongType("'modules'", needs: "a mapping such as {vision_tower: a}", found: node))
            return []
        }
        var places: [String: SourceRange] = [:]
        return pairs.compactMap { pair in
            guard let name = pair.key.scalar?.text, !name.isEmpty else {
                findings.append(.wrongType("a module", needs: "a name such as vision_tower", found: pair.key))
                return nil
            }
            if let first = places.updateValue(pair.key.range, forKey: name) {
                findings.append(.duplicateKey(name, at: pair.key.range, first: first))
                return nil
            }
            return slice(pair.value, "'\(name)'").map { .init(name: Marked(name, at: pair.key.range), from: $0) }
        }
    }

    /// Reads the name of an input.
    private mutating func input(_ node: YAMLNode, _ subject: String) -> Marked<String>? {
        guard let name = text(node, subject) else { return nil }
        guard names.inputs.contains(name.value) else {
            findings.append(
                .unknownInput(
                    name,
                    for: subject,
                    inputs: Array(names.inputs.prefix(1000)),
                    nodes: Array(names.nodes.prefix(1000))
                )
            )
            return nil
        }
        references["", default: []].append(name)
        return name
    }

    private mutating func tokenizer(_ node: YAMLNode) -> TokenizerRules? {
        guard node.pairs != nil else {
            return tokenizerSource(node).map { TokenizerRules(source: $0, range: node.range) }
        }
        var rules = tokenizerBlock(node, keys: RecipeMapping.tokenizer.keys.map(\.name))
        rules?.base = node["base"].flatMap { input($0, "'base'") }
        rules?.special = node["special"].flatMap { input($0, "'special'") }
        return rules
    }

    private mutating func size(_ node: YAMLNode) -> Marked<Int>? {
        guard let word = text(node, "'shard_size'") else { return nil }
        guard let bytes = ByteSize.parse(word.value), bytes > 0 else {
            findings.append(.badSize(word))
            return nil
        }
        return Marked(bytes, at: node.range)
    }

    private mutating func seed(_ node: YAMLNode) -> Marked<Int>? {
        wholeNumber(node, "'seed'")
    }

    mutating func expectSection(_ node: YAMLNode) {
        guard let fields = fields(of: node, as: .expect) else { return }
        for subject in SliceGraph.Expectation.Subject.allCases {
            guard let node = fields[subject.rawValue], let value = expectation(subject, node) else { continue }
            graph.expectations.append(SliceGraph.Expectation(subject: subject, value: value))
        }
    }

    private mutating func expectation(
        _ subject: SliceGraph.Expectation.Subject,
        _ node: YAMLNode
    ) -> Marked<Expression>? {
        let words = "'\(subject.rawValue)'"
        switch subject {
        case .layers, .hidden, .vocab: return expression(node, words, .integer)
        case .parameters:
            // A size such as `7B` is how people count parameters.
            if case .text(let text)? = node.scalar?.meaning, !Template.isTemplate(text),
                let count = parameterCount(text)
            {
                return Marked(.number(count), at: node.range)
            }
            return expression(node, words, .number)
        case .architecture: return text(node, words)?.map(Expression.text)
        case .identityOf:
            guard let name = text(node, words) else { return nil }
            return refer(to: name, in: node) ? name.map(Expression.text) : nil
        }
    }

    /// The number of parameters that `7B` or `350M` says.
    private func parameterCount(_ text: String) -> Double? {
        guard let unit = text.last, let factor = ["k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12][unit.lowercased()],
            let count = Double(text.dropLast()), count.isFinite, count >= 0
        else { return nil }
        return count * factor
    }
}

extension NativeParser: TokenizerBlockReader {
    mutating func tokenizerSource(_ node: YAMLNode) -> OutputSettings.TokenizerSetting? {
        guard let word = text(node, "'tokenizer'") else { return nil }
        if !names.inputs.contains(word.value) {
            if word.value == "base" { return .base(node.range) }
            if word.value == "union" { return .union(node.range) }
        }
        return input(node, "'tokenizer'").map(OutputSettings.TokenizerSetting.input)
    }

    mutating func rowOwner(_ node: YAMLNode) -> Marked<String>? { input(node, "'source'") }

    mutating func checkKeys(of node: YAMLNode, _ subject: String, known: [String]) {
        for pair in node.pairs ?? [] {
            guard let key = pair.key.scalar?.text, !known.contains(key), !key.hasPrefix("x-") else { continue }
            findings.append(.unknownKey(key, in: subject, known: known, at: pair.key.range))
        }
    }

    mutating func wholeNumber(_ node: YAMLNode, _ subject: String) -> Marked<Int>? {
        guard let value = expression(node, subject, .integer) else { return nil }
        guard case .integer(let count) = value.value else {
            findings.append(.wrongType(subject, needs: "a whole number, not computed", found: node))
            return nil
        }
        return Marked(count, at: node.range)
    }

    mutating func truth(_ node: YAMLNode, _ subject: String) -> Bool? { boolean(node, subject)?.value }
}

extension Diagnostic {
    fileprivate static func unknownInput(
        _ name: Marked<String>,
        for subject: String,
        inputs: [String],
        nodes: [String]
    ) -> Diagnostic {
        unknownInput(
            name.value,
            nodes.contains(name.value)
                ? "\(subject) names an input, and '\(name.value)' is a node"
                : "\(subject) names an input, and none is called '\(name.value)'",
            known: inputs,
            at: name.range
        )
    }

    fileprivate static func badSize(_ word: Marked<String>) -> Diagnostic {
        Diagnostic(
            code: "bad-size",
            "'shard_size' is a number of bytes, found '\(word.value)'",
            at: word.range,
            fix: FixIt("write a size such as 5GB or 500MB")
        )
    }
}
