import SutureCheckpoints
import SutureDiagnostics
import SutureHub
import SutureTestSupport
import SystemPackage
import Testing

@Suite("Models on the hub")
struct HubTests {
    /// A model of one weight file, of which nothing is here yet.
    private func withHub(
        token: String? = nil,
        _ body: (FakeHub, () throws -> Checkpoint, () -> Hub, [UInt8]) throws -> Void
    ) throws {
        try TemporaryDirectory.with { folder in
            let source = folder.appending("model")
            try TinyCheckpoint.llama(layers: 4, hidden: 64, mlp: 160, vocabulary: 300).write(to: source)
            var files: [String: [UInt8]] = [:]
            for name in try FileSystem.list(source) { files[name] = try FileSystem.read(source.appending(name)) }
            let fake = FakeHub(files: files)
            var environment = [
                "HF_ENDPOINT": "https://hub.test", "HF_HUB_CACHE": folder.appending("hub").string,
                "SUTURE_CACHE": folder.appending("suture").string, "HF_HOME": folder.string,
            ]
            environment["HF_TOKEN"] = token
            let settings = environment
            let hub: () -> Hub = { Hub(environment: settings, transport: fake, pause: .zero) }
            let open: () throws -> Checkpoint = {
                try Checkpoint.open(CheckpointReference(parsing: "o/n"), environment: settings, hub: hub())
            }
            try body(fake, open, hub, files["model.safetensors"] ?? [])
        }
    }

    private func codes(_ body: () throws -> Void) -> [String] {
        do {
            try body()
            return []
        } catch let error as Diagnostics { return error.all.map(\.code) } catch { return ["\(error)"] }
    }

    @Test("are opened by their headers, at the commit that the hub says")
    func opened() throws {
        try withHub { fake, open, _, weights in
            let model = try open()
            #expect(model.revision == FakeHub.commit)
            #expect(model.files.map(\.sha256?.digits) == [FakeHub.hash(weights)])
            let asked = fake.requests.filter { $0.url == "https://storage.test/model.safetensors" }
            #expect(asked.count <= 2)
        }
    }

    @Test("are read by ranges that are fetched once, through cuts and refusals", arguments: [0, 3, 5000])
    func readOnce(arriving: Int) throws {
        try withHub { fake, open, hub, weights in
            let path = try #require(try open().files.first?.path)
            fake.answer { request, answer in
                var answer = answer
                if arriving > 0, answer.head.status == 206 { answer.arriving = max(arriving, answer.body.count / 2) }
                return answer
            }
            #expect(try hub().open(path).read(100..<weights.count) == Array(weights[100...]))
            let count = fake.requests.count
            #expect(try hub().open(path).read(200..<weights.count) == Array(weights[200...]))
            #expect(fake.requests.count == count, "another process finds what came")
        }
    }

    @Test("go into the hub cache once they are whole, by their names there")
    func settled() throws {
        try withHub { _, open, hub, weights in
            let model = try open()
            let path = try #require(model.files.first?.path)
            let own = hub()
            #expect(try !own.settle(path, at: FakeHub.commit))
            _ = try own.open(path).read(0..<weights.count)
            #expect(try own.settle(path, at: FakeHub.commit))
            let link = model.folder.appending("model.safetensors")
            #expect(try FileSystem.read(link) == weights)
            #expect(try FileSystem.resolve(link).lastComponent?.string == FakeHub.hash(weights))
            #expect(try open().files.map(\.path) == [link])
            #expect(try hub().open(path).read(0..<weights.count) == weights, "a plan of before finds it too")
        }
    }

    @Test("whose answers do not fit are refused, and nothing of them is kept")
    func misfits() throws {
        let changes: [(String, @Sendable (FakeHub.Answer) -> FakeHub.Answer)] = [
            ("source-changed", { Self.with("x-linked-etag", "\"other\"", $0, status: 302) }),
            ("source-changed", { Self.with("x-linked-size", "7", $0, status: 302) }),
            ("source-changed", { Self.with("content-range", "bytes 0-7/8", $0, status: 206) }),
            ("hub-answer", { Self.with("location", "http://storage.test/model.safetensors", $0, status: 302) }),
            (
                "hub-ignores-range",
                { answer in
                    var answer = answer
                    if answer.head.status == 206 { answer.head.status = 200 }
                    return answer
                }
            ),
        ]
        for (code, change) in changes {
            try withHub { fake, open, hub, weights in
                let path = try #require(try open().files.first?.path)
                fake.answer { _, answer in change(answer) }
                let error = #expect(throws: FileError.self) { try hub().open(path).read(1000..<weights.count) }
                #expect(error?.diagnostic.code == code)
                fake.answer { _, answer in answer }
                #expect(try hub().open(path).read(1000..<weights.count) == Array(weights[1000...]))
            }
        }
    }

    private static func with(
        _ name: String,
        _ value: String,
        _ answer: FakeHub.Answer,
        status: Int
    ) -> FakeHub.Answer {
        var answer = answer
        if answer.head.status == status { answer.head.headers[name] = value }
        return answer
    }

    @Test("that the hub does not give are told of by why")
    func refused() throws {
        let answers: [(Int, String, String)] = [
            (401, "RepoNotFound", "model-not-found"), (404, "", "model-not-found"), (401, "GatedRepo", "model-gated"),
            (404, "RevisionNotFound", "revision-not-found"), (401, "", "hub-token"), (403, "", "hub-forbidden"),
            (503, "", "hub-down"), (418, "", "hub-answer"),
        ]
        for (status, word, code) in answers {
            try withHub(token: "secret") { fake, open, _, _ in
                fake.answer { _, _ in
                    FakeHub.Answer(
                        head: HTTPResponse(status: status, headers: word.isEmpty ? [:] : ["x-error-code": word])
                    )
                }
                #expect(codes { _ = try open() } == [code])
            }
        }
    }

    @Test("are asked for with the token, which no other host is told")
    func token() throws {
        try withHub(token: "secret") { fake, open, _, _ in
            _ = try open()
            #expect(!fake.requests.isEmpty)
            for request in fake.requests {
                let isTold = request.headers.contains("Authorization: Bearer secret")
                #expect(isTold == request.url.hasPrefix("https://hub.test/"))
            }
        }
    }
}
