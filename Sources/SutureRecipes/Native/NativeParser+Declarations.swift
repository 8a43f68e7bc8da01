import SutureDiagnostics

// `inputs`, `params` and `let`.

extension NativeParser {
    mutating func inputSection(_ node: YAMLNode) {
        for (name, value) in named(node, "inputs") {
            guard let declaration = input(name, value) else { continue }
            graph.inputs.append(declaration)
        }
    }

    private mutating func input(_ name: Marked<String>, _ node: YAMLNode) -> SliceGraph.InputDeclaration? {
        if node.isNull || node.pairs?.isEmpty == true {
            return SliceGraph.InputDeclaration(name: name, reference: nil)
        }
        let subject = "input '\(name.value)'"
        guard node.pairs != nil else {
            guard node.elements == nil else {
                findings.append(.wrongType(subject, needs: "a model, such as owner/name", found: node))
                return nil
            }
            return text(node, subject).map { SliceGraph.InputDeclaration(name: name, reference: $0) }
        }
        guard let fields = fields(of: node, as: .input) else { return nil }
        var reference = fields["model"].flatMap { text($0, "'model'") }
        if let revision = fields["revision"].flatMap({ text($0, "'revision'") }) {
            if let model = reference, !model.value.contains("@") {
                reference = Marked("\(model.value)@\(revision.value)", at: model.range)
            } else {
                findings.append(.loneRevision(revision, of: reference?.value))
            }
        }
        return SliceGraph.InputDeclaration(
            name: name,
            reference: reference,
            adapter: fields["adapter"].flatMap { text($0, "'adapter'") },
            isOptional: fields["optional"].flatMap { boolean($0, "'optional'") }?.value ?? false,
            architecture: fields["architecture"].flatMap { text($0, "'architecture'") }
        )
    }

    mutating func parameterSection(_ node: YAMLNode) {
        for (name, value) in named(node, "params", allowsHyphens: false) {
            guard let declaration = parameter(name, value) else { continue }
            graph.parameters.append(declaration)
        }
    }

    private mutating func parameter(_ name: Marked<String>, _ node: YAMLNode) -> SliceGraph.ParameterDeclaration? {
        let subject = "param '\(name.value)'"
        guard let pairs = node.pairs else { return shortParameter(name, node, subject) }
        if pairs.contains(where: { $0.key.scalar?.text == "curve" }) {
            return value(node, subject).map {
                SliceGraph.ParameterDeclaration(name: name, kind: .curve, fallback: $0)
            }
        }
        guard let fields = fields(of: node, as: .parameter), let type = fields["type"],
            let kind: SliceGraph.ParameterDeclaration.Kind = choice(type, "the type of \(subject)")
        else { return nil }
        var declaration = SliceGraph.ParameterDeclaration(name: name, kind: kind, fallback: nil)
        if let node = fields["default"] {
            declaration.fallback = parameterDefault(node, "the default of \(subject)", kind)
        }
        declaration.minimum = fields["min"].flatMap { expression($0, "the least value of \(subject)", .number) }
        declaration.maximum = fields["max"].flatMap { expression($0, "the greatest value of \(subject)", .number) }
        declaration.choices = fields["choices"].map { texts($0, "the choices of \(subject)") } ?? []
        declaration.description = fields["description"].flatMap { text($0, "'description'") }?.value
        if kind == .enum, declaration.choices.isEmpty {
            let fact = "an enum is one of its choices, and param '\(name.value)' has none"
            findings.append(.missingKey(fact, at: name.range, fix: Diagnostic.FixIt("add 'choices: [a, b]'")))
        }
        if kind != .enum, let choices = fields.keyRange("choices") {
            findings.append(.choicesWithoutEnum(name, kind, at: choices))
        }
        if kind == .enum, let fallback = declaration.fallback, case .constant(.text(let word)) = fallback.content,
            !declaration.choices.contains(where: { $0.value == word })
        {
            findings.append(
                .unknownChoice(Marked(word, at: fallback.range), subject, known: declaration.choices.map(\.value))
            )
        }
        return declaration
    }

