import SutureDiagnostics
import SutureRecipes

extension Lowering {
    /// Checks the values given for a recipe's parameters, and the defaults, against their declarations.
    mutating func checkParameters(in scope: Int) {
        for declaration in scopes[scope].graph.parameters {
            let name = declaration.name.value
            guard let (value, owner) = argument(name, in: scope) else {
                findings.append(.missingParameter(declaration))
                continue
            }
            let range = value.range ?? declaration.name.range
            switch (declaration.kind, value.content) {
            case (.curve, .curve), (.curve, .cases):
                continue
            case (_, .curve), (_, .cases):
                findings.append(.wrongParameterType(declaration, "a curve", at: range))
            case (_, .constant(let expression)):
                guard let given = evaluate(Marked(expression, at: range), in: owner) else { continue }
                check(given, against: declaration, in: scope, at: range)
            }
        }
    }

    private mutating func check(
        _ given: ExpressionValue,
        against declaration: SliceGraph.ParameterDeclaration,
        in scope: Int,
        at range: SourceRange?
    ) {
        switch (declaration.kind, given) {
        case (.int, .integer), (.float, .integer), (.float, .number), (.curve, .integer), (.curve, .number),
            (.bool, .boolean):
            break
        case (.int, .number(let number)) where number == number.rounded():
            break
        case (.enum, _):
            let choices = declaration.choices.map(\.value)
            let word = if case .text(let text) = given { text } else { given.asText }
            if !choices.contains(word) {
                findings.append(.notAChoice(word, of: declaration, at: range))
            }
            return
        default:
            findings.append(.wrongParameterType(declaration, given.asText, at: range))
            return
        }
        guard let number = given.asNumber else { return }
        if let minimum = declaration.minimum, let least = self.number(minimum, in: scope), number < least {
            findings.append(.parameterOutside(declaration, given.asText, bound: "at least", least, at: range))
        }
        if let maximum = declaration.maximum, let most = self.number(maximum, in: scope), number > most {
            findings.append(.parameterOutside(declaration, given.asText, bound: "at most", most, at: range))
        }
    }
}

/// A number as a recipe writes it: whole numbers without a point.
func words(_ number: Double) -> String {
    number == number.rounded() && abs(number) < 1e15 ? "\(Int(number))" : "\(number)"
}

extension Diagnostic {
    /// A parameter without a value.
    static func missingParameter(_ declaration: SliceGraph.ParameterDeclaration) -> Diagnostic {
        missingParameter(
            "parameter '\(declaration.name.value)' has no default and was not given",
            at: declaration.name.range,
            fix: FixIt("give it: --param \(declaration.name.value)=…")
        )
    }

    /// A parameter given something of another type.
    static func wrongParameterType(
        _ declaration: SliceGraph.ParameterDeclaration,
        _ given: String,
        at range: SourceRange?
    ) -> Diagnostic {
        wrongParameterType(declaration.name.value, declaration.kind.rawValue, given: given, at: range)
    }

    /// A parameter given a word that is not among its choices.
    static func notAChoice(
        _ word: String,
        of declaration: SliceGraph.ParameterDeclaration,
        at range: SourceRange?
    ) -> Diagnostic {
        let choices = declaration.choices.map(\.value)
        return Diagnostic(
            code: "not-a-choice",
            "parameter '\(declaration.name.value)' cannot be '\(word)'",
            at: range,
            fix: .didYouMean(word, among: choices) ?? FixIt("choices: " + choices.joined(separator: ", "))
        )
    }

    /// A parameter out of its bounds.
    static func parameterOutside(
        _ declaration: SliceGraph.ParameterDeclaration,
        _ given: String,
        bound: String,
        _ limit: Double,
        at range: SourceRange?
    ) -> Diagnostic {
        let share = Double(given).flatMap { limit == 1 && $0 >= 5 && $0 <= 100 ? $0 / 100 : nil }
        let percentage = share.map { ", or \(words($0)) if \(given) % is meant" } ?? ""
        return Diagnostic(
            code: "parameter-out-of-bounds",
            "parameter '\(declaration.name.value)' is \(given), but must be \(bound) \(words(limit))",
            at: range,
            fix: FixIt("use \(words(limit))" + percentage, replacing: words(limit))
        )
    }
}
