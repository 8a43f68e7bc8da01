import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SutureTensors
import SutureTestSupport
import SystemPackage
import Testing

@Suite("A hub cache")
struct HubCacheTests {
    static let commit = "0123456789abcdef0123456789abcdef01234567"

    /// Writes a model into a cache as Hugging Face's tools do: blobs, and links to them.
    static func put(_ id: String, in cache: FilePath, revision: String = "main", commit: String = commit) throws {
        let model = cache.appending("models--" + id.split(separator: "/").joined(separator: "--"))
        let snapshot = model.appending("snapshots").appending(commit)
        try TinyCheckpoint.llama(layers: 1, shards: 2).write(to: snapshot)
        try FileSystem.createFolders(model.appending("blobs"))
        for (number, name) in try FileSystem.list(snapshot).enumerated() {
            let blob = model.appending("blobs").appending("\(number)")
            try FileSystem.rename(snapshot.appending(name), to: blob)
            try FileSystem.createSymbolicLink(snapshot.appending(name), to: FilePath("../../blobs/\(number)"))
        }
        let ref = model.appending("refs").appending(revision)
        try FileSystem.createFolders(ref.removingLastComponent())
        try FileSystem.write(commit, to: ref)
    }

    static func open(_ text: String, _ environment: [String: String]) throws -> Checkpoint {
        try Checkpoint.open(CheckpointReference(parsing: text), environment: environment)
    }

    static func refusal(_ text: String, _ environment: [String: String]) throws -> Diagnostic {
        let error = try #require(throws: Diagnostics.self) { try open(text, environment) }
        return try #require(error.all.first)
    }

    @Test(
        "is found where the environment says",
        arguments: [
            (["HF_HUB_CACHE": "/T/a", "HF_HOME": "/x"], "a"), (["HUGGINGFACE_HUB_CACHE": "/T/b"], "b"),
            (["HF_HOME": "/T/home"], "home/hub"), (["XDG_CACHE_HOME": "/T/xdg", "HOME": "/x"], "xdg/huggingface/hub"),
            (["HOME": "/T/me"], "me/.cache/huggingface/hub"), (["HF_HOME": "~/hf", "HOME": "/T/me"], "me/hf/hub"),
            (["HF_HUB_CACHE": "$SCRATCH/${WHO}/hub", "SCRATCH": "/T/s", "WHO": "me"], "s/me/hub"),
            (["HF_HUB_CACHE": "", "HF_HOME": "/T/home"], "home/hub"),
        ]
    )
    func environment(variables: [String: String], place: String) throws {
        try TemporaryDirectory.with { folder in
            let environment = variables.mapValues { $0.hasPrefix("/T/") ? folder.string + $0.dropFirst(2) : $0 }
            try Self.put("owner/name", in: folder.pushing(FilePath(place)))
            let checkpoint = try Self.open("owner/name", environment)
            #expect(checkpoint.hubID?.text == "owner/name")
            #expect(checkpoint.revision == Self.commit)
            #expect(checkpoint.tensors.count == 12)
            let reader = TensorReader(checkpoint)
            #expect(try reader.bytes(of: checkpoint.tensors[0]).count == checkpoint.tensors[0].spec.byteCount)
        }
    }

    @Test(
        "opens a branch, a pull request, a commit, and a name without owner",
        arguments: [
            ("owner/name@v1.0", "owner/name", "v1.0"), ("owner/name@refs/pr/1", "owner/name", "refs/pr/1"),
            ("owner/name@" + commit, "owner/name", "other"), ("gpt2", "gpt2", "main"),
            ("owner/na-me_1.5", "owner/na-me_1.5", "main"),
        ]
    )
    func revisions(text: String, id: String, revision: String) throws {
        try TemporaryDirectory.with { folder in
            try Self.put(id, in: folder, revision: revision)
            let checkpoint = try Self.open(text, ["HF_HUB_CACHE": folder.string])
            #expect(checkpoint.hubID?.text == id)
            #expect(checkpoint.revision == Self.commit)
            #expect(checkpoint.reference.text == text)
        }
    }

    @Test("is known again from the path of a snapshot")
    func snapshotPath() throws {
        try TemporaryDirectory.with { folder in
            try Self.put("owner/name", in: folder)
            let path = folder.appending("models--owner--name/snapshots").appending(Self.commit)
            let checkpoint = try Self.open(path.string, [:])
            #expect(checkpoint.hubID?.text == "owner/name")
            #expect(checkpoint.revision == Self.commit)
        }
    }

    @Test(
        "that lacks the model: says where it looked and how to get it",
        arguments: [nil, "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"]
    )
    func absent(offlineSwitch: String?) throws {
        try TemporaryDirectory.with { folder in
            try Self.put("owner/name", in: folder)
            var environment = ["HF_HUB_CACHE": folder.string]
            if let offlineSwitch { environment[offlineSwitch] = "1" }
            let diagnostic = try Self.refusal("owner/nam", environment)
            #expect(diagnostic.code == "model-not-found")
            #expect(diagnostic.message.contains(folder.string))
            #expect(diagnostic.message.contains(offlineSwitch ?? "the hub was not asked"))
            #expect(diagnostic.fix?.hint == "get it with `hf download owner/nam`")
            #expect(diagnostic.notes.map(\.message) == ["'owner/name' is in the cache"])
        }
    }

