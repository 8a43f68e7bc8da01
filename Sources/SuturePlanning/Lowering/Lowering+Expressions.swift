import SutureArchitectures
import SutureDiagnostics
import SutureRecipes

extension Lowering {
    /// The value of an expression where it stands.
    ///
    /// - Returns: The value, or `nil` when there is none and the reason has been reported.
    mutating func evaluate(_ expression: Marked<Expression>, in scope: Int, locals: Locals = [:]) -> ExpressionValue? {
        switch expression.value {
        case .integer(let value): return .integer(value)
        case .number(let value): return .number(value)
        case .boolean(let value): return .boolean(value)
        case .text(let value): return .text(value)
        default: break
        }
        do throws(ExpressionError) {
            return try expression.value.evaluate { name in
                locals[name] ?? value(ofName: name, in: scope, locals: locals)
            }
        } catch {
            findings.append(.badExpression(error, at: expression.range))
            return nil
        }
    }

    /// The whole number that an expression gives.
    mutating func integer(_ expression: Marked<Expression>, in scope: Int, locals: Locals = [:]) -> Int? {
        guard let value = evaluate(expression, in: scope, locals: locals) else { return nil }
        guard let number = value.asInteger else {
            findings.append(.notAnInteger(value, at: expression.range))
            return nil
        }
        return number
    }

    /// The number that an expression gives; truth values count as 1 and 0.
    mutating func number(_ expression: Marked<Expression>, in scope: Int, locals: Locals = [:]) -> Double? {
        guard let value = evaluate(expression, in: scope, locals: locals) else { return nil }
        switch value {
        case .integer(let number): return Double(number)
        case .number(let number): return number
        case .boolean(let truth): return truth ? 1 : 0
        case .text:
            findings.append(.notANumber(value, at: expression.range))
            return nil
        }
    }

    /// The word that an expression gives.
    mutating func text(_ expression: Marked<Expression>, in scope: Int) -> String? {
        guard let value = evaluate(expression, in: scope) else { return nil }
        guard case .text(let word) = value else {
            findings.append(.notAWord(value, at: expression.range))
            return nil
        }
        return word
    }

    /// What a name in an expression stands for: a loop variable, a parameter, a `let`, a fact.
    private mutating func value(ofName name: String, in scope: Int, locals: Locals) -> ExpressionValue? {
        let graph = scopes[scope].graph
        let key = ScopedName(scope: scope, name: name)
        if let definition = graph.definitions.first(where: { $0.name.value == name }) {
            // A name that leads back to itself has no value.
            guard namesUnderWay.insert(key).inserted else { return nil }
            defer { namesUnderWay.remove(key) }
            return evaluate(definition.expression, in: scope)
        }
        if graph.parameters.contains(where: { $0.name.value == name }) {
            guard let (value, owner) = argument(name, in: scope), case .constant(let expression) = value.content,
                namesUnderWay.insert(key).inserted
            else { return nil }
            defer { namesUnderWay.remove(key) }
            return evaluate(Marked(expression, at: value.range), in: owner)
        }
        let parts = name.split(separator: ".", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        return fact(String(parts[1]), of: String(parts[0]), in: scope)
    }

    /// What a parameter is worth here: what the caller gave, or its default.
    func argument(_ name: String, in scope: Int) -> (value: Value, scope: Int)? {
        if let given = scopes[scope].arguments[name] { return given }
        guard let declaration = scopes[scope].graph.parameters.first(where: { $0.name.value == name }) else {
            return nil
        }
        return declaration.fallback.map { ($0, scope) }
    }

    /// A fact of an input or node, such as its number of layers.
    private mutating func fact(_ fact: String, of name: String, in scope: Int) -> ExpressionValue? {
        let slice = SliceExpression(target: Marked(name, at: nil), range: nil)
        guard scopes[scope].inputs[name] != nil || scopes[scope].node(name) != nil,
            let strip = strip(of: slice, in: scope, at: 0)
        else { return nil }
        if fact == "layers" { return .integer(strip.layers.count) }
        guard let owner = strip.sources.first else { return nil }
        return sources[owner].anatomy.facts.value(named: fact).map(ExpressionValue.integer)
    }

    /// A name in a scope.
    struct ScopedName: Hashable {
        let scope: Int
        let name: String
    }
}

extension ModelFacts {
    /// The names by which expressions ask for facts.
    package static let expressionNames = [
        "layers", "hidden", "mlp", "heads", "kv_heads", "head_dim", "experts", "vocab",
    ]

    /// The fact that an expression calls `name`, such as `hidden`.
    func value(named name: String) -> Int? {
        switch name {
        case "layers": layers?.value
        case "hidden": hidden?.value
        case "mlp": mlp?.value
        case "heads": heads?.value
        case "kv_heads": kvHeads?.value
        case "head_dim": headDim?.value
        case "experts": experts?.value
        case "vocab": embeddingRows ?? vocab?.value
        default: nil
        }
    }
}

extension Diagnostic {
    /// An expression that has no value.
    static func badExpression(_ error: ExpressionError, at range: SourceRange?) -> Diagnostic {
        let hint =
            switch error {
            case .unknownName: "facts that a model may have are " + ModelFacts.expressionNames.joined(separator: ", ")
            case .overflow: "use smaller numbers"
            case .divisionByZero: "divide by something that is never 0, such as max(1, …)"
            case .wrongType, .undefined: "check what the names in it stand for"
            }
        return Diagnostic(
            code: expressionCode,
            "the expression has no value: \(error.fact)",
            at: range,
            fix: FixIt(hint)
        )
    }

    /// A value where a whole number is needed.
    static func notAnInteger(_ value: ExpressionValue, at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            code: "not-an-integer",
            "\(value.kindInWords) stands where a whole number is needed",
            at: range,
            fix: FixIt("round it: ${round(…)}")
        )
    }

    /// A value where a number is needed.
    static func notANumber(_ value: ExpressionValue, at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            code: "not-a-number",
            "\(value.kindInWords) stands where a number is needed",
            at: range,
            fix: FixIt("write a number, such as 0.5")
        )
    }

    /// A value where a word is needed.
    static func notAWord(_ value: ExpressionValue, at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            code: "not-a-word",
            "\(value.kindInWords) stands where a word is needed",
            at: range,
            fix: FixIt("write a name, or an expression that gives one")
        )
    }
}
