extension Expression {
    /// The expression as a recipe writes it, with no more parentheses than it needs.
    package var text: String { text(in: 0) }

    /// How tightly the outermost operator holds; the parser's levels, loosest first.
    private var level: Int {
        switch self {
        case .binary(.or, _, _): 1
        case .binary(.and, _, _): 2
        case .unary(.not, _): 3
        case .binary(let operation, _, _):
            switch operation {
            case .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual: 4
            case .add, .subtract: 5
            case .multiply, .divide, .floorDivide, .modulo: 6
            case .or: 1
            case .and: 2
            }
        case .unary(.minus, _): 7
        case .integer, .number, .boolean, .text, .name, .call, .template: 8
        }
    }

    private func text(in context: Int) -> String {
        let bare = bareText
        return level < context ? "(\(bare))" : bare
    }

    private var bareText: String {
        switch self {
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .boolean(let value): "\(value)"
        case .text(let text): text.contains("'") ? "\"\(text)\"" : "'\(text)'"
        case .name(let name): name
        // A minus before a number would make it another number.
        case .unary(.minus, let operand): operand.isNumeral ? "0 - \(operand.bareText)" : "-" + operand.text(in: 7)
        case .unary(.not, let operand): "not " + operand.text(in: 3)
        case .binary(let operation, let left, let right):
            // Comparisons do not chain; all else leans to the left.
            left.text(in: level == 4 ? 5 : level) + " \(operation.rawValue) " + right.text(in: level + 1)
        case .call(let name, let arguments): name + "(" + arguments.map(\.text).joined(separator: ", ") + ")"
        case .template(let parts): parts.map(\.partText).joined()
        }
    }

    private var isNumeral: Bool {
        switch self {
        case .integer, .number: true
        default: false
        }
    }

    /// The expression as a part of a scalar.
    private var partText: String {
        guard case .text(let text) = self else { return "${\(self.text)}" }
        return text.escapingTemplates
    }

    /// The whole scalar that stands for the expression.
    var scalar: PrintedYAML {
        switch self {
        case .integer, .number, .boolean: .literal(bareText)
        case .text(let text): .text(text.escapingTemplates)
        case .template: .text(bareText)
        case .name, .unary, .binary, .call: .text("${\(text)}")
        }
    }
}

extension String {
    /// The text with `${` written so that it stays text.
    fileprivate var escapingTemplates: String {
        guard Template.isTemplate(self) else { return self }
        var result = ""
        var rest = self[...]
        while let first = rest.first {
            if rest.hasPrefix("${") { result += "$" }
            result.append(first)
            rest = rest.dropFirst()
        }
        return result
    }
}
