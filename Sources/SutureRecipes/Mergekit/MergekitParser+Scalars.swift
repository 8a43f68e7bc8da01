import SutureDiagnostics
import SutureTensors

extension MergekitParser {
    /// The value of a key, unless it says nothing.
    func present(_ node: YAMLNode, _ key: String) -> YAMLNode? {
        guard let value = node[key], !value.isNull else { return nil }
        return value
    }

    /// Reads a text; numbers and truth values are none to YAML 1.1.
    mutating func text(_ node: YAMLNode, _ subject: String) -> Marked<String>? {
        guard let scalar = node.scalar else {
            findings.append(.wrongType(subject, needs: "a text", found: node))
            return nil
        }
        guard case .text(let text) = scalar.meaningInYAML11 else {
            findings.append(.textNeedsQuotes(subject, scalar, at: node.range))
            return nil
        }
        return Marked(text, at: node.range)
    }

    /// Reads a whole number: `2`, `2.0` and `"2"` are one.
    mutating func integer(_ node: YAMLNode, _ subject: String) -> Marked<Int>? {
        let value: Int? =
            switch node.scalar?.meaningInYAML11 {
            case .integer(let value): value
            case .number(let value): Int(exactly: value)
            case .text(let text): Int(text.trimmed)
            case .boolean, .null, nil: nil
            }
        guard let value else {
            findings.append(.wrongType(subject, needs: "a whole number", found: node))
            return nil
        }
        return Marked(value, at: node.range)
    }

    /// The number that a scalar says where mergekit wants one: truth values are 1 and 0, and so are
    /// texts that spell a number.
    func number(_ node: YAMLNode) -> Double? {
        switch node.scalar?.meaningInYAML11 {
        case .integer(let value): Double(value)
        case .number(let value): value.isFinite ? value : nil
        case .boolean(let value): value ? 1 : 0
        case .text(let text): number(spelledBy: text)
        case .null, nil: nil
        }
    }

    private func number(spelledBy text: String) -> Double? {
        let bare = text.trimmed
        guard bare.utf8.allSatisfy({ "0123456789+-._eE".utf8.contains($0) }) else { return nil }
        if case .number(let value) = YAMLScalar(bare).meaning, value.isFinite { return value }
        if case .integer(let value) = YAMLScalar(bare).meaning { return Double(value) }
        return nil
    }

    /// Reads a dtype.
    mutating func dtype(_ node: YAMLNode, _ subject: String, isArithmetic: Bool = false) -> Marked<DType>? {
        text(node, subject).flatMap { findings.dtype($0.map(\.trimmed), subject, isArithmetic: isArithmetic) }
    }

    /// Warns of keys that mergekit does not know, and so ignores.
    mutating func checkKeys(of node: YAMLNode, _ subject: String, known: [String], inert: [String]) {
        for pair in node.pairs ?? [] {
            guard !findings.isFull else { return }
            guard let key = pair.key.scalar?.text, !known.contains(key) else { continue }
            if inert.contains(key) {
                findings.append(.inertKey(key, subject, at: pair.key.range))
            } else if !pair.value.isAnchored {
                let advice = MergekitOption.advice(key, value: pair.value.scalar?.text)
                findings.append(.ignoredKey(key, subject, known: known, advice: advice, at: pair.key.range))
            }
        }
    }
}

extension String {
    /// The text without spaces around it.
    var trimmed: String {
        var text = self[...]
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}

extension Diagnostic {
    fileprivate static func textNeedsQuotes(_ subject: String, _ scalar: YAMLScalar, at range: SourceRange)
        -> Diagnostic
    {
        let kind =
            switch scalar.meaningInYAML11 {
            case .boolean: "a truth value"
            case .integer, .number: "a number"
            case .null, .text: "nothing"
            }
        return wrongType(
            subject,
            needs: "a text",
            but: "and YAML reads '\(scalar.text)' as \(kind)",
            at: range,
            fix: scalar.text.isEmpty ? nil : FixIt("write \"\(scalar.text)\"", replacing: "\"\(scalar.text)\"")
        )
    }

    fileprivate static func ignoredKey(
        _ key: String,
        _ subject: String,
        known: [String],
        advice: String?,
        at range: SourceRange
    ) -> Diagnostic {
        unknownKey(
            key,
            in: subject,
            at: range,
            isIgnored: true,
            fix: advice.map { FixIt($0) } ?? .didYouMean(key, among: known) ?? FixIt("leave it out")
        )
    }

    fileprivate static func inertKey(_ key: String, _ subject: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "inert-key",
            "'\(key)' has no effect in \(subject)",
            at: range,
            fix: FixIt("leave it out")
        )
    }
}
