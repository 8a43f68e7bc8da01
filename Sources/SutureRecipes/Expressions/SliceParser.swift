import SutureDiagnostics

/// Reads slices of layers: `base`, `base[8:24]`, `base[n - keep : n]`, `caller.mixed[0:8, 16:24]`.
struct SliceParser {
    private var parser: ExpressionParser
    private let place: ScalarPlace
    private let whole: SourceRange

    init(_ scalar: YAMLScalar, at range: SourceRange) {
        parser = ExpressionParser(Array(scalar.text.unicodeScalars))
        place = ScalarPlace(scalar, at: range)
        whole = range
    }

    /// Reads the whole text as a slice.
    mutating func slice() throws(ExpressionSyntaxError) -> (slice: SliceExpression, names: [NameUse]) {
        let target = try target()
        guard parser.peek() != nil else {
            return (SliceExpression(target: target, range: whole), [])
        }
        let pieces = try pieces()
        try parser.expectEnd()
        return (SliceExpression(target: target, pieces: pieces, range: whole), parser.names)
    }

    /// Reads `start:end` or `start:end:step` without brackets, as `foreach` has it.
    mutating func run() throws(ExpressionSyntaxError) -> (pieces: SliceExpression.Piece, names: [NameUse]) {
        let piece = try piece()
        try parser.expectEnd()
        return (piece, parser.names)
    }

    /// Reads `layers[0:4].attn.*`: the layers, and where the role after them begins.
    mutating func layers() throws(ExpressionSyntaxError) -> (
        pieces: [SliceExpression.Piece], role: Marked<String>, names: [NameUse]
    ) {
        _ = parser.take("layers")
        let pieces = try pieces()
        let start = parser.index
        guard parser.peek() != nil else { return (pieces, Marked("*", at: whole), parser.names) }
        try parser.expect(".")
        let role = String(String.UnicodeScalarView(parser.scalars[parser.index...]))
        return (pieces, Marked(role, at: place.range(of: (start + 1)..<parser.scalars.count)), parser.names)
    }

    private mutating func target() throws(ExpressionSyntaxError) -> Marked<String> {
        _ = parser.peek()
        let scalars = parser.scalars
        let start = parser.index
        let bracket = scalars[start...].firstIndex(of: "[") ?? scalars.count
        var end = bracket
        while end > start, scalars[end - 1].properties.isWhitespace { end -= 1 }
        guard end > start else {
            throw ExpressionSyntaxError(message: "it names no input or node", offsets: start..<start)
        }
        let name = String(String.UnicodeScalarView(scalars[start..<end]))
        if let bad = (start..<end).first(where: { !isTargetPart(scalars[$0]) }) {
            let fact =
                name.contains("/") ? "a model is named under 'inputs' first" : "a name has no '\(scalars[bad])' in it"
            throw ExpressionSyntaxError(message: fact, offsets: start..<end)
        }
        parser = ExpressionParser(scalars, at: bracket)
        return Marked(name, at: place.range(of: start..<end))
    }

    private func isTargetPart(_ scalar: Unicode.Scalar) -> Bool {
        ExpressionParser.isNamePart(scalar) || scalar == "-" || scalar == "."
    }

    private mutating func pieces() throws(ExpressionSyntaxError) -> [SliceExpression.Piece] {
        try parser.expect("[")
        let start = parser.index
        if parser.take("]") {
            throw ExpressionSyntaxError(message: "the brackets are empty", offsets: (start - 1)..<parser.index)
        }
        var pieces: [SliceExpression.Piece] = []
        repeat {
            pieces.append(try piece())
            guard pieces.count <= 4096 else {
                throw ExpressionSyntaxError(message: "it has more than 4096 parts", offsets: start..<parser.index)
            }
        } while parser.take(",")
        try parser.expect("]")
        return pieces
    }

    private mutating func piece() throws(ExpressionSyntaxError) -> SliceExpression.Piece {
        _ = parser.peek()
        let start = parser.index
        let first = try bound()
        guard parser.take(":") else {
            guard let first else { throw parser.unexpected("a layer or a run of layers") }
            return .layer(first)
        }
        let end = try bound()
        let step = parser.take(":") ? try bound() : nil
        return .run(start: first, end: end, step: step, range: place.range(of: start..<parser.index))
    }

    private mutating func bound() throws(ExpressionSyntaxError) -> Marked<Expression>? {
        guard let next = parser.peek(), next != ":", next != ",", next != "]" else { return nil }
        let start = parser.index
        let expression = try parser.expression()
        return Marked(expression, at: place.range(of: start..<lastWordEnd(from: start)))
    }

    /// The end of what was read last, spaces before the next mark left out.
    private func lastWordEnd(from start: Int) -> Int {
        var end = min(parser.index, parser.scalars.count)
        while end > start, parser.scalars[end - 1].properties.isWhitespace { end -= 1 }
        return end
    }
}
