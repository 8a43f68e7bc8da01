import SutureDiagnostics

// Values that differ from tensor to tensor: numbers, curves, first-match lists, mappings from role.

extension NativeParser {
    /// Reads a value: a scalar, a curve, or a first-match list.
    mutating func value(_ node: YAMLNode, _ subject: String) -> Value? {
        switch node.content {
        case .scalar:
            return expression(node, subject, .any).map { Value(.constant($0.value), range: $0.range) }
        case .mapping(let pairs):
            if pairs.contains(where: { $0.key.scalar?.text == "value" }) {
                return valueCase(node, subject).map { Value(.cases([$0]), range: node.range) }
            }
            return curve(node, subject)
        case .sequence(let elements):
            guard let first = elements.first else {
                findings.append(.wrongType(subject, needs: "a value", found: node))
                return nil
            }
            guard first.pairs != nil else {
                let ofInputs = vocabulary.methods.lazy.flatMap(\.parameters).first {
                    $0.isPerInput && "'\($0.name)'" == subject
                }
                findings.append(.listForCurve(subject, ofInputs: ofInputs?.name, at: node.range))
                return nil
            }
            return cases(elements, subject, at: node.range)
        }
    }

    /// Reads a value that may also be a mapping from role to value.
    mutating func roleValues(_ node: YAMLNode, _ subject: String) -> Value? {
        guard let pairs = node.pairs else { return value(node, subject) }
        let keys = pairs.compactMap { $0.key.scalar?.text }
        if keys.contains("curve") || keys.contains("value") { return value(node, subject) }
        guard !pairs.isEmpty else {
            findings.append(.wrongType(subject, needs: "roles and their values", found: node))
            return nil
        }
        var cases: [Value.Case] = []
        for pair in pairs where pair.key.scalar?.text.hasPrefix("x-") != true {
            let selector = selector(pair.key, subject)
            let value = value(pair.value, "\(subject) of '\(pair.key.scalar?.text ?? "?")'")
            if let selector, let value { cases.append(Value.Case(selector: selector, value: value)) }
        }
        return Value(.cases(cases), range: node.range)
    }

    private mutating func curve(_ node: YAMLNode, _ subject: String) -> Value? {
        guard let fields = fields(of: node, as: .curve), let list = fields["curve"] else { return nil }
        let points = self.list(list, subject, of: "points").compactMap {
            expression($0, "a point of \(subject)", .number)
        }
        let axis: Value.Axis? = fields["over"].flatMap { choice($0, "'over'") }
        guard !points.isEmpty else {
            if list.elements?.isEmpty == true { findings.append(.emptyCurve(at: list.range)) }
            return nil
        }
        return Value(.curve(points, over: axis ?? .slice), range: node.range)
    }

    private mutating func cases(_ elements: [YAMLNode], _ subject: String, at range: SourceRange) -> Value? {
        var cases: [Value.Case] = []
        var last: SourceRange?
        for element in elements {
            if let last {
                findings.append(.unreachableCase(at: element.range, after: last))
                break
            }
            guard let entry = valueCase(element, subject) else { continue }
            cases.append(entry)
            if entry.selector == nil { last = element.range }
        }
        return Value(.cases(cases), range: range)
    }

    private mutating func valueCase(_ node: YAMLNode, _ subject: String) -> Value.Case? {
        guard let fields = fields(of: node, as: .valueCase) else { return nil }
        let selector = fields["where"].map { self.selector($0, "'where'") }
        guard let content = fields["value"], let value = value(content, subject), selector != .some(nil) else {
            return nil
        }
        return Value.Case(selector: selector ?? nil, value: value)
    }

