import SutureDiagnostics

/// The values of a mapping with declared keys.
struct Fields {
    let mapping: RecipeMapping
    /// The mapping itself.
    let node: YAMLNode
    /// Keys that are not declared, where the mapping may have such.
    let others: [YAMLNode.Pair]
    private let values: [String: YAMLNode.Pair]

    init(_ mapping: RecipeMapping, node: YAMLNode, values: [String: YAMLNode.Pair], others: [YAMLNode.Pair]) {
        self.mapping = mapping
        self.node = node
        self.values = values
        self.others = others
    }

    /// The value of a declared key, unless it says nothing.
    subscript(key: String) -> YAMLNode? {
        assert(mapping.keys.contains { $0.name == key }, "\(mapping) does not declare '\(key)'")
        return values[key]?.value
    }

    /// Where a key is written.
    func keyRange(_ key: String) -> SourceRange? { values[key]?.key.range }

    /// The declared keys that are there.
    var present: [String] { mapping.keys.map(\.name).filter { values[$0] != nil } }
}

extension NativeParser {
    /// Reads a mapping with declared keys and reports every key that is wrong, missing or double.
    ///
    /// - Returns: The values, or `nil` when the node is no mapping.
    mutating func fields(of node: YAMLNode, as mapping: RecipeMapping) -> Fields? {
        guard !findings.isSettled else { return nil }
        guard let pairs = node.pairs else {
            findings.append(.wrongType(mapping.inWords, needs: "a mapping", found: node))
            return nil
        }
        if let slice = unquotedSlice(node) {
            findings.append(slice)
            return nil
        }
        let declared = Set(mapping.keys.map(\.name))
        var values: [String: YAMLNode.Pair] = [:]
        var others: [YAMLNode.Pair] = []
        var misspelled: Set<String> = []
        for pair in pairs where !findings.isSettled {
            guard let key = pair.key.scalar?.text else {
                findings.append(.badKey(pair.key))
                continue
            }
            if key.hasPrefix("x-") { continue }
            guard declared.contains(key) || mapping.isOpen else {
                findings.append(.unknownKey(key, in: mapping, at: pair.key.range))
                if let meant = mapping.keys.map(\.name).nearest(to: key) { misspelled.insert(meant) }
                continue
            }
            if let first = values[key] ?? others.first(where: { $0.key.scalar?.text == key }) {
                findings.append(.duplicateKey(key, at: pair.key.range, first: first.key.range))
                continue
            }
            if pair.value.isNull {
                if !mapping.keys.contains(where: { $0.name == key && $0.isRequired }) {
                    findings.append(.emptyValue(key, at: pair.key.range))
                }
                continue
            }
            if declared.contains(key) { values[key] = pair } else { others.append(pair) }
        }
        // A key that is only misspelled has been spoken of.
        for key in mapping.keys where key.isRequired && values[key.name] == nil && !misspelled.contains(key.name) {
            findings.append(.missingKey(key.name, of: mapping.inWords, key.summary, at: node.range))
        }
        return Fields(mapping, node: node, values: values, others: others)
    }

    /// Reads a mapping whose keys are names of the recipe's own.
    mutating func named(
        _ node: YAMLNode,
        _ section: String,
        allowsHyphens: Bool = true
    ) -> [(name: Marked<String>, value: YAMLNode)] {
        guard let pairs = node.pairs else {
            findings.append(.wrongType("'\(section)'", needs: "a mapping from names", found: node))
            return []
        }
        var seen: [String: SourceRange] = [:]
        var result: [(name: Marked<String>, value: YAMLNode)] = []
        for pair in pairs where !findings.isSettled {
            guard let name = pair.key.scalar?.text else {
                findings.append(.badKey(pair.key))
                continue
            }
            if name.hasPrefix("x-") { continue }
            // A flattened recipe calls the nodes of those it used by the import's alias and a point.
            let parts = section == "graph" ? name.split(separator: ".", omittingEmptySubsequences: false) : [name[...]]
            if !parts.allSatisfy({ isName(String($0), allowsHyphens: allowsHyphens) }) {
                findings.append(.badName(name, in: section, allowsHyphens: allowsHyphens, at: pair.key.range))
            }
            if let first = seen[name] {
                findings.append(.duplicateKey(name, at: pair.key.range, first: first))
                continue
            }
            seen[name] = pair.key.range
            result.append((Marked(name, at: pair.key.range), pair.value))
        }
        return result
    }

