import SutureDiagnostics

/// Why a text is no expression, and which of its Unicode scalars are to blame.
struct ExpressionSyntaxError: Error, Hashable {
    /// The words, to stand after "this is no expression: ".
    let message: String
    /// The scalars to blame, counted from the start of the text; empty at its end.
    let offsets: Range<Int>
    /// What was probably meant, where that can be told.
    var fix: Diagnostic.FixIt?
}

/// A name in an expression and where it stands.
struct NameUse: Hashable {
    /// The name, dots included.
    let name: String
    /// Its scalars, counted from the start of the text.
    let offsets: Range<Int>
}

/// Reads expressions: numbers, names, operators and calls, with Python's precedences.
///
/// Depth and size are bounded, so that no text can exhaust the stack of whoever walks the result.
struct ExpressionParser {
    /// The functions that an expression may call.
    static let functions = ["min", "max", "round", "floor", "ceil", "sqrt", "len", "abs"]

    private static let depthLimit = 40
    private static let sizeLimit = 300

    let scalars: [Unicode.Scalar]
    private(set) var index: Int
    /// The names met so far.
    private(set) var names: [NameUse] = []
    private var depth = 0
    private var size = 0

    init(_ scalars: [Unicode.Scalar], at index: Int = 0) {
        self.scalars = scalars
        self.index = index
    }

    /// Reads a whole text as one expression.
    static func parse(_ text: String) throws(ExpressionSyntaxError) -> (expression: Expression, names: [NameUse]) {
        var parser = ExpressionParser(Array(text.unicodeScalars))
        let expression = try parser.expression()
        try parser.expectEnd()
        return (expression, parser.names)
    }

    // MARK: - Words

    /// The next scalar that is no space; `nil` at the end.
    mutating func peek() -> Unicode.Scalar? {
        while index < scalars.count, scalars[index].properties.isWhitespace { index += 1 }
        return index < scalars.count ? scalars[index] : nil
    }

    /// Steps over a mark if it comes next.
    mutating func take(_ mark: String) -> Bool {
        _ = peek()
        let wanted = Array(mark.unicodeScalars)
        guard scalars[index...].starts(with: wanted) else { return false }
        index += wanted.count
        return true
    }

    /// Steps over a mark that must come next.
    mutating func expect(_ mark: String) throws(ExpressionSyntaxError) {
        guard take(mark) else { throw unexpected("'\(mark)'") }
    }

    mutating func expectEnd() throws(ExpressionSyntaxError) {
        if peek() != nil { throw unexpected("an operator or the end") }
    }

    /// What is wrong when something else comes next than what must.
    mutating func unexpected(_ wanted: String) -> ExpressionSyntaxError {
        guard let scalar = peek() else {
            return ExpressionSyntaxError(message: "it ends where \(wanted) belongs", offsets: index..<index)
        }
        return ExpressionSyntaxError(
            message: "'\(scalar)' stands where \(wanted) belongs",
            offsets: index..<(index + 1)
        )
    }

    /// Steps over a word operator such as `and`, which must not be the beginning of a longer name.
    private mutating func takeWord(_ word: String) -> Bool {
        let start = index
        guard take(word) else { return false }
        if index < scalars.count, Self.isNamePart(scalars[index]) {
            index = start
            return false
        }
        return true
    }

    static func isNameStart(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "_"
    }

    static func isNamePart(_ scalar: Unicode.Scalar) -> Bool { isNameStart(scalar) || isDigit(scalar) }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    // MARK: - Grammar

    /// Reads one expression and stops before what does not belong to it.
    mutating func expression() throws(ExpressionSyntaxError) -> Expression {
        let start = index
        guard depth < Self.depthLimit else {
            throw ExpressionSyntaxError(message: "it nests more than \(Self.depthLimit) deep", offsets: start..<index)
        }
        depth += 1
        defer { depth -= 1 }
        var left = try conjunction()
        while takeWord("or") { left = try grow(.binary(.or, left, try conjunction()), from: start) }
        return left
    }

    private mutating func conjunction() throws(ExpressionSyntaxError) -> Expression {
        let start = index
        var left = try negation()
        while takeWord("and") { left = try grow(.binary(.and, left, try negation()), from: start) }
        return left
    }

    private mutating func negation() throws(ExpressionSyntaxError) -> Expression {
        let start = index
        var count = 0
        while takeWord("not") { count += 1 }
        var operand = try comparison()
        for _ in 0..<count { operand = try grow(.unary(.not, operand), from: start) }
        return operand
    }

    private mutating func comparison() throws(ExpressionSyntaxError) -> Expression {
        let start = index
        let left = try sum()
        guard let comparator = takeComparator() else { return left }
        let right = try sum()
        let second = index
        if takeComparator() != nil {
            throw ExpressionSyntaxError(
                message: "comparisons do not chain, join two with 'and'",
                offsets: second..<max(second, index)
            )
        }
        return try grow(.binary(comparator, left, right), from: start)
    }

    private mutating func takeComparator() -> Expression.BinaryOperator? {
        let comparators: [Expression.BinaryOperator] = [
            .lessOrEqual, .greaterOrEqual, .equal, .notEqual, .less, .greater,
        ]
        return comparators.first { take($0.rawValue) }
    }

    private mutating func sum() throws(ExpressionSyntaxError) -> Expression {
        let start = index
        var left = try product()
        while true {
            if take("+") {
                left = try grow(.binary(.add, left, try product()), from: start)
            } else if take("-") {
                left = try grow(.binary(.subtract, left, try product()), from: start)
            } else {
                return left
            }
        }
    }

