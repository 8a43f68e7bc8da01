import Glibc
import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SutureKit
import SuturePlanning
import SutureTestSupport
import SystemPackage
import Testing

/// A recipe on a model in a hub cache and one in a folder, both pinned.
private struct PinnedRecipe {
    let folder: FilePath

    var lockPath: FilePath { folder.appending("recipe.yml.lock") }
    var plain: FilePath { folder.appending("plain") }
    var model: FilePath { folder.appending("hub/models--someone--tiny") }

    static let first = String(repeating: "a", count: 40)
    static let second = String(repeating: "b", count: 40)

    static func with(_ body: (PinnedRecipe) throws -> Void) throws {
        try TemporaryDirectory.with { folder in
            let pinned = PinnedRecipe(folder: folder)
            try pinned.addSnapshot(first, seed: 0)
            try pinned.point(to: first)
            var tiny = TinyCheckpoint.llama(layers: 2, seed: 1)
            tiny.companions = [("tokenizer.json", "{}")]
            try tiny.write(to: pinned.plain)
            try FileSystem.write(
                """
                slicegraph: 1
                inputs: {a: someone/tiny, b: \(pinned.plain)}
                graph: {out: {stack: [a, b]}}

                """,
                to: folder.appending("recipe.yml")
            )
            try Surgery.Lock.make(for: try pinned.plan(), at: pinned.lockPath.string).write()
            try body(pinned)
        }
    }

    /// A snapshot whose weight file is a link to a blob that is named by its hash, as the hub's tools leave it.
    func addSnapshot(_ commit: String, seed: Int) throws {
        let snapshot = model.appending("snapshots").appending(commit)
        try TinyCheckpoint.llama(layers: 2, seed: seed).write(to: snapshot)
        let weights = snapshot.appending("model.safetensors")
        let digits = try #require(try InputFile(weights).sha256()).digits
        try FileSystem.createFolders(model.appending("blobs"))
        try FileSystem.rename(weights, to: model.appending("blobs").appending(digits))
        try symlink("../../blobs/\(digits)", at: weights)
    }

    /// Makes a commit the one that `main` names.
    func point(to commit: String) throws {
        try FileSystem.createFolders(model.appending("refs"))
        try FileSystem.write(commit, to: model.appending("refs/main"))
    }

    func plan(locked lock: Surgery.Lock? = nil) throws -> Plan {
        var options = PlanningOptions()
        options.environment = ["HF_HUB_CACHE": folder.appending("hub").string]
        options.revisions = lock?.revisions ?? [:]
        let result = try Surgery(reading: folder.appending("recipe.yml").string, options: options).plan()
        return try #require(result.plan, "\(result.diagnostics)")
    }

    func differences(_ change: (inout Surgery.Lock.Reading) -> Void = { _ in }) throws -> [Diagnostic] {
        var reading = Surgery.Lock.Reading()
        change(&reading)
        let lock = try Surgery.Lock(reading: lockPath.string)
        return try lock.differences(from: plan(locked: lock), reading)
    }
}

/// What is done to a pinned model, and what must be said.
private struct Change: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let code: String
    /// What must be in the message.
    let word: String
    let apply: @Sendable (PinnedRecipe) throws -> Void

    static let all = [
        Change(
            testDescription: "other weights of the same length",
            code: "locked-file-differs",
            word: "model.safetensors"
        ) {
            var bytes = try FileSystem.read($0.plain.appending("model.safetensors"))
            bytes[bytes.count - 1] ^= 1
            try FileSystem.write(bytes, to: $0.plain.appending("model.safetensors"))
        },
        Change(testDescription: "an edited config", code: "locked-file-differs", word: "config.json") {
            let text = try FileSystem.read($0.plain.appending("config.json"))
            try FileSystem.write(text + [10], to: $0.plain.appending("config.json"))
        },
        Change(testDescription: "an edited tokenizer", code: "locked-file-differs", word: "tokenizer.json") {
            try FileSystem.write("[]", to: $0.plain.appending("tokenizer.json"))
        },
        Change(testDescription: "a further file", code: "file-not-locked", word: "vocab.json") {
            try FileSystem.write("{}", to: $0.plain.appending("vocab.json"))
        },
        Change(testDescription: "a missing file", code: "locked-file-missing", word: "tokenizer.json") {
            try FileSystem.remove($0.plain.appending("tokenizer.json"))
        },
        Change(testDescription: "another blob in the cache", code: "locked-file-differs", word: "model.safetensors") {
            try $0.addSnapshot("c" + String(repeating: "d", count: 39), seed: 9)
            let weights = $0.model.appending("snapshots").appending(PinnedRecipe.first).appending("model.safetensors")
            let other = $0.model.appending("snapshots").appending("c" + String(repeating: "d", count: 39))
            let blob = try FileSystem.resolve(other.appending("model.safetensors"))
            try FileSystem.remove(weights)
            try symlink(blob.string, at: weights)
        },
        Change(testDescription: "an input that is not in the lock", code: "not-locked", word: "'c'") {
            let text = String(decoding: try FileSystem.read($0.folder.appending("recipe.yml")), as: UTF8.self)
            let more = text.replacing("b: ", with: "c: \($0.folder.appending("third")), b: ").replacing(
                "[a, b]",
                with: "[a, b, c]"
            )
            try TinyCheckpoint.llama(layers: 2, seed: 5).write(to: $0.folder.appending("third"))
            try FileSystem.write(more, to: $0.folder.appending("recipe.yml"))
        },
        Change(testDescription: "a lock that pins more", code: "locked-in-vain", word: "'b'") {
            let text = String(decoding: try FileSystem.read($0.folder.appending("recipe.yml")), as: UTF8.self)
            try FileSystem.write(
                text.replacing(", b: \($0.plain)", with: "").replacing("[a, b]", with: "[a]"),
                to: $0.folder.appending("recipe.yml")
            )
        },
    ]
}