    private func isName(_ name: String, allowsHyphens: Bool) -> Bool {
        guard let first = name.unicodeScalars.first, ExpressionParser.isNameStart(first) else { return false }
        return !["true", "false", "and", "or", "not", "caller"].contains(name)
            && name.unicodeScalars.allSatisfy { ExpressionParser.isNamePart($0) || (allowsHyphens && $0 == "-") }
    }

    /// `base[n : m]` without quotes is a mapping to YAML; this says so.
    func unquotedSlice(_ node: YAMLNode) -> Diagnostic? {
        guard let pairs = node.pairs, pairs.count == 1, let key = pairs[0].key.scalar, key.style == .plain,
            key.text.contains("["), !key.text.contains("]")
        else { return nil }
        let value = pairs[0].value.scalar?.text ?? ""
        var text = "\(key.text): \(value)"
        if node.range.start.line == node.range.end.line, let line = node.range.file.line(node.range.start.line) {
            let scalars = line.unicodeScalars.dropFirst(node.range.start.column - 1)
            text = String(String.UnicodeScalarView(scalars.prefix(node.range.end.column - node.range.start.column)))
        }
        return .unquotedSlice(text, at: node.range)
    }
}

extension Diagnostic {
    /// A key that is a list or a mapping.
    fileprivate static func badKey(_ key: YAMLNode) -> Diagnostic {
        Diagnostic(code: "bad-key", "a key is a word, found \(key.kindInWords)", at: key.range)
    }

    /// A key that means nothing where it stands.
    fileprivate static func unknownKey(_ key: String, in mapping: RecipeMapping, at range: SourceRange) -> Diagnostic {
        let known = mapping.keys.map(\.name)
        let home = [RecipeMapping.recipe, .output, .node, .blend, .expand, .use, .layersItem].first { other in
            other != mapping && other.keys.contains { $0.name == key }
        }
        return unknownKey(
            key,
            in: mapping.inWords,
            at: range,
            fix: .didYouMean(key, among: known)
                ?? home.map { FixIt("'\(key)' belongs in \($0.inWords)") }
                ?? FixIt("it may have: " + known.joined(separator: ", "))
        )
    }

    /// A key that a mapping without a declaration of its own does not have.
    static func unknownKey(_ key: String, in subject: String, known: [String], at range: SourceRange) -> Diagnostic {
        unknownKey(
            key,
            in: subject,
            at: range,
            fix: .didYouMean(key, among: known) ?? FixIt("it may have: " + known.joined(separator: ", "))
        )
    }

    /// A key without a value.
    static func emptyValue(_ key: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(.warning, code: "empty-value", "'\(key)' says nothing", at: range, fix: FixIt("leave it out"))
    }

    /// A name that expressions and slices could not be told from others.
    fileprivate static func badName(
        _ name: String,
        in section: String,
        allowsHyphens: Bool,
        at range: SourceRange
    ) -> Diagnostic {
        var scalars = String.UnicodeScalarView()
        for scalar in name.unicodeScalars.prefix(40) {
            scalars.append(ExpressionParser.isNamePart(scalar) ? scalar : "_")
        }
        if let first = scalars.first, !ExpressionParser.isNameStart(first) {
            scalars.insert("_", at: scalars.startIndex)
        }
        let signs = allowsHyphens ? "'_' and '-'" : "and '_'"
        return Diagnostic(
            code: "bad-name",
            "a name under '\(section)' is a letter, then letters, digits\(allowsHyphens ? "," : "") \(signs); "
                + "'\(name)' is not",
            at: range,
            fix: name.isEmpty || String(scalars) == name
                ? FixIt("choose another name") : FixIt("call it '\(String(scalars))'", replacing: String(scalars))
        )
    }

    /// A slice that YAML took apart.
    static func unquotedSlice(
        _ text: String,
        _ fact: String = "a colon with a space after it makes a mapping, so this slice needs quotes",
        at range: SourceRange
    ) -> Diagnostic {
        Diagnostic(
            code: "unquoted-slice",
            fact,
            at: range,
            fix: FixIt("write \"\(text)\"", replacing: "\"\(text)\"")
        )
    }
}
