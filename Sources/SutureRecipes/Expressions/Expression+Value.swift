import Glibc

/// Why an expression has no value.
package enum ExpressionError: Error, Hashable, Sendable {
    /// Nothing is called so.
    case unknownName(String)
    /// A result is past what a whole number or a number can be.
    case overflow(String)
    /// Something is divided by zero.
    case divisionByZero
    /// An operator or function is given what it has no use for.
    case wrongType(String, found: String)
    /// A function is asked for what it does not have, such as the root of -1.
    case undefined(String)

    /// What is wrong, to stand after the expression.
    package var fact: String {
        switch self {
        case .unknownName(let name): "nothing is called '\(name)'"
        case .overflow(let operation): "the result of '\(operation)' is too large"
        case .divisionByZero: "it divides by zero"
        case .wrongType(let operation, let found): "'\(operation)' has no use for \(found)"
        case .undefined(let fact): fact
        }
    }
}

extension ExpressionValue {
    /// The value as a number, whole or not; `nil` where it is none.
    package var asNumber: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        case .boolean, .text: nil
        }
    }

    /// The value as a whole number, as which one without a fraction counts too; `nil` where it is none.
    package var asInteger: Int? {
        switch self {
        case .integer(let value): value
        case .number(let value): Int(exactly: value)
        case .boolean, .text: nil
        }
    }

    /// What kind of value it is, in words, with the value.
    package var kindInWords: String {
        switch self {
        case .integer(let value): "the number \(value)"
        case .number(let value): "the number \(value)"
        case .boolean(let value): "the truth value \(value)"
        case .text(let value): "the text '\(value)'"
        }
    }

    /// The value as it stands in a text.
    package var asText: String {
        switch self {
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .boolean(let value): "\(value)"
        case .text(let value): value
        }
    }
}

extension Expression {
    /// Works the expression out.
    ///
    /// Whole numbers stay whole under `+ - * // %`; `/` always gives a number with a fraction. `//` and
    /// `%` round downwards and `round` takes halves to the even neighbour, as in Python.
    ///
    /// - Parameter lookup: The value of a name; `nil` where nothing is called so.
    /// - Returns: The value.
    /// - Throws: ``ExpressionError`` with the first reason why there is no value.
    package func evaluate(in lookup: (String) -> ExpressionValue?) throws(ExpressionError) -> ExpressionValue {
        switch self {
        case .integer(let value): return .integer(value)
        case .number(let value): return .number(value)
        case .boolean(let value): return .boolean(value)
        case .text(let value): return .text(value)
        case .name(let name):
            guard let value = lookup(name) else { throw .unknownName(name) }
            return value
        case .unary(let sign, let operand):
            return try Self.apply(sign, to: operand.evaluate(in: lookup))
        case .binary(let operation, let left, let right):
            return try Self.apply(operation, left, right, in: lookup)
        case .call(let name, let arguments):
            var values: [ExpressionValue] = []
            for argument in arguments { values.append(try argument.evaluate(in: lookup)) }
            return try Self.call(name, values)
        case .template(let parts):
            var text = ""
            for part in parts { text += try part.evaluate(in: lookup).asText }
            return .text(text)
        }
    }

    private static func apply(
        _ sign: UnaryOperator,
        to value: ExpressionValue
    ) throws(ExpressionError) -> ExpressionValue {
        switch (sign, value) {
        case (.minus, .integer(let value)):
            return try .integer(checked(0.subtractingReportingOverflow(value), "-"))
        case (.minus, .number(let value)): return .number(-value)
        case (.not, .boolean(let value)): return .boolean(!value)
        default: throw .wrongType(sign.rawValue, found: value.kindInWords)
        }
    }

    private static func apply(
        _ operation: BinaryOperator,
        _ left: Expression,
        _ right: Expression,
        in lookup: (String) -> ExpressionValue?
    ) throws(ExpressionError) -> ExpressionValue {
        let a = try left.evaluate(in: lookup)
        if operation == .and || operation == .or {
            guard case .boolean(let first) = a else { throw .wrongType(operation.rawValue, found: a.kindInWords) }
            if first == (operation == .or) { return a }
            let b = try right.evaluate(in: lookup)
            guard case .boolean = b else { throw .wrongType(operation.rawValue, found: b.kindInWords) }
            return b
        }
        let b = try right.evaluate(in: lookup)
        switch (operation, a, b) {
        case (.equal, _, _): return .boolean(isEqual(a, b))
        case (.notEqual, _, _): return .boolean(!isEqual(a, b))
        case (.divide, _, _): break
        case (_, .integer(let a), .integer(let b)):
            if let result = try whole(operation, a, b) { return result }
        default: break
        }
        guard let x = a.asNumber else { throw .wrongType(operation.rawValue, found: a.kindInWords) }
        guard let y = b.asNumber else { throw .wrongType(operation.rawValue, found: b.kindInWords) }
        return try fractional(operation, x, y)
    }

