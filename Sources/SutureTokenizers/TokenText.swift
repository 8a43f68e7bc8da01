/// The text of a token, compared by its bytes, where `String` takes one letter in two spellings for the same.
package struct TokenText: Hashable, Sendable {
    /// The text in UTF-8.
    package let bytes: [UInt8]

    /// The bytes of a text.
    package init(_ text: String) { bytes = Array(text.utf8) }

    /// Two texts, one behind the other.
    package init(joining a: String, _ b: Substring.UTF8View) { bytes = Array(a.utf8) + Array(b) }
}
