/// YAML that is to be written in one fixed way.
package indirect enum PrintedYAML {
    /// A number or truth value, written as it is.
    case literal(String)
    /// A text, quoted where YAML would take it for something else.
    case text(String)
    case list([PrintedYAML])
    case mapping([(String, PrintedYAML)])
    /// What stands in one line where it fits, however near the top it is.
    case compact(PrintedYAML)

    /// Lines longer than this are broken up.
    private static let width = 100

    /// The lines of a document: mappings down to a depth stand in blocks, what is below them in one
    /// line where it fits.
    package func document(blockDepth: Int) -> String {
        block(indent: 0, blockDepth: blockDepth).joined(separator: "\n") + "\n"
    }

    private func block(indent: Int, blockDepth: Int) -> [String] {
        let margin = String(repeating: " ", count: indent)
        switch self {
        case .literal, .text: return [margin + flow(inFlow: false)]
        case .compact(let value): return value.block(indent: indent, blockDepth: 0)
        case .list(let elements):
            if elements.isEmpty { return [margin + "[]"] }
            return elements.flatMap { element -> [String] in
                if let line = element.line(after: indent + 2, blockDepth: blockDepth - 1) {
                    return [margin + "- " + line]
                }
                var lines = element.block(indent: indent + 2, blockDepth: blockDepth - 1)
                lines[0] = margin + "- " + lines[0].dropFirst(indent + 2)
                return lines
            }
        case .mapping(let pairs):
            if pairs.isEmpty { return [margin + "{}"] }
            return pairs.flatMap { key, value -> [String] in
                let head = margin + Self.quoted(key, inFlow: false) + ":"
                if let line = value.line(after: head.count + 1, blockDepth: blockDepth - 1) {
                    return [head + " " + line]
                }
                return [head] + value.block(indent: indent + 2, blockDepth: blockDepth - 1)
            }
        }
    }

    /// The value in one line, where it may stand and fits in one.
    private func line(after column: Int, blockDepth: Int) -> String? {
        switch self {
        case .literal, .text: return flow(inFlow: false)
        case .compact(let value): return value.line(after: column, blockDepth: 0)
        case .list(let elements) where elements.isEmpty: return "[]"
        case .mapping(let pairs) where pairs.isEmpty: return "{}"
        case .list, .mapping:
            guard blockDepth <= 0 else { return nil }
            let line = flow(inFlow: true)
            return column + line.count <= Self.width ? line : nil
        }
    }

    private func flow(inFlow: Bool) -> String {
        switch self {
        case .literal(let text): text
        case .compact(let value): value.flow(inFlow: inFlow)
        case .text(let text): Self.quoted(text, inFlow: inFlow)
        case .list(let elements): "[" + elements.map { $0.flow(inFlow: true) }.joined(separator: ", ") + "]"
        case .mapping(let pairs):
            "{" + pairs.map { Self.quoted($0, inFlow: true) + ": " + $1.flow(inFlow: true) }.joined(separator: ", ")
                + "}"
        }
    }

    /// A text as YAML reads it back: plain where both versions of YAML take it for text, else quoted.
    static func quoted(_ text: String, inFlow: Bool) -> String {
        isPlain(text, inFlow: inFlow) ? text : doubleQuoted(text)
    }

    /// A text in double quotes.
    static func doubleQuoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}", "\u{FEFF}", "\u{FFFE}", "\u{FFFF}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    private static func isPlain(_ text: String, inFlow: Bool) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last, isWord(first) || "./$".utf8.contains(first),
            last != UInt8(ascii: " "), last != UInt8(ascii: ":"), !text.hasPrefix("..."), !text.hasPrefix("---")
        else { return false }
        var previous = UInt8(ascii: "a")
        for byte in text.utf8 {
            guard isWord(byte) || " ./@+-*$~()<>=%:'#[]{},".utf8.contains(byte) else { return false }
            if inFlow, "[]{},".utf8.contains(byte) { return false }
            if byte == UInt8(ascii: " "), previous == UInt8(ascii: ":") { return false }
            if byte == UInt8(ascii: "#"), previous == UInt8(ascii: " ") { return false }
            previous = byte
        }
        let scalar = YAMLScalar(text)
        return scalar.meaning == .text(text) && scalar.meaningInYAML11 == .text(text)
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
    }
}
