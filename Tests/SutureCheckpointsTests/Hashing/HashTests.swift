import SutureCheckpoints
import SutureTestSupport
import SystemPackage
import Testing

@Suite("Hashes of content")
struct HashTests {
    /// What `xxhsum -H2` and `sha256sum` print of the same bytes.
    @Test(
        "Digests are the ones that other programs print",
        arguments: [
            (
                "", "xxh3:99aa06d3014798d86001c324468d497f",
                "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
            ),
            (
                "suture", "xxh3:de923ed04e93b5cfe59aefbd764f5cba",
                "sha256:3c5a37f2a4ec559fa795c213ccef6630130f5a0268e8d403fa1c9dbde93bb5b6"
            ),
        ]
    )
    func knownDigests(text: String, xxh3: String, sha256: String) {
        #expect(ContentHash(of: text).description == xxh3)
        var hasher = SHA256Hasher()
        Array(text.utf8).withUnsafeBytes { hasher.update($0) }
        #expect(hasher.finish()?.description == sha256)
    }

    @Test("However the bytes are parted, the hash is the same", arguments: [1, 7, 64, 1023, 4096])
    func parts(of size: Int) {
        let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        var hasher = ContentHasher()
        for start in stride(from: 0, to: bytes.count, by: size) {
            hasher.update(Array(bytes[start..<min(start + size, bytes.count)]))
        }
        #expect(hasher.finish() == ContentHash(of: bytes))
    }

    @Test("A hash's text is read back, and nothing else is")
    func texts() {
        let hash = ContentHash(of: "suture")
        #expect(ContentHash(hash.description) == hash)
        for wrong in ["", "xxh3:", hash.description + "0", hash.description.uppercased(), "xxh3:" + "g" * 32] {
            #expect(ContentHash(wrong) == nil)
        }
        let file = SHA256Hash(digits: "0123456789abcdef" * 4)
        #expect(file != nil)
        #expect(file?.description == "sha256:" + "0123456789abcdef" * 4)
        #expect(SHA256Hash(file?.description ?? "") == file)
        #expect(SHA256Hash(digits: "0123456789abcdef" * 3) == nil)
    }

    @Test("A file is hashed in pieces, and a part of it alone too")
    func files() throws {
        try TemporaryDirectory.with { folder in
            let bytes = (0..<(3 << 20) + 17).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 11) }
            let path = folder.appending("bytes")
            try FileSystem.write(bytes, to: path)
            let file = try InputFile(path)
            let part = 5..<(2 << 20) + 3
            #expect(try file.contentHash(of: part) == ContentHash(of: Array(bytes[part])))
            var hasher = SHA256Hasher()
            bytes.withUnsafeBytes { hasher.update($0) }
            #expect(try file.sha256() == hasher.finish())
            #expect(throws: FileError.self) { try file.contentHash(of: 0..<bytes.count + 1) }
        }
    }
}

private func * (text: String, count: Int) -> String { String(repeating: text, count: count) }
