/// The text of a token, compared by its bytes, where `String` takes one letter in two spellings for the same.
struct TokenText: Hashable, Sendable {
    /// The text in UTF-8.
    let bytes: [UInt8]

    init(_ text: String) { bytes = Array(text.utf8) }

    init(joining a: String, _ b: Substring.UTF8View) { bytes = Array(a.utf8) + Array(b) }
}
