/// The name of a model on a hub: `owner/name`, or a bare `name` for the oldest ones.
package struct HubID: Hashable, Sendable, CustomStringConvertible {
    /// The name as the hub spells it.
    package let text: String

    /// Takes a text that is spelled as hub ids are: letters, digits, `-`, `_` and `.`, one slash at most.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), text.utf8.count <= 200 else { return nil }
        for part in parts {
            guard let first = part.utf8.first, let last = part.utf8.last else { return nil }
            guard part.utf8.allSatisfy(Self.isAllowed), ![first, last].contains(UInt8(ascii: ".")),
                first != UInt8(ascii: "-"), !part.contains("--"), !part.contains("..")
            else { return nil }
        }
        self.text = text
    }

    /// Takes the name of a folder in a hub cache apart, such as `models--org--name`.
    package init?(cacheFolder: String) {
        guard cacheFolder.hasPrefix("models--") else { return nil }
        let bytes = Array(cacheFolder.utf8.dropFirst(8))
        let dash = UInt8(ascii: "-")
        // Names hold no "--", so the first one parts owner and name.
        guard let place = bytes.indices.dropLast().first(where: { bytes[$0] == dash && bytes[$0 + 1] == dash }) else {
            self.init(String(decoding: bytes, as: UTF8.self))
            return
        }
        let owner = String(decoding: bytes[..<place], as: UTF8.self)
        self.init(owner + "/" + String(decoding: bytes[(place + 2)...], as: UTF8.self))
    }

    /// The model's folder in a hub cache.
    package var cacheFolder: String { "models--" + text.split(separator: "/").joined(separator: "--") }

    /// Whether it names its owner too, as all but the oldest do.
    package var hasOwner: Bool { text.utf8.contains(UInt8(ascii: "/")) }

    /// The id as text.
    package var description: String { text }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
