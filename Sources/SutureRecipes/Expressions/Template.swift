import SutureDiagnostics

/// A scalar of a recipe in which `${…}` stands for the value of an expression.
///
/// `$${` is a plain `${`.
struct Template {
    /// What the scalar says: a text, an expression, or a template of both.
    let expression: Expression
    /// The names in it, by their place in the whole scalar.
    let names: [NameUse]

    /// Whether a text holds an expression.
    static func isTemplate(_ text: String) -> Bool { text.contains("${") }

    /// Reads a scalar.
    ///
    /// A scalar that is one `${…}` and nothing else has the value of its expression; in any other the
    /// values become part of the text.
    init(_ text: String) throws(ExpressionSyntaxError) {
        let scalars = Array(text.unicodeScalars)
        var parts: [Expression] = []
        var names: [NameUse] = []
        var literal = String.UnicodeScalarView()
        var index = 0
        while index < scalars.count {
            if scalars[index...].starts(with: "$${".unicodeScalars) {
                literal.append(contentsOf: "${".unicodeScalars)
                index += 3
            } else if scalars[index...].starts(with: "${".unicodeScalars) {
                if !literal.isEmpty { parts.append(.text(String(literal))) }
                literal = String.UnicodeScalarView()
                var parser = ExpressionParser(scalars, at: index + 2)
                parts.append(try parser.expression())
                try parser.expect("}")
                names += parser.names
                index = parser.index
                guard parts.count <= 100 else {
                    throw ExpressionSyntaxError(message: "it has more than 100 parts", offsets: 0..<scalars.count)
                }
            } else {
                literal.append(scalars[index])
                index += 1
            }
        }
        if !literal.isEmpty { parts.append(.text(String(literal))) }
        expression = parts.count == 1 ? parts[0] : parts.isEmpty ? .text("") : .template(parts)
        self.names = names
    }
}

/// Where the characters of a scalar stand in the file.
struct ScalarPlace {
    private let range: SourceRange
    /// The column of the scalar's first character; `nil` where escapes or line breaks move the others.
    private let column: Int?

    init(_ scalar: YAMLScalar, at range: SourceRange) {
        self.range = range
        let quotes =
            switch scalar.style {
            case .plain: 0
            case .singleQuoted, .doubleQuoted: 1
            case .literal, .folded: -1
            }
        let isOneLine = range.start.line == range.end.line
        let fits = range.end.column - range.start.column == scalar.text.unicodeScalars.count + 2 * quotes
        column = isOneLine && fits && quotes >= 0 ? range.start.column + quotes : nil
    }

    /// The place of some of the scalar's characters, counted from its first; never empty.
    func range(of offsets: Range<Int>) -> SourceRange {
        guard let column else { return range }
        let start = column + offsets.lowerBound
        return SourceRange(
            file: range.file,
            start: SourceMark(line: range.start.line, column: start),
            end: SourceMark(line: range.start.line, column: max(column + offsets.upperBound, start + 1))
        )
    }
}
