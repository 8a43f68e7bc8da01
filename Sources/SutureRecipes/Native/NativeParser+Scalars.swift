import SutureDiagnostics
import SutureTensors

extension NativeParser {
    /// What a scalar must give.
    enum ScalarKind {
        case integer, number, boolean, text, any

        var inWords: String {
            switch self {
            case .integer: "a whole number"
            case .number: "a number"
            case .boolean: "true or false"
            case .text: "a text"
            case .any: "a number, a word or ${…}"
            }
        }
    }

    /// Reads a scalar that may be computed: a plain value, or `${…}`.
    ///
    /// - Returns: The expression, or `nil` when it was wrong and has been reported.
    mutating func expression(_ node: YAMLNode, _ subject: String, _ kind: ScalarKind) -> Marked<Expression>? {
        guard !findings.isSettled else { return nil }
        guard let scalar = node.scalar, !scalar.isNull else {
            findings.append(.wrongType(subject, needs: kind.inWords, found: node))
            return nil
        }
        if Template.isTemplate(scalar.text) { return template(scalar, node, subject, kind) }
        switch (scalar.meaning, kind) {
        case (.integer(let value), .integer), (.integer(let value), .number), (.integer(let value), .any):
            return Marked(.integer(value), at: node.range)
        case (.number(let value), .number), (.number(let value), .any):
            guard value.isFinite else { break }
            return Marked(.number(value), at: node.range)
        case (.number(let value), .integer):
            guard let whole = Int(exactly: value) else { break }
            return Marked(.integer(whole), at: node.range)
        case (.boolean(let value), .boolean), (.boolean(let value), .any):
            return Marked(.boolean(value), at: node.range)
        case (.text(let value), .any) where !scalar.isText && (isAmbiguous(value) || value.contains("${")):
            break
        case (.text(let value), .text), (.text(let value), .any):
            return Marked(.text(value), at: node.range)
        case (.integer, .text), (.number, .text), (.boolean, .text):
            return Marked(.text(scalar.text), at: node.range)
        default: break
        }
        findings.append(.wrongType(subject, needs: kind.inWords, found: node, suggestion: suggestion(scalar, kind)))
        return nil
    }

    private mutating func template(
        _ scalar: YAMLScalar,
        _ node: YAMLNode,
        _ subject: String,
        _ kind: ScalarKind
    ) -> Marked<Expression>? {
        do throws(ExpressionSyntaxError) {
            let template = try Template(scalar.text)
            check(template.names, in: node)
            if case .template = template.expression, kind != .text, kind != .any {
                findings.append(.wrongType(subject, needs: kind.inWords, found: node))
                return nil
            }
            return Marked(template.expression, at: node.range)
        } catch {
            report(error, "expression", code: Diagnostic.expressionCode, in: node, scalar)
            return nil
        }
    }

    /// Reports a text that is no expression or slice.
    mutating func report(
        _ error: ExpressionSyntaxError,
        _ what: String,
        code: String,
        in node: YAMLNode,
        _ scalar: YAMLScalar
    ) {
        let range = ScalarPlace(scalar, at: node.range).range(of: error.offsets)
        findings.append(.badSyntax(what, code: code, scalar.text, error.message, at: range, fix: error.fix))
    }

    /// What was probably meant by a scalar of the wrong kind.
    private func suggestion(_ scalar: YAMLScalar, _ kind: ScalarKind) -> String? {
        switch kind {
        case .boolean:
            if case .boolean(let value) = scalar.meaningInYAML11 { return "\(value)" }
            if case .boolean(let value) = YAMLScalar(scalar.text).meaningInYAML11 { return "\(value)" }
            return nil
        case .integer, .number:
            if isAmbiguous(scalar.text) { return String(scalar.text.drop { $0 == "0" }) }
            if case .integer(let value) = YAMLScalar(scalar.text).meaning { return "\(value)" }
            guard let (parsed, uses) = try? ExpressionParser.parse(scalar.text), !uses.isEmpty,
                uses.allSatisfy({ names.fault(with: $0.name, locals: locals) == nil })
            else { return nil }
            _ = parsed
            return "\"${\(scalar.text)}\""
        case .text, .any: return isAmbiguous(scalar.text) ? String(scalar.text.drop { $0 == "0" }) : nil
        }
    }

