import SutureDiagnostics
import SutureRecipes

/// Reads the values that the command line gives for a recipe's parameters.
struct GivenParameters {
    private(set) var arguments: [String: (value: Value, scope: Int)] = [:]
    private(set) var findings = Diagnostics()

    /// Reads texts by the types that the recipe declares.
    init(_ texts: [String: String], for graph: SliceGraph) {
        let known = graph.parameters.map(\.name.value)
        for name in texts.keys.sorted() {
            guard let declaration = graph.parameters.first(where: { $0.name.value == name }), let text = texts[name]
            else {
                findings.append(.unknownParameterGiven(name, known: known))
                continue
            }
            guard let content = Self.content(text, kind: declaration.kind) else {
                findings.append(.unreadableParameter(name, text, declaration.kind.rawValue))
                continue
            }
            arguments[name] = (Value(content, range: nil), 0)
        }
    }

    private static func content(
        _ text: String,
        kind: SliceGraph.ParameterDeclaration.Kind
    ) -> Value.Content? {
        switch kind {
        case .int:
            return Int(text).map { .constant(.integer($0)) }
        case .float:
            return number(text).map { .constant($0) }
        case .bool:
            switch text.lowercased() {
            case "true", "yes", "on", "1": return .constant(.boolean(true))
            case "false", "no", "off", "0": return .constant(.boolean(false))
            default: return nil
            }
        case .enum:
            return .constant(.text(text))
        case .curve:
            if let only = number(text) { return .constant(only) }
            guard text.hasPrefix("["), text.hasSuffix("]") else { return nil }
            let points = text.dropFirst().dropLast().split(separator: ",").map { part in
                number(String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()))
            }
            guard !points.isEmpty, !points.contains(nil) else { return nil }
            return .curve(points.compactMap(\.self).map { Marked($0, at: nil) }, over: .slice)
        }
    }

    private static func number(_ text: String) -> Expression? {
        if let whole = Int(text) { return .integer(whole) }
        guard let number = Double(text), number.isFinite else { return nil }
        return .number(number)
    }
}

extension Diagnostic {
    /// The command line gives a parameter that the recipe does not have.
    static func unknownParameterGiven(_ name: String, known: [String]) -> Diagnostic {
        unknownParameter(name, of: "the recipe", known: known, at: nil)
    }

    /// The command line gives a text that is no value of the parameter's type.
    static func unreadableParameter(_ name: String, _ text: String, _ kind: String) -> Diagnostic {
        let fix = kind == "curve" ? FixIt("write --param \(name)='[0, 0.5, 1]'") : nil
        return wrongParameterType(name, kind, given: "'\(text)'", at: nil, fix: fix)
    }
}