    private mutating func product() throws(ExpressionSyntaxError) -> Expression {
        let start = index
        var left = try signed()
        let operators: [Expression.BinaryOperator] = [.floorDivide, .divide, .multiply, .modulo]
        while let found = operators.first(where: { take($0.rawValue) }) {
            left = try grow(.binary(found, left, try signed()), from: start)
        }
        return left
    }

    private mutating func signed() throws(ExpressionSyntaxError) -> Expression {
        let start = index
        var isNegative: [Bool] = []
        while true {
            if take("-") {
                isNegative.append(true)
            } else if take("+") {
                isNegative.append(false)
            } else {
                break
            }
        }
        var operand = try primary()
        for minus in isNegative.reversed() where minus { operand = try grow(negated(operand), from: start) }
        return operand
    }

    /// A negative number is a number, so that what is printed reads back as the same expression.
    private func negated(_ operand: Expression) -> Expression {
        switch operand {
        case .integer(let value): .integer(-value)
        case .number(let value): .number(-value)
        default: .unary(.minus, operand)
        }
    }

    private mutating func primary() throws(ExpressionSyntaxError) -> Expression {
        guard let scalar = peek() else { throw unexpected("a number or a name") }
        let start = index
        if take("${") {
            let inner = try expression()
            try expect("}")
            return inner
        }
        if take("(") {
            let inner = try expression()
            try expect(")")
            return inner
        }
        if Self.isDigit(scalar) || (scalar == "." && index + 1 < scalars.count && Self.isDigit(scalars[index + 1])) {
            return try grow(number(), from: start)
        }
        if scalar == "'" || scalar == "\"" { return try grow(quotedText(scalar), from: start) }
        guard Self.isNameStart(scalar) else { throw unexpected("a number or a name") }
        return try nameOrCall()
    }

    private mutating func number() throws(ExpressionSyntaxError) -> Expression {
        let start = index
        var isWhole = true
        func digits(from first: Int) -> Int {
            scalars[first...].firstIndex { !Self.isDigit($0) && $0 != "_" } ?? scalars.count
        }
        index = digits(from: index)
        if index < scalars.count, scalars[index] == ".",
            index + 1 >= scalars.count || !Self.isNameStart(scalars[index + 1])
        {
            isWhole = false
            index = digits(from: index + 1)
        }
        if index < scalars.count, scalars[index] == "e" || scalars[index] == "E" {
            var exponent = index + 1
            if exponent < scalars.count, scalars[exponent] == "+" || scalars[exponent] == "-" { exponent += 1 }
            if exponent < scalars.count, Self.isDigit(scalars[exponent]) {
                isWhole = false
                index = digits(from: exponent)
            }
        }
        let text = String(String.UnicodeScalarView(scalars[start..<index].filter { $0 != "_" }))
        if index < scalars.count, Self.isNamePart(scalars[index]) {
            throw ExpressionSyntaxError(message: "a number runs into '\(scalars[index])'", offsets: index..<(index + 1))
        }
        if isWhole {
            if let value = Int(text) { return .integer(value) }
        } else if let value = Double(text.hasSuffix(".") ? text + "0" : text.hasPrefix(".") ? "0" + text : text),
            value.isFinite
        {
            return .number(value)
        }
        throw ExpressionSyntaxError(message: "the number is too large", offsets: start..<index)
    }

    private mutating func quotedText(_ quote: Unicode.Scalar) throws(ExpressionSyntaxError) -> Expression {
        let start = index
        guard let end = scalars[(index + 1)...].firstIndex(of: quote) else {
            throw ExpressionSyntaxError(message: "a text begins and does not end", offsets: start..<scalars.count)
        }
        index = end + 1
        return .text(String(String.UnicodeScalarView(scalars[(start + 1)..<end])))
    }

    private mutating func nameOrCall() throws(ExpressionSyntaxError) -> Expression {
        let start = index
        while index < scalars.count {
            if Self.isNamePart(scalars[index]) {
                index += 1
            } else if scalars[index] == ".", index + 1 < scalars.count, Self.isNameStart(scalars[index + 1]) {
                index += 2
            } else {
                break
            }
        }
        let name = String(String.UnicodeScalarView(scalars[start..<index]))
        let offsets = start..<index
        switch name {
        case "true", "false": return try grow(.boolean(name == "true"), from: start)
        case "and", "or", "not":
            throw ExpressionSyntaxError(message: "'\(name)' stands where a number or a name belongs", offsets: offsets)
        default: break
        }
        guard take("(") else {
            names.append(NameUse(name: name, offsets: offsets))
            return try grow(.name(name), from: start)
        }
        guard Self.functions.contains(name) else {
            let hint = Self.functions.nearest(to: name).map { ", did you mean '\($0)'?" } ?? ""
            throw ExpressionSyntaxError(message: "there is no function '\(name)'\(hint)", offsets: offsets)
        }
        var arguments: [Expression] = []
        repeat { arguments.append(try expression()) } while take(",")
        try expect(")")
        if name != "min", name != "max", arguments.count != 1 {
            throw ExpressionSyntaxError(
                message: "'\(name)' takes one argument, not \(arguments.count)",
                offsets: offsets
            )
        }
        return try grow(.call(name, arguments), from: start)
    }

    /// Counts a node, so that a long text makes no deep tree.
    private mutating func grow(_ expression: Expression, from start: Int) throws(ExpressionSyntaxError) -> Expression {
        size += 1
        guard size <= Self.sizeLimit else {
            throw ExpressionSyntaxError(message: "it has more than \(Self.sizeLimit) parts", offsets: start..<index)
        }
        return expression
    }
}
