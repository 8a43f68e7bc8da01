/// An expression over parameters, lets, loop variables and facts of inputs.
///
/// Total: no recursion, no I/O; it always has a value or says why not.
package indirect enum Expression: Hashable, Sendable {
    case integer(Int)
    case number(Double)
    case boolean(Bool)
    case text(String)
    /// `keep`, or a fact of an input such as `base.layers`.
    case name(String)
    case unary(UnaryOperator, Expression)
    case binary(BinaryOperator, Expression, Expression)
    /// One of `min max round floor ceil sqrt len abs`.
    case call(String, [Expression])
    /// A text with `${…}` in it: the parts one after another.
    case template([Expression])

    /// An operator before its operand.
    package enum UnaryOperator: String, Hashable, Sendable {
        case minus = "-"
        case not = "not"
    }

    /// An operator between its operands.
    package enum BinaryOperator: String, CaseIterable, Hashable, Sendable {
        case add = "+"
        case subtract = "-"
        case multiply = "*"
        case divide = "/"
        case floorDivide = "//"
        case modulo = "%"
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case equal = "=="
        case notEqual = "!="
        case and = "and"
        case or = "or"
    }
}

/// What an expression is worth.
package enum ExpressionValue: Hashable, Sendable {
    case integer(Int)
    case number(Double)
    case boolean(Bool)
    case text(String)
}
