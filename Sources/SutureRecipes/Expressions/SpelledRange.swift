/// A run of layers as people and other languages write it, where this language has `start:end`: `0-4`, `0..4`, `0 to 4`.
struct SpelledRange: Hashable {
    /// The first bound as it is written.
    let start: String
    /// The second.
    let end: String

    /// Signs and words that stand between the bounds, those that others begin with behind them.
    private static let signs = [
        "..=", "..<", "...", "..", "\u{2026}", "->", "\u{2192}", "~", ";", "\u{2010}", "\u{2011}", "\u{2012}",
        "\u{2013}", "\u{2014}", "\u{2212}",
    ]
    private static let words = ["to", "until", "till", "through", "thru", "bis"]

    /// Reads a text that is such a run and nothing else.
    ///
    /// With a sign of arithmetic both bounds must be numbers, since `n-4` is a layer; with all others they are numbers
    /// or names.
    init?(_ text: some StringProtocol) {
        let bare = String(text).trimmed
        let parts = Self.parts(of: bare)
        guard let parts, Self.isBound(parts.0), Self.isBound(parts.1) else { return nil }
        (start, end) = parts
    }

    /// As this language has it.
    var text: String { "\(start):\(end)" }

    /// What it says, where both bounds are numbers: `layers 0 to 3`.
    var inWords: String? {
        guard let first = Int(start), let last = Int(end), first < last else { return nil }
        return last == first + 1 ? "layer \(first)" : "layers \(first) to \(last - 1)"
    }

    private static func parts(of text: String) -> (String, String)? {
        if let call = call(of: text) { return call }
        for sign in signs {
            if let parts = split(text, at: sign) { return parts }
        }
        for word in words {
            if let parts = split(text, at: " \(word) ") { return parts }
        }
        for sign in ["-", "/"] {
            guard let parts = split(text, at: sign), isNumber(parts.0), isNumber(parts.1) else { continue }
            return parts
        }
        return nil
    }

    /// The bounds of Python's `range(0, 4)`.
    private static func call(of text: String) -> (String, String)? {
        guard text.hasPrefix("range("), text.hasSuffix(")") else { return nil }
        return split(String(text.dropFirst(6).dropLast()), at: ",")
    }

    private static func split(_ text: String, at sign: String) -> (String, String)? {
        let scalars = Array(text.unicodeScalars)
        let wanted = Array(sign.unicodeScalars)
        guard scalars.count > wanted.count,
            let place = scalars.indices.first(where: { scalars[$0...].starts(with: wanted) })
        else { return nil }
        func piece(_ part: ArraySlice<Unicode.Scalar>) -> String { String(String.UnicodeScalarView(part)).trimmed }
        return (piece(scalars[..<place]), piece(scalars[(place + wanted.count)...]))
    }

    /// Whether a text is a number or a name.
    private static func isBound(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first else { return false }
        return isNumber(text)
            || ExpressionParser.isNameStart(first)
                && text.unicodeScalars.allSatisfy { ExpressionParser.isNamePart($0) || $0 == "." }
    }

    private static func isNumber(_ text: String) -> Bool {
        !text.isEmpty && text.unicodeScalars.allSatisfy { ("0"..."9").contains($0) }
    }
}
