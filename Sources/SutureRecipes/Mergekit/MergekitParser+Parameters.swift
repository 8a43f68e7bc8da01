import SutureDiagnostics

/// The parameters of one level of a mergekit file, by name.
typealias MergekitParameters = [String: MergekitSetting]

/// One parameter as one level gives it.
struct MergekitSetting {
    /// The parameter's name, where it is written.
    let name: Marked<String>
    /// What it says.
    let value: Value

    /// Whether it says something of every tensor, so that no level below is asked.
    var isTotal: Bool {
        guard case .cases(let cases) = value.content else { return true }
        return cases.contains { $0.selector == nil }
    }
}

extension MergekitParser {
    /// Reads `parameters:` of one level.
    mutating func parameters(_ node: YAMLNode?, _ subject: String) -> MergekitParameters {
        guard let node, !node.isNull, !findings.isSettled else { return [:] }
        guard let pairs = node.pairs else {
            findings.append(
                .wrongType("'parameters' of \(subject)", needs: "a mapping from parameter to value", found: node)
            )
            return [:]
        }
        var settings: MergekitParameters = [:]
        for pair in pairs {
            guard let name = pair.key.scalar?.text else { continue }
            guard let value = setting(pair.value, "'\(name)'") else {
                wrongParameters.insert(name)
                continue
            }
            settings[name] = MergekitSetting(name: Marked(name, at: pair.key.range), value: value)
        }
        return settings
    }

    /// Reads a setting: a number, a gradient, or a first-match list.
    private mutating func setting(_ node: YAMLNode, _ subject: String) -> Value? {
        switch node.content {
        case .scalar: return number(node, subject)
        case .mapping:
            return conditional(node, subject).map { Value(.cases([$0].compactMap { $0 }), range: node.range) }
        case .sequence(let elements):
            guard let first = elements.first else {
                findings.append(.wrongType(subject, needs: "a value", found: node))
                return nil
            }
            if first.pairs == nil { return gradient(elements, subject, at: node.range) }
            var cases: [Value.Case] = []
            for element in elements {
                guard let entry = conditional(element, subject) else { return nil }
                if let entry { cases.append(entry) }
            }
            return Value(.cases(cases), range: node.range)
        }
    }

    private mutating func number(_ node: YAMLNode, _ subject: String) -> Value? {
        guard let value = number(node) else {
            findings.append(
                .wrongType(subject, needs: "a number, a list of numbers, or a list of {filter:, value:}", found: node)
            )
            return nil
        }
        return Value(.constant(.number(value)), range: node.range)
    }

    /// Reads a gradient: points along the layers of the slice.
    private mutating func gradient(_ elements: [YAMLNode], _ subject: String, at range: SourceRange) -> Value? {
        var points: [Marked<Expression>] = []
        for element in elements {
            guard let value = number(element) else {
                findings.append(.wrongType(subject, needs: "numbers in its gradient", found: element))
                return nil
            }
            points.append(Marked(.number(value), at: element.range))
        }
        if points.count == 1 { return Value(.constant(points[0].value), range: points[0].range) }
        return Value(.curve(points, over: .slice), range: range)
    }

    /// Reads `{filter:, value:}`.
    ///
    /// - Returns: The case; `.some(nil)` for one that can never match; `nil` when it was wrong.
    private mutating func conditional(_ node: YAMLNode, _ subject: String) -> Value.Case?? {
        guard node.pairs != nil else {
            findings.append(.wrongType(subject, needs: "nothing but {filter:, value:} in its list", found: node))
            return nil
        }
        checkKeys(of: node, "an item of \(subject)", known: ["filter", "value"])
        guard let content = node["value"] else {
            findings.append(.missingKey("value", of: "an item of \(subject)", at: node.range))
            return nil
        }
        let value: Value?
        if let elements = content.elements {
            if elements.isEmpty { findings.append(.wrongType(subject, needs: "a value", found: content)) }
            value = elements.isEmpty ? nil : gradient(elements, subject, at: content.range)
        } else {
            value = number(content, subject)
        }
        guard let value else { return nil }
        guard let filter = present(node, "filter"), let text = filter.scalar?.text else {
            if let filter = node["filter"], filter.scalar == nil {
                findings.append(.wrongType("'filter'", needs: "a text", found: filter))
                return nil
            }
            return Value.Case(selector: nil, value: value)
        }
        if text == "*" { return Value.Case(selector: nil, value: value) }
        if text.contains("*") || text.contains("?") {
            findings.append(.globFilter(text, at: filter.range))
            return .some(nil)
        }
        let glob = Marked("*\(text)*", at: filter.range)
        return Value.Case(selector: Selector(including: [.name(glob)], range: filter.range), value: value)
    }

