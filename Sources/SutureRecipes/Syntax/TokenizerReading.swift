import SutureDiagnostics

/// What the readers of both dialects need to read a `tokenizer:` block, whose keys are the same in both.
protocol TokenizerBlockReader {
    var findings: RecipeFindings { get set }

    /// Reads whose tokens are written.
    mutating func tokenizerSource(_ node: YAMLNode) -> OutputSettings.TokenizerSetting?

    /// Reads the model that a row is taken from, one of those that are merged.
    mutating func rowOwner(_ node: YAMLNode) -> Marked<String>?

    /// Reports keys that a mapping does not have.
    mutating func checkKeys(of node: YAMLNode, _ subject: String, known: [String])

    mutating func wholeNumber(_ node: YAMLNode, _ subject: String) -> Marked<Int>?
    mutating func truth(_ node: YAMLNode, _ subject: String) -> Bool?
}

extension TokenizerBlockReader {
    /// Reads `{source:, tokens:, pad_to_multiple_of:}`, and reports keys that are none of those given.
    mutating func tokenizerBlock(_ node: YAMLNode, keys: [String]) -> TokenizerRules? {
        checkKeys(of: node, "'tokenizer'", known: keys)
        func present(_ key: String) -> YAMLNode? { node[key].flatMap { $0.isNull ? nil : $0 } }
        let source: OutputSettings.TokenizerSetting? =
            if let source = present("source") { tokenizerSource(source) } else { .union(node.range) }
        guard let source else { return nil }
        var rules = TokenizerRules(source: source, range: node.range)
        if let multiple = present("pad_to_multiple_of") {
            rules.multiple = wholeNumber(multiple, "'pad_to_multiple_of'")
            if let count = rules.multiple?.value, count < 1 {
                findings.append(.tooFew("'pad_to_multiple_of'", count, least: 1, at: multiple.range))
            }
        }
        if let tokens = present("tokens") {
            guard let pairs = tokens.pairs else {
                findings.append(.wrongType("'tokens'", needs: "a mapping from token to {source:}", found: tokens))
                return nil
            }
            rules.tokens = pairs.compactMap { tokenRule($0) }
        }
        return rules
    }

    private mutating func tokenRule(_ pair: YAMLNode.Pair) -> TokenizerRules.TokenRule? {
        guard let token = pair.key.scalar?.text else {
            findings.append(.wrongType("a token", needs: "a text", found: pair.key))
            return nil
        }
        let subject = "token '\(token)'"
        guard pair.value.pairs != nil else {
            findings.append(.wrongType(subject, needs: "{source:}", found: pair.value))
            return nil
        }
        checkKeys(of: pair.value, subject, known: ["source", "force"])
        let isForced = pair.value["force"].flatMap { $0.isNull ? nil : truth($0, "'force'") } ?? false
        let rule = { TokenizerRules.TokenRule(token: Marked(token, at: pair.key.range), row: $0, isForced: isForced) }
        guard let source = pair.value["source"], !source.isNull else { return rule(nil) }
        return row(source, of: subject).map(rule)
    }

    private mutating func row(_ node: YAMLNode, of subject: String) -> TokenizerRules.Row? {
        guard let kind = node["kind"] else { return rowOwner(node).map(TokenizerRules.Row.own) }
        checkKeys(of: node, "'source' of \(subject)", known: ["kind", "model", "token", "token_id"])
        switch kind.scalar?.text {
        case "zero": return .zeros(node.range)
        case "model_token":
            guard let model = node["model"], let owner = rowOwner(model) else {
                if node["model"] == nil {
                    findings.append(.missingKey("model", of: "'source' of \(subject)", at: node.range))
                }
                return nil
            }
            if let number = node["token_id"], let token = node["token"] {
                findings.append(.tokenTwice(subject, token.range, number.range))
                return nil
            }
            if let number = node["token_id"] {
                return wholeNumber(number, "'token_id'").map { .numbered(of: owner, $0) }
            }
            guard let other = node["token"], let name = other.scalar?.text else {
                findings.append(.missingKey("token", of: "'source' of \(subject)", at: node.range))
                return nil
            }
            return .other(of: owner, token: Marked(name, at: other.range))
        default:
            let word = Marked(kind.scalar?.text ?? "", at: kind.range)
            findings.append(.unknownChoice(word, "'kind'", known: ["zero", "model_token"]))
            return nil
        }
    }
}

extension Diagnostic {
    /// A row that is named in two ways.
    fileprivate static func tokenTwice(_ subject: String, _ token: SourceRange, _ number: SourceRange) -> Diagnostic {
        Diagnostic(
            code: "two-tokens",
            "'source' of \(subject) has both 'token' and 'token_id', which may be two rows",
            at: number,
            fix: FixIt("keep one of them"),
            notes: [Note("'token' is here", at: .source(token))]
        )
    }

    /// The owner of a row is none of the models that are merged.
    static func rowOfStranger(_ name: Marked<String>, known: [String]) -> Diagnostic {
        let fact = "'\(name.value)' gives a token its row, and is no model of this merge"
        return unknownInput(name.value, fact, known: known, at: name.range)
    }
}