@Suite("A recipe's lock")
struct LockTests {
    @Test("finds nothing where nothing changed, and is the same again")
    func unchanged() throws {
        try PinnedRecipe.with { pinned in
            let text = try FileSystem.read(pinned.lockPath)
            #expect(try pinned.differences() == [])
            #expect(try pinned.differences { $0.readsAll = true } == [])

            try Surgery.Lock.make(for: pinned.plan(), at: pinned.lockPath.string).write()

            #expect(try FileSystem.read(pinned.lockPath) == text)
            #expect(String(decoding: text, as: UTF8.self).contains(PinnedRecipe.first))
        }
    }

    @Test("refuses every kind of change, and names the file", arguments: Change.all)
    fileprivate func changed(change: Change) throws {
        try PinnedRecipe.with { pinned in
            try change.apply(pinned)

            let found = try pinned.differences()

            #expect(found.map(\.code) == [change.code])
            #expect(found.first?.severity == .error)
            #expect(found.first?.message.contains(change.word) == true, "\(found)")
        }
    }

    @Test("takes the pinned commit when the branch has moved on")
    func movedBranch() throws {
        try PinnedRecipe.with { pinned in
            try pinned.addSnapshot(PinnedRecipe.second, seed: 3)
            try pinned.point(to: PinnedRecipe.second)
            #expect(try pinned.plan().sources[0].revision == PinnedRecipe.second)

            let lock = try Surgery.Lock(reading: pinned.lockPath.string)

            #expect(try pinned.plan(locked: lock).sources[0].revision == PinnedRecipe.first)
            #expect(try pinned.differences() == [])
        }
    }

    @Test("compares weights that nobody names by their length, where weights are not read")
    func lengths() throws {
        try PinnedRecipe.with { pinned in
            try Change.all[0].apply(pinned)

            let found = try pinned.differences { $0.readsWeights = false }

            #expect(found.map(\.code) == ["compared-by-length"])
            #expect(found.map(\.severity) == [.note])
        }
    }

    @Test("does not take a cache's names at their word when told not to")
    func corruptBlob() throws {
        try PinnedRecipe.with { pinned in
            let snapshot = pinned.model.appending("snapshots").appending(PinnedRecipe.first)
            let blob = try FileSystem.resolve(snapshot.appending("model.safetensors"))
            var bytes = try FileSystem.read(blob)
            bytes[bytes.count - 1] ^= 1
            try FileSystem.write(bytes, to: blob)
            #expect(try pinned.differences() == [])

            #expect(try pinned.differences { $0.readsAll = true }.map(\.code) == ["locked-file-differs"])
        }
    }

    @Test(
        "that cannot be read says so",
        arguments: [
            "", "{}", "[1]", "{\"suture_lock\": 2, \"sources\": []}", "{\"suture_lock\": 1, \"sources\": [{}]}",
        ]
    )
    func unreadable(text: String) throws {
        try TemporaryDirectory.with { folder in
            let path = folder.appending("recipe.yml.lock")
            try FileSystem.write(text, to: path)

            let error = #expect(throws: Diagnostics.self) { try Surgery.Lock(reading: path.string) }

            #expect(error?.all.count == 1)
        }
    }
}
