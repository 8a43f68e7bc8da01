/// Writes JSON values as text.
package enum JSONPrinter {
    /// Returns the text of a value.
    ///
    /// Only what must be is escaped; letters beyond ASCII stay as they are.
    ///
    /// - Parameters:
    ///   - value: What to write.
    ///   - indent: The spaces for each level, one member a line; `nil` for one line without spaces.
    /// - Returns: The text, without a final line break.
    package static func print(_ value: JSONValue, indent: Int? = nil) -> String {
        var text = ""
        write(value, indent: indent, level: 0, to: &text)
        return text
    }

    /// Appends a string in double quotes, escaped.
    package static func write(_ string: String, to text: inout String) {
        text.append("\"")
        // Nearly every key and name needs no escape and is taken whole.
        if string.utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
            text.append(string)
            text.append("\"")
            return
        }
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text.append("\\\"")
            case "\\": text.append("\\\\")
            case "\n": text.append("\\n")
            case "\r": text.append("\\r")
            case "\t": text.append("\\t")
            case "\u{08}": text.append("\\b")
            case "\u{0C}": text.append("\\f")
            case ..<" ":
                let hex = String(scalar.value, radix: 16)
                text.append("\\u" + String(repeating: "0", count: 4 - hex.count) + hex)
            default: text.unicodeScalars.append(scalar)
            }
        }
        text.append("\"")
    }

    private static func write(_ value: JSONValue, indent: Int?, level: Int, to text: inout String) {
        switch value {
        case .null: text.append("null")
        case .bool(let value): text.append(value ? "true" : "false")
        case .number(let spelling): text.append(spelling)
        case .string(let string): write(string, to: &text)
        case .array(let values):
            writeList("[", "]", values, indent: indent, level: level, to: &text) { value, text in
                write(value, indent: indent, level: level + 1, to: &text)
            }
        case .object(let object):
            writeList("{", "}", object.members, indent: indent, level: level, to: &text) { member, text in
                write(member.key, to: &text)
                text.append(indent == nil ? ":" : ": ")
                write(member.value, indent: indent, level: level + 1, to: &text)
            }
        }
    }

    private static func writeList<Element>(
        _ open: String,
        _ close: String,
        _ elements: [Element],
        indent: Int?,
        level: Int,
        to text: inout String,
        _ writeElement: (Element, inout String) -> Void
    ) {
        func breakLine(_ level: Int, _ text: inout String) {
            guard let indent else { return }
            text.append("\n" + String(repeating: " ", count: indent * level))
        }
        text.append(open)
        for (i, element) in elements.enumerated() {
            if i > 0 { text.append(",") }
            breakLine(level + 1, &text)
            writeElement(element, &text)
        }
        if !elements.isEmpty { breakLine(level, &text) }
        text.append(close)
    }
}
