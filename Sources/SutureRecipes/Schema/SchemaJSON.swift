/// A JSON value, as far as a schema needs it.
indirect enum SchemaJSON {
    case text(String)
    case integer(Int)
    case boolean(Bool)
    case list([SchemaJSON])
    case object([(String, SchemaJSON)])

    /// A list of texts.
    static func texts(_ texts: [String]) -> SchemaJSON { .list(texts.map(SchemaJSON.text)) }

    /// The same object with more in it; other values stay as they are.
    func adding(_ more: [(String, SchemaJSON)]) -> SchemaJSON {
        guard case .object(let pairs) = self else { return self }
        return .object(pairs + more)
    }

    /// The text of the value, two spaces a level.
    func printed(indent: Int = 0) -> String {
        let inner = String(repeating: "  ", count: indent + 1)
        let outer = String(repeating: "  ", count: indent)
        switch self {
        case .text(let text): return Self.quoted(text)
        case .integer(let value): return "\(value)"
        case .boolean(let value): return "\(value)"
        case .list(let values):
            let parts = values.map { $0.printed(indent: indent + 1) }
            let line = "[" + parts.joined(separator: ", ") + "]"
            if line.utf8.count + outer.count < 100, !line.contains("\n") { return line }
            return "[\n" + parts.map { inner + $0 }.joined(separator: ",\n") + "\n\(outer)]"
        case .object(let pairs):
            if pairs.isEmpty { return "{}" }
            let parts = pairs.map { Self.quoted($0) + ": " + $1.printed(indent: indent + 1) }
            let line = "{" + parts.joined(separator: ", ") + "}"
            if line.utf8.count + outer.count < 60, !line.contains("\n") { return line }
            return "{\n" + parts.map { inner + $0 }.joined(separator: ",\n") + "\n\(outer)}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\u{0}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