    private static func isEqual(_ a: ExpressionValue, _ b: ExpressionValue) -> Bool {
        if case .integer(let x) = a, case .integer(let y) = b { return x == y }
        if let x = a.asNumber, let y = b.asNumber { return x == y }
        return a == b
    }

    private static func whole(
        _ operation: BinaryOperator,
        _ a: Int,
        _ b: Int
    ) throws(ExpressionError) -> ExpressionValue? {
        let sign = operation.rawValue
        switch operation {
        case .add: return try .integer(checked(a.addingReportingOverflow(b), sign))
        case .subtract: return try .integer(checked(a.subtractingReportingOverflow(b), sign))
        case .multiply: return try .integer(checked(a.multipliedReportingOverflow(by: b), sign))
        case .floorDivide:
            guard b != 0 else { throw .divisionByZero }
            let quotient = try checked(a.dividedReportingOverflow(by: b), sign)
            return .integer((a % b != 0) && ((a < 0) != (b < 0)) ? quotient - 1 : quotient)
        case .modulo:
            guard b != 0 else { throw .divisionByZero }
            let remainder = a.remainderReportingOverflow(dividingBy: b)
            let rest = remainder.overflow ? 0 : remainder.partialValue
            return .integer(rest != 0 && ((rest < 0) != (b < 0)) ? rest + b : rest)
        case .less: return .boolean(a < b)
        case .lessOrEqual: return .boolean(a <= b)
        case .greater: return .boolean(a > b)
        case .greaterOrEqual: return .boolean(a >= b)
        case .divide, .equal, .notEqual, .and, .or: return nil
        }
    }

    private static func fractional(
        _ operation: BinaryOperator,
        _ x: Double,
        _ y: Double
    ) throws(ExpressionError) -> ExpressionValue {
        let result: Double
        switch operation {
        case .add: result = x + y
        case .subtract: result = x - y
        case .multiply: result = x * y
        case .divide, .floorDivide, .modulo:
            guard y != 0 else { throw .divisionByZero }
            let quotient = x / y
            result =
                switch operation {
                case .divide: quotient
                case .floorDivide: quotient.rounded(.down)
                default: x - y * quotient.rounded(.down)
                }
        case .less: return .boolean(x < y)
        case .lessOrEqual: return .boolean(x <= y)
        case .greater: return .boolean(x > y)
        case .greaterOrEqual: return .boolean(x >= y)
        case .equal: return .boolean(x == y)
        case .notEqual: return .boolean(x != y)
        case .and, .or: throw .wrongType(operation.rawValue, found: "numbers")
        }
        guard result.isFinite else { throw .overflow(operation.rawValue) }
        return .number(result)
    }

    private static func call(_ name: String, _ values: [ExpressionValue]) throws(ExpressionError) -> ExpressionValue {
        guard let first = values.first else { throw .undefined("'\(name)' is given nothing") }
        if name == "len" {
            guard case .text(let text) = first else { throw .wrongType(name, found: first.kindInWords) }
            return .integer(text.count)
        }
        for value in values where value.asNumber == nil { throw .wrongType(name, found: value.kindInWords) }
        let number = first.asNumber ?? 0
        switch name {
        case "min": return values.reduce(first) { ($1.asNumber ?? 0) < ($0.asNumber ?? 0) ? $1 : $0 }
        case "max": return values.reduce(first) { ($1.asNumber ?? 0) > ($0.asNumber ?? 0) ? $1 : $0 }
        case "round": return try rounded(first, .toNearestOrEven, name)
        case "floor": return try rounded(first, .down, name)
        case "ceil": return try rounded(first, .up, name)
        case "sqrt":
            guard number >= 0 else { throw .undefined("\(number) has no square root") }
            return .number(number.squareRoot())
        case "abs":
            guard case .integer(let whole) = first else { return .number(number.magnitude) }
            return try whole < 0 ? apply(.minus, to: first) : first
        default: throw .undefined("there is no function '\(name)'")
        }
    }

    private static func rounded(
        _ value: ExpressionValue,
        _ rule: FloatingPointRoundingRule,
        _ name: String
    ) throws(ExpressionError) -> ExpressionValue {
        guard case .number(let number) = value else { return value }
        guard let whole = Int(exactly: number.rounded(rule)) else { throw .overflow(name) }
        return .integer(whole)
    }

    private static func checked(
        _ result: (partialValue: Int, overflow: Bool),
        _ operation: String
    ) throws(ExpressionError) -> Int {
        guard !result.overflow else { throw .overflow(operation) }
        return result.partialValue
    }
}