    /// Reads a merge method's parameters and reports those it does not have.
    mutating func methodParameters(
        _ pairs: [YAMLNode.Pair],
        of method: RecipeVocabulary.Method?,
        isPerInput: Bool
    ) -> [Argument] {
        var arguments: [Argument] = []
        var seen: [String: SourceRange] = [:]
        for pair in pairs {
            guard let name = pair.key.scalar?.text else {
                findings.append(.wrongType("a parameter's name", needs: "a word", found: pair.key))
                continue
            }
            if name.hasPrefix("x-") { continue }
            if let first = seen[name] {
                findings.append(.duplicateKey(name, at: pair.key.range, first: first))
                continue
            }
            seen[name] = pair.key.range
            if pair.value.isNull {
                findings.append(.emptyValue(name, at: pair.key.range))
                continue
            }
            let marked = Marked(name, at: pair.key.range)
            let declared = method?.parameters.first { $0.name == name }
            if let method, declared == nil {
                findings.append(.unknownMethodParameter(marked, of: method, isPerInput: isPerInput))
                continue
            }
            if isPerInput, let declared, let method, !declared.isPerInput {
                findings.append(.misplacedParameter(marked, of: method))
                continue
            }
            guard let value = value(pair.value, "'\(name)'") else { continue }
            if let declared { check(value, is: declared.kind, "'\(name)'") }
            arguments.append(Argument(name: marked, value: value))
        }
        return arguments
    }

    /// Reports constants of the wrong type in a value.
    private mutating func check(_ value: Value, is kind: SliceGraph.ParameterDeclaration.Kind, _ subject: String) {
        switch value.content {
        case .constant(let constant):
            let isFit =
                switch (constant, kind) {
                case (.text, .int), (.text, .float), (.text, .bool), (.text, .curve): false
                case (.boolean, .int), (.boolean, .float), (.boolean, .enum), (.boolean, .curve): false
                case (.number(let number), .int): number == number.rounded()
                case (.number(let number), .bool): number == 0 || number == 1
                case (.integer(let number), .bool): number == 0 || number == 1
                case (.integer, .enum), (.number, .enum): false
                default: true
                }
            if !isFit { findings.append(.wrongParameterType(subject, constant, needs: kind, at: value.range)) }
        case .curve: break
        case .cases(let cases): for entry in cases { check(entry.value, is: kind, subject) }
        }
    }
}

extension Diagnostic {
    fileprivate static func listForCurve(
        _ subject: String,
        ofInputs name: String?,
        at range: SourceRange
    ) -> Diagnostic {
        Diagnostic(
            code: "list-for-curve",
            "\(subject) is a list of numbers, which does not say what it runs along",
            at: range,
            fix: FixIt(
                "write {curve: […], over: slice}, or over: depth"
                    + (name.map { "; or give each input its own: {from: …, \($0): …}" } ?? "")
            )
        )
    }

    fileprivate static func emptyCurve(at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: "empty-curve",
            "a curve has at least one point, this has none",
            at: range,
            fix: FixIt("give the values at the first and last layer: [0, 1]")
        )
    }

    fileprivate static func unreachableCase(at range: SourceRange, after last: SourceRange) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "unreachable-case",
            "the first match counts, and the item before has no 'where', so it matches everything",
            at: range,
            fix: FixIt("put the item without 'where' last"),
            notes: [Note("it is here", at: .source(last))]
        )
    }

    /// A parameter that a method does not have.
    static func unknownMethodParameter(
        _ name: Marked<String>,
        of method: RecipeVocabulary.Method,
        isPerInput: Bool
    ) -> Diagnostic {
        let known = method.parameters.filter { !isPerInput || $0.isPerInput }.map(\.name)
        return unknownParameter(
            name.value,
            of: "'\(method.name)'",
            kind: isPerInput ? "parameter of single inputs" : "parameter",
            known: known,
            at: name.range
        )
    }

    fileprivate static func wrongParameterType(
        _ subject: String,
        _ found: Expression,
        needs kind: SliceGraph.ParameterDeclaration.Kind,
        at range: SourceRange?
    ) -> Diagnostic {
        let needed =
            switch kind {
            case .int: "a whole number"
            case .float, .curve: "a number"
            case .bool: "true or false"
            case .enum: "a word"
            }
        let given =
            switch found {
            case .text(let word): "'\(word)'"
            case .boolean(let truth): "'\(truth)'"
            case .integer(let value): "\(value)"
            case .number(let value): "\(value)"
            default: "something else"
            }
        return wrongType(subject, needs: needed, but: "found \(given)", at: range, fix: .number(needed))
    }
}
