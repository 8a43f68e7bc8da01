import CCrypto

/// The SHA-256 (FIPS 180-4) of some bytes: names a file for good.
///
/// The text is `sha256:` and 64 digits. In a hub cache, blobs of weight files are named by these digits.
package struct SHA256Hash: Hashable, Sendable, CustomStringConvertible {
    private let words: [UInt64]

    /// What its text begins with.
    package static let prefix = "sha256:"

    /// Takes the bytes of a digest; `nil` where they are not 32.
    init?(digest: [UInt8]) {
        guard digest.count == 32 else { return nil }
        words = stride(from: 0, to: 32, by: 8).map { start in
            digest[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) }
        }
    }

    /// Reads the digits alone, as they name blobs; `nil` where they are no hash.
    package init?(digits: String) {
        guard let words = HexDigits.words(of: digits, count: 4) else { return nil }
        self.words = words
    }

    /// Reads a hash's text; `nil` where it is none.
    package init?(_ text: String) {
        guard text.hasPrefix(Self.prefix) else { return nil }
        self.init(digits: String(text.dropFirst(Self.prefix.count)))
    }

    /// The 64 digits.
    package var digits: String { HexDigits.text(of: words) }

    /// The hash as text.
    package var description: String { Self.prefix + digits }
}

/// Takes bytes in any number of parts and gives their ``SHA256Hash``.
@safe package struct SHA256Hasher: ~Copyable {
    private let context: OpaquePointer?
    private var isGood: Bool

    /// Begins with no bytes.
    package init() {
        unsafe context = EVP_MD_CTX_new()
        isGood = unsafe context != nil && EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
    }

    deinit {
        unsafe EVP_MD_CTX_free(context)
    }

    /// Adds bytes.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard isGood, unsafe !bytes.isEmpty else { return }
        isGood = unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1
    }

    /// The hash of all bytes; `nil` where libcrypto refuses.
    package consuming func finish() -> SHA256Hash? {
        var digest = [UInt8](repeating: 0, count: 32)
        var count: UInt32 = 0
        guard isGood, unsafe EVP_DigestFinal_ex(context, &digest, &count) == 1, count == 32 else { return nil }
        return SHA256Hash(digest: digest)
    }
}