    /// Whether a text is a number that the two versions of YAML count differently, such as `010`.
    private func isAmbiguous(_ text: String) -> Bool {
        text.utf8.count > 1 && text.utf8.first == UInt8(ascii: "0")
            && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// Reads a text that is not computed.
    mutating func text(_ node: YAMLNode, _ subject: String) -> Marked<String>? {
        guard let scalar = node.scalar, !scalar.isNull else {
            findings.append(.wrongType(subject, needs: "a text", found: node))
            return nil
        }
        return Marked(scalar.text, at: node.range)
    }

    /// Reads `true` or `false`.
    mutating func boolean(_ node: YAMLNode, _ subject: String) -> Marked<Bool>? {
        guard let value = expression(node, subject, .boolean) else { return nil }
        guard case .boolean(let truth) = value.value else {
            findings.append(.wrongType(subject, needs: "true or false, not computed", found: node))
            return nil
        }
        return Marked(truth, at: node.range)
    }

    /// Reads one of some words.
    mutating func choice<Choice: RawRepresentable & CaseIterable>(_ node: YAMLNode, _ subject: String) -> Choice?
    where Choice.RawValue == String {
        guard let word = text(node, subject) else { return nil }
        if let choice = Choice(rawValue: word.value) { return choice }
        findings.append(.unknownChoice(word, subject, known: Choice.allCases.map { $0.rawValue }))
        return nil
    }

    /// Reads a list.
    mutating func list(_ node: YAMLNode, _ subject: String, of what: String) -> [YAMLNode] {
        guard let elements = node.elements else {
            findings.append(unquotedSlice(node) ?? .wrongType(subject, needs: "a list of \(what)", found: node))
            return []
        }
        return elements
    }

    /// Reads a list of texts; a single text is a list of one.
    mutating func texts(_ node: YAMLNode, _ subject: String) -> [Marked<String>] {
        if node.scalar != nil { return text(node, subject).map { [$0] } ?? [] }
        return list(node, subject, of: "texts").compactMap { text($0, subject) }
    }

    /// Reads a slice of an input or node and notes what it takes from.
    mutating func slice(_ node: YAMLNode, _ subject: String) -> SliceExpression? {
        guard !findings.isSettled else { return nil }
        guard let scalar = node.scalar, !scalar.isNull else {
            findings.append(
                unquotedSlice(node) ?? .wrongType(subject, needs: "layers such as \"base[0:24]\"", found: node)
            )
            return nil
        }
        do throws(ExpressionSyntaxError) {
            var parser = SliceParser(scalar, at: node.range)
            let (slice, uses) = try parser.slice()
            check(uses, in: node)
            warnOfPair(slice.pieces ?? [], of: slice.target.value, at: node.range)
            return refer(to: slice.target, in: node) ? slice : nil
        } catch {
            report(error, "slice", code: "bad-slice", in: node, scalar)
            return nil
        }
    }

    /// Warns of two numbers in brackets that stand like the bounds of a run.
    mutating func warnOfPair(_ pieces: [SliceExpression.Piece], of name: String, at range: SourceRange) {
        if let pair = pieces.pairOfLayers { findings.append(.pairOfLayers(pair, of: name, at: range)) }
    }

    /// Reads a dtype.
    mutating func dtype(_ node: YAMLNode, _ subject: String, isArithmetic: Bool = false) -> Marked<DType>? {
        text(node, subject).flatMap { findings.dtype($0, subject, isArithmetic: isArithmetic) }
    }
}

extension [SliceExpression.Piece] {
    /// The two numbers of `[0, 4]`, which mergekit's `layer_range` has for bounds; neighbours are no such run.
    fileprivate var pairOfLayers: (Int, Int)? {
        guard count == 2, case .layer(let first) = self[0], case .layer(let second) = self[1],
            case .integer(let start) = first.value, case .integer(let end) = second.value, start >= 0, end > start + 1
        else { return nil }
        return (start, end)
    }
}

extension Diagnostic {
    /// A text that cannot be read as what it should be.
    static func badSyntax(
        _ what: String,
        code: String,
        _ text: String,
        _ fact: String,
        at range: SourceRange,
        fix: FixIt? = nil
    ) -> Diagnostic {
        Diagnostic(
            code: code,
            "'\(text.prefix(80))' cannot be read as \(what == "expression" ? "an" : "a") \(what): \(fact)",
            at: range,
            fix: fix
        )
    }

    /// Two layers that look like the bounds of a run.
    fileprivate static func pairOfLayers(_ pair: (Int, Int), of name: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "pair-of-layers",
            "'\(name)[\(pair.0), \(pair.1)]' is two layers, \(pair.0) and \(pair.1)",
            at: range,
            fix: FixIt(
                "write \(name)[\(pair.0):\(pair.1)] for layers \(pair.0) to \(pair.1 - 1), "
                    + "or \(name)[\(pair.0):\(pair.0 + 1), \(pair.1)] if the two are meant"
            )
        )
    }

    /// A word that is none of those it could be.
    static func unknownChoice(_ word: Marked<String>, _ subject: String, known: [String]) -> Diagnostic {
        // `integer` for `int` is no misspelling, but meant all the same.
        let begun = known.filter { $0.count > 2 && word.value.hasPrefix($0) }
        return Diagnostic(
            code: "unknown-choice",
            "\(subject) cannot be '\(word.value)'",
            at: word.range,
            fix: begun.count == 1
                ? FixIt("did you mean '\(begun[0])'?", replacing: begun[0])
                : .didYouMean(word.value, among: known) ?? FixIt("it may be: " + known.joined(separator: ", "))
        )
    }
}
