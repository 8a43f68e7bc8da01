/// The XXH3-128 of some bytes: tells content apart at the speed of memory, and guards against accidents only.
///
/// The text is `xxh3:` and the 32 digits that `xxhsum -H2` and Python's `xxhash.xxh3_128_hexdigest` print, so that
/// anybody can check it with another program. Against somebody who means harm, use ``SHA256Hash``.
package struct ContentHash: Hashable, Sendable, CustomStringConvertible {
    /// The upper half of the number.
    package let high: UInt64

    /// The lower half of the number.
    package let low: UInt64

    /// What its text begins with.
    package static let prefix = "xxh3:"

    /// Creates a hash from its halves.
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Hashes bytes that are all there.
    package init(of bytes: [UInt8]) {
        var hasher = ContentHasher()
        hasher.update(bytes)
        self = hasher.finish()
    }

    /// Hashes a text's UTF-8.
    package init(of text: String) {
        self.init(of: Array(text.utf8))
    }

    /// Reads a hash's text; `nil` where it is none.
    package init?(_ text: String) {
        guard text.hasPrefix(Self.prefix), let words = HexDigits.words(of: text.dropFirst(Self.prefix.count), count: 2)
        else { return nil }
        (high, low) = (words[0], words[1])
    }

    /// The hash as text.
    package var description: String { Self.prefix + HexDigits.text(of: [high, low]) }
}
