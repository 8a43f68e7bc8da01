/// A word that module names use, with the little freedom that families take.
///
/// Letters and `_` stand for themselves, `?` makes the one before it optional, `#` is a digit and a
/// final `*` takes any letters that follow: `feed_?forward*` is in `feed_forward` and `feedforward_moe`.
struct WordPattern: Sendable, ExpressibleByStringLiteral {
    private let symbols: [UInt8]

    init(_ text: some StringProtocol) {
        symbols = Array(text.utf8)
    }

    init(stringLiteral text: String) {
        self.init(text)
    }

    /// The patterns of a text that parts them by spaces.
    static func list(_ text: String) -> [WordPattern] { text.split(separator: " ").map { WordPattern($0) } }

    /// Whether a name is the word and nothing more.
    func isWhole(_ name: [UInt8]) -> Bool {
        ends(of: name, from: 0) { $0 == name.count }
    }

    /// Whether the word stands in a name: after its start or a `_`, and before its end, a `_` or a digit.
    func isWord(in name: [UInt8]) -> Bool {
        for start in name.indices where start == 0 || name[start - 1] == underscore {
            let found = ends(of: name, from: start) { end in
                end == name.count || name[end] == underscore || isDigit(name[end])
            }
            if found { return true }
        }
        return false
    }

    /// Whether a name begins with the word, whatever follows.
    func isPrefix(of name: [UInt8]) -> Bool {
        ends(of: name, from: 0) { _ in true }
    }

    /// Whether `accept` takes one of the places at which the word can end; patterns are short, so is the search.
    private func ends(of name: [UInt8], from place: Int, at symbol: Int = 0, accept: (Int) -> Bool) -> Bool {
        guard symbol < symbols.count else { return accept(place) }
        if symbols[symbol] == UInt8(ascii: "*") {
            return (place...name.count).contains { ends(of: name, from: $0, at: symbol + 1, accept: accept) }
        }
        let isOptional = symbol + 1 < symbols.count && symbols[symbol + 1] == UInt8(ascii: "?")
        let next = symbol + (isOptional ? 2 : 1)
        if place < name.count, matches(symbols[symbol], name[place]),
            ends(of: name, from: place + 1, at: next, accept: accept)
        {
            return true
        }
        return isOptional && ends(of: name, from: place, at: next, accept: accept)
    }

    private func matches(_ symbol: UInt8, _ byte: UInt8) -> Bool {
        symbol == UInt8(ascii: "#") ? isDigit(byte) : symbol == byte
    }
}

private let underscore = UInt8(ascii: "_")

/// Whether a byte is an ASCII digit.
func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

extension [WordPattern] {
    /// Whether one of the words stands in a name.
    func areWord(in name: [UInt8]) -> Bool { contains { $0.isWord(in: name) } }

    /// Whether a name is one of the words.
    func areWhole(_ name: [UInt8]) -> Bool { contains { $0.isWhole(name) } }
}