    @Test(
        "that lacks the revision: says how to get it",
        arguments: [
            ("owner/name@v2", "v2"),
            ("owner/name@ffffffffffffffffffffffffffffffffffffffff", "ffffffffffffffffffffffffffffffffffffffff"),
        ]
    )
    func absentRevision(text: String, revision: String) throws {
        try TemporaryDirectory.with { folder in
            try Self.put("owner/name", in: folder)
            let diagnostic = try Self.refusal(text, ["HF_HUB_CACHE": folder.string])
            #expect(diagnostic.code == "revision-not-found")
            #expect(diagnostic.fix?.hint == "get it with `hf download owner/name --revision \(revision)`")
            #expect(diagnostic.notes.map(\.message) == ["owner/name@\(Self.commit) is in the cache"])
        }
    }

    @Test("is not left by a revision that climbs", arguments: ["../../../secret", "/etc/passwd", "a/../../b", "."])
    func climbing(revision: String) throws {
        try TemporaryDirectory.with { folder in
            try Self.put("owner/name", in: folder)
            try FileSystem.write(Self.commit, to: folder.appending("secret"))
            let diagnostic = try Self.refusal("owner/name@" + revision, ["HF_HUB_CACHE": folder.string])
            #expect(diagnostic.code == "revision-not-found")
        }
    }

    @Test("with a broken ref, or with files that were not all downloaded, is told of")
    func incomplete() throws {
        try TemporaryDirectory.with { folder in
            try Self.put("owner/name", in: folder)
            let model = folder.appending("models--owner--name")
            for name in try FileSystem.list(model.appending("blobs")) {
                try FileSystem.remove(model.appending("blobs").appending(name))
                break
            }
            let environment = ["HF_HUB_CACHE": folder.string]
            let missing = try Self.refusal("owner/name", environment)
            #expect(missing.code == "config-missing")
            #expect(missing.fix?.hint == "get it with `hf download owner/name --revision \(Self.commit)`")

            try FileSystem.write("not a commit", to: model.appending("refs/main"))
            #expect(try Self.refusal("owner/name", environment).code == "bad-hub-cache")
        }
    }

    @Test("comes after a folder of the same spelling, and that is said")
    func folderWins() throws {
        try TemporaryDirectory.with { folder in
            let cache = folder.appending("cache")
            try Self.put("owner/name", in: cache)
            try TinyCheckpoint.llama(layers: 3).write(to: folder.pushing("owner/name"))
            let reference = CheckpointReference(parsing: "owner/name")
            let environment = ["HF_HUB_CACHE": cache.string]
            let checkpoint = try Checkpoint.open(reference, environment: environment, relativeTo: folder)
            #expect(checkpoint.config["num_hidden_layers"] == 3)
            #expect(checkpoint.hubID == nil)
            #expect(checkpoint.notices.map(\.code) == ["folder-before-hub"])
        }
    }

    @Test("has revisions, which a folder has not")
    func folderRevision() throws {
        try TemporaryDirectory.with { folder in
            try TinyCheckpoint.llama(layers: 3).write(to: folder)
            let checkpoint = try Self.open(folder.string + "@v1", [:])
            #expect(checkpoint.notices.map(\.code) == ["folder-has-no-revision"])
        }
    }

    @Test(
        "is not asked for what is spelled like nothing",
        arguments: ["a/b/c", "./missing", "C:\\models\\x", "", "owner/", "/absent/folder", "-x", "a b", "owner/na..me"]
    )
    func notAnID(text: String) throws {
        #expect(try Self.refusal(text, [:]).code == "model-not-found")
    }
}

@Suite("A reference")
struct CheckpointReferenceTests {
    @Test(
        "is taken apart",
        arguments: [
            ("owner/name", "owner/name", nil, nil), ("owner/name@v1", "owner/name", "v1", nil),
            ("owner/name+me/lora", "owner/name", nil, "me/lora"),
            ("owner/name@v1+me/lora@v2", "owner/name", "v1", "me/lora@v2"),
            ("synthetic:llama?layers=2", "synthetic:llama?layers=2", nil, nil), ("./folder", "./folder", nil, nil),
            ("owner/name@", "owner/name@", nil, nil), ("@x", "@x", nil, nil),
        ] as [(String, String, String?, String?)]
    )
    func parts(text: String, model: String, revision: String?, adapter: String?) {
        let reference = CheckpointReference(parsing: text)
        #expect(reference.model == model)
        #expect(reference.revision == revision)
        #expect(reference.adapter == adapter)
        #expect(reference.description == text)
    }

    @Test("is put together from parts")
    func together() {
        let reference = CheckpointReference(model: "owner/name@v1", revision: "v2", adapter: "me/lora")
        #expect(reference.text == "owner/name@v2+me/lora")
    }

    @Test("with an adapter is refused where a model is opened alone")
    func adapter() throws {
        let reference = CheckpointReference(parsing: "owner/name+me/lora")
        let error = try #require(throws: Diagnostics.self) { try Checkpoint.open(reference, environment: [:]) }
        #expect(error.all.map(\.code) == ["adapter-not-applied"])
    }

    @Test("may be a folder whose name holds @ and +")
    func oddFolder() throws {
        try TemporaryDirectory.with { folder in
            let odd = folder.appending("model@v1+x")
            let checkpoint = try TinyCheckpoint.llama(layers: 1).open(in: odd)
            #expect(checkpoint.folder == odd)
            #expect(checkpoint.notices.isEmpty)
        }
    }
}
