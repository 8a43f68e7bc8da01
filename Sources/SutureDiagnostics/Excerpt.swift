/// A text that somebody else chose, short enough for a message and on one line.
package func excerpt(_ text: String, limit: Int = 200) -> String {
    let scalars = text.unicodeScalars
    let short = scalars.prefix(limit).map { $0.value < 0x20 || $0.value == 0x7F ? "\u{FFFD}" : $0 }
    return String(String.UnicodeScalarView(short)) + (scalars.count > limit ? "…" : "")
}