    /// What a parameter is worth when several levels give it, the nearest first.
    ///
    /// A level whose filters do not match leaves it to the next, so their lists are one list.
    func combine(_ name: String, _ levels: [MergekitParameters], as kind: SliceGraph.ParameterDeclaration.Kind)
        -> Argument?
    {
        var given: [MergekitSetting] = []
        for level in levels {
            guard let setting = level[name] else { continue }
            given.append(setting)
            if setting.isTotal { break }
        }
        guard let first = given.first else { return nil }
        if given.count == 1 { return Argument(name: first.name, value: first.value.read(as: kind)) }
        var cases: [Value.Case] = []
        for setting in given {
            if case .cases(let own) = setting.value.content {
                cases += own
            } else {
                cases.append(Value.Case(selector: nil, value: setting.value))
            }
        }
        return Argument(name: first.name, value: Value(.cases(cases), range: first.value.range).read(as: kind))
    }

    /// Warns of parameters that a method does not read where they stand.
    mutating func checkUse(of parameters: MergekitParameters, by method: RecipeVocabulary.Method, isPerInput: Bool) {
        for setting in parameters.values.sorted(by: { $0.name.value < $1.name.value }) {
            let name = setting.name
            let declared = method.parameters.first { $0.name == name.value }
            if let declared {
                if isPerInput, !declared.isPerInput {
                    findings.append(.misplacedParameter(name, of: method, isIgnored: true))
                }
                continue
            }
            let known = method.parameters.map(\.name)
            guard !method.inert.contains(name.value) else {
                findings.append(.inertParameter(name, of: method))
                continue
            }
            let isOfAnother =
                Self.inertParameters.contains(name.value)
                || vocabulary.methods.contains { $0.parameters.contains { $0.name == name.value } }
            findings.append(.ignoredParameter(name, of: method, known: known, isOfAnother: isOfAnother))
        }
    }

    /// Parameters that many files carry and that change nothing, or nothing any more.
    private static let inertParameters: Set<String> = ["int8_mask", "embed_slerp", "normalize", "rescale", "density"]
}

extension Value {
    /// The same value with its numbers as a parameter of this kind has them: mergekit has 1.0 for true.
    func read(as kind: SliceGraph.ParameterDeclaration.Kind) -> Value {
        switch content {
        case .constant(.number(let number)):
            switch kind {
            case .bool where number == 0 || number == 1: return Value(.constant(.boolean(number == 1)), range: range)
            case .int:
                guard let whole = Int(exactly: number) else { return self }
                return Value(.constant(.integer(whole)), range: range)
            case .bool, .float, .enum, .curve: return self
            }
        case .constant, .curve: return self
        case .cases(let cases):
            return Value(
                .cases(cases.map { Case(selector: $0.selector, value: $0.value.read(as: kind)) }),
                range: range
            )
        }
    }
}

extension Diagnostic {
    fileprivate static func globFilter(_ filter: String, at range: SourceRange) -> Diagnostic {
        let bare = filter.filter { $0 != "*" && $0 != "?" }
        return Diagnostic(
            .warning,
            code: "filter-is-no-glob",
            "a filter is a part of a tensor's name, and none has '\(filter)' in it, so this never matches",
            at: range,
            fix: bare.isEmpty
                ? FixIt("write \"*\" for all", replacing: "\"*\"") : FixIt("write \(bare)", replacing: bare)
        )
    }

    fileprivate static func inertParameter(_ name: Marked<String>, of method: RecipeVocabulary.Method) -> Diagnostic {
        Diagnostic(
            .note,
            code: "ignored-parameter",
            "'\(name.value)' changes nothing in '\(method.name)', here or in mergekit",
            at: name.range,
            fix: FixIt("it may stay, or be left out")
        )
    }

    fileprivate static func ignoredParameter(
        _ name: Marked<String>,
        of method: RecipeVocabulary.Method,
        known: [String],
        isOfAnother: Bool
    ) -> Diagnostic {
        Diagnostic(
            isOfAnother ? .note : .warning,
            code: "ignored-parameter",
            "'\(method.name)' has no parameter '\(name.value)', so it is ignored",
            at: name.range,
            fix: (isOfAnother ? nil : .didYouMean(name.value, among: known)) ?? FixIt("leave it out")
        )
    }
}