    /// `keep: 3`: the value says the type.
    private mutating func shortParameter(
        _ name: Marked<String>,
        _ node: YAMLNode,
        _ subject: String
    ) -> SliceGraph.ParameterDeclaration? {
        guard let fallback = value(node, subject), case .constant(let expression) = fallback.content else { return nil }
        let kind: SliceGraph.ParameterDeclaration.Kind
        switch expression {
        case .integer: kind = .int
        case .number: kind = .float
        case .boolean: kind = .bool
        default:
            findings.append(.untypedParameter(name, node))
            return nil
        }
        return SliceGraph.ParameterDeclaration(name: name, kind: kind, fallback: fallback)
    }

    /// The default of a param, which its type says how to read.
    private mutating func parameterDefault(
        _ node: YAMLNode,
        _ subject: String,
        _ kind: SliceGraph.ParameterDeclaration.Kind
    ) -> Value? {
        func constant(_ kind: ScalarKind) -> Value? {
            expression(node, subject, kind).map { Value(.constant($0.value), range: $0.range) }
        }
        switch kind {
        case .int: return constant(.integer)
        case .float: return constant(.number)
        case .bool: return constant(.boolean)
        case .enum: return constant(.text)
        case .curve:
            guard let elements = node.elements else { return value(node, subject) }
            let points = elements.compactMap { expression($0, "a point of \(subject)", .number) }
            return points.isEmpty ? nil : Value(.curve(points, over: .slice), range: node.range)
        }
    }

    mutating func definitionSection(_ node: YAMLNode) {
        for (name, value) in named(node, "let", allowsHyphens: false) {
            guard let expression = definition(name, value) else { continue }
            graph.definitions.append(SliceGraph.Definition(name: name, expression: expression))
        }
    }

    /// A `let` is an expression, with or without `${…}` around it.
    private mutating func definition(_ name: Marked<String>, _ node: YAMLNode) -> Marked<Expression>? {
        let subject = "'\(name.value)'"
        guard let scalar = node.scalar, !scalar.isNull, case .text(let text) = scalar.meaning,
            !Template.isTemplate(text)
        else { return expression(node, subject, .any) }
        do throws(ExpressionSyntaxError) {
            let (expression, uses) = try ExpressionParser.parse(text)
            check(uses, in: node)
            return Marked(expression, at: node.range)
        } catch {
            report(error, "expression", code: Diagnostic.expressionCode, in: node, scalar)
            return nil
        }
    }
}

extension Diagnostic {
    fileprivate static func loneRevision(_ revision: Marked<String>, of model: String?) -> Diagnostic {
        Diagnostic(
            code: "lone-revision",
            model.map { "'\($0)' names a revision already, and 'revision' another" }
                ?? "'revision' is of a model, and none is named",
            at: revision.range,
            fix: FixIt(model == nil ? "add 'model: owner/name'" : "keep one of them")
        )
    }

    fileprivate static func choicesWithoutEnum(
        _ name: Marked<String>,
        _ kind: SliceGraph.ParameterDeclaration.Kind,
        at range: SourceRange
    ) -> Diagnostic {
        Diagnostic(
            code: "choices-without-enum",
            "param '\(name.value)' has choices, and its type is \(kind.rawValue)",
            at: range,
            fix: FixIt("write 'type: enum'")
        )
    }

    fileprivate static func untypedParameter(_ name: Marked<String>, _ node: YAMLNode) -> Diagnostic {
        Diagnostic(
            code: "untyped-param",
            "a computed value or a word does not say its type, and param '\(name.value)' is \(node.kindInWords)",
            at: node.range,
            fix: FixIt("write {type: int, default: …}, with float, bool, enum or curve as may be")
        )
    }
}
