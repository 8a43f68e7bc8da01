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
        try refuseSpelledRanges(in: 0..<parser.scalars.count)
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
            throw ExpressionSyntaxError(message: fact, offsets: start..<end, fix: bracketed(from: start, bad: bad))
        }
        parser = ExpressionParser(scalars, at: bracket)
        return Marked(name, at: place.range(of: start..<end))
    }

    /// The slice in brackets, where it is written in other ones or in none: `base(0:4)`, `base 0:4`.
    private func bracketed(from start: Int, bad: Int) -> Diagnostic.FixIt? {
        let scalars = parser.scalars
        func text(_ range: Range<Int>) -> String { String(String.UnicodeScalarView(scalars[range])).trimmed }
        let isBracket = scalars[bad] == "(" || scalars[bad] == "{"
        guard isBracket || scalars[bad] == ":" || scalars[bad].properties.isWhitespace else { return nil }
        let end = isBracket && (scalars.last == ")" || scalars.last == "}") ? scalars.count - 1 : scalars.count
        guard bad < end else { return nil }
        let inner = text((bad + 1)..<end)
        let isRun =
            inner.contains(":") && inner.unicodeScalars.allSatisfy { $0 == ":" || ExpressionParser.isNamePart($0) }
        guard let pieces = SpelledRange(inner)?.text ?? (isRun ? inner : nil) else { return nil }
        let whole = "\(text(start..<bad))[\(pieces)]"
        return Diagnostic.FixIt("write \(whole)", replacing: whole)
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
        if let close = parser.scalars[start...].firstIndex(of: "]") { try refuseSpelledRanges(in: start..<close) }
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

    /// Refuses runs that are written as elsewhere; `0-4` would be read as arithmetic, and be the fourth layer from the end.
    private func refuseSpelledRanges(in range: Range<Int>) throws(ExpressionSyntaxError) {
        var pieces: [(offsets: Range<Int>, range: SpelledRange?)] = []
        var start = range.lowerBound
        for index in range where parser.scalars[index] == "," {
            pieces.append(spelledRange(in: start..<index))
            start = index + 1
        }
        pieces.append(spelledRange(in: start..<range.upperBound))
        if pieces.allSatisfy({ $0.range == nil }) { pieces = [spelledRange(in: range)] }
        guard let first = pieces.first(where: { $0.range != nil }), let wrong = first.range else { return }
        let mended = pieces.map { piece in
            piece.range?.text ?? String(String.UnicodeScalarView(parser.scalars[piece.offsets])).trimmed
        }
        let before = String(String.UnicodeScalarView(parser.scalars[..<range.lowerBound]))
        let after = String(String.UnicodeScalarView(parser.scalars[range.upperBound...]))
        let isBackwards = Int(wrong.start).flatMap { start in Int(wrong.end).map { $0 <= start } } ?? false
        throw ExpressionSyntaxError(
            message: "a run of layers is written start:end",
            offsets: first.offsets,
            fix: isBackwards
                ? Diagnostic.FixIt("write first and last in their order, or one number for one layer")
                : Diagnostic.FixIt(
                    "write \(before)\(mended.joined(separator: ", "))\(after)"
                        + (wrong.inWords.map { "; \(wrong.text) is \($0), the end is not included" } ?? "")
                )
        )
    }

    /// The run that some of the text spells, without the spaces around it.
    private func spelledRange(in offsets: Range<Int>) -> (offsets: Range<Int>, range: SpelledRange?) {
        var (start, end) = (offsets.lowerBound, offsets.upperBound)
        while start < end, parser.scalars[start].properties.isWhitespace { start += 1 }
        while end > start, parser.scalars[end - 1].properties.isWhitespace { end -= 1 }
        return (start..<end, SpelledRange(String(String.UnicodeScalarView(parser.scalars[start..<end]))))
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
