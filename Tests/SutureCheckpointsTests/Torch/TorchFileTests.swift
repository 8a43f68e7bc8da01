import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SutureTensors
import SutureTestSupport
import SystemPackage
import Testing

/// The fixtures are made by Tests/Interop/optin/make-torch-fixtures.py with PyPI's torch.
@Suite("A torch file")
struct TorchFileTests {
    /// Puts a file into a folder as its only weights, and opens that.
    static func open(_ bytes: [UInt8], in folder: FilePath, as name: String = "pytorch_model.bin") throws -> Checkpoint
    {
        try FileSystem.write("{\"model_type\": \"llama\"}", to: folder.appending("config.json"))
        try FileSystem.write(bytes, to: folder.appending(name))
        return try Checkpoint.open(CheckpointReference(folder: folder.string), environment: [:])
    }

    static func fixture(_ name: String) throws -> [UInt8] {
        try FileSystem.read(FilePath(Fixture.path("torch/" + name)))
    }

    static func codes(_ bytes: [UInt8]) throws -> [String] {
        try TemporaryDirectory.with { folder in
            do {
                _ = try open(bytes, in: folder)
                return []
            } catch let error as Diagnostics {
                for diagnostic in error.all {
                    guard case .file(let path, _)? = diagnostic.place else { continue }
                    #expect(path.hasSuffix("pytorch_model.bin"))
                }
                return error.all.map(\.code)
            }
        }
    }

    @Test(
        "holds the tensors that torch put in: every dtype, views, shared storages; as an archive and as a row of pickles",
        arguments: ["every-kind.bin", "every-kind-1.5.bin"]
    )
    func everyKind(name: String) throws {
        try TemporaryDirectory.with { folder in
            let checkpoint = try Self.open(Self.fixture(name), in: folder)
            let reader = TensorReader(checkpoint)
            let file = try InputFile(FilePath(Fixture.path("torch/expected.safetensors")))
            let expected = try SafetensorsHeader.read(file, called: "expected")
            #expect(Set(expected.entries.map(\.spec)) == Set(checkpoint.tensors.map(\.spec)))
            for entry in expected.entries {
                let tensor = try #require(checkpoint[entry.spec.name])
                let start = expected.dataStart + entry.byteRange.lowerBound
                let wanted = try file.read(start..<start + entry.byteRange.count)
                #expect(try reader.bytes(of: tensor) == wanted, "\(entry.spec.name)")
                // And in pieces that begin and end anywhere.
                var pieces: [UInt8] = []
                var place = 0
                while place < wanted.count {
                    let next = min(wanted.count, place + 1 + place % 13)
                    pieces += try reader.bytes(of: tensor, place..<next)
                    place = next
                }
                #expect(pieces == wanted, "\(entry.spec.name)")
                let isPlain = !["transposed", "permuted", "columns"].contains(entry.spec.name)
                #expect((tensor.strides == nil) == isPlain, "\(entry.spec.name)")
            }
        }
    }

    @Test("may hold its state dict where training scripts put it")
    func wrapped() throws {
        try TemporaryDirectory.with { folder in
            let checkpoint = try Self.open(Self.fixture("wrapped.bin"), in: folder)
            #expect(checkpoint.tensors.map(\.spec.name) == ["a.weight"])
        }
    }

    @Test(
        "that is something else is refused by what it is",
        arguments: [
            ("module.bin", "torch-bad-pickle"), ("module-1.5.bin", "torch-bad-pickle"),
            ("sparse.bin", "torch-bad-pickle"),
            ("no-tensors.bin", "torch-no-state-dict"), ("expected.safetensors", "torch-not-a-zip"),
        ]
    )
    func others(name: String, code: String) throws {
        #expect(try Self.codes(Self.fixture(name)) == [code])
    }

    @Test("of torch before 0.4 is a tar archive, and refused as one")
    func tar() throws {
        var bytes = [UInt8](repeating: 0, count: 1024)
        bytes.replaceSubrange(257..<262, with: Array("ustar".utf8))
        #expect(try Self.codes(bytes) == ["torch-legacy"])
    }

    @Test("beside safetensors files is left alone, and that is said")
    func besideSafetensors() throws {
        try TemporaryDirectory.with { folder in
            try TinyCheckpoint.llama(layers: 1).write(to: folder)
            let checkpoint = try Self.open(Self.fixture("wrapped.bin"), in: folder)
            #expect(checkpoint["a.weight"] == nil && checkpoint["model.norm.weight"] != nil)
            #expect(checkpoint.notices.map(\.code) == ["torch-file-ignored"])
        }
    }

    @Test("in shards is one model with those of its index")
    func shards() throws {
        try TemporaryDirectory.with { folder in
            try FileSystem.write(Self.fixture("wrapped.bin"), to: folder.appending("pytorch_model-00002-of-00002.bin"))
            let index = """
                {"metadata": {"total_size": 16}, "weight_map": {"plain": "pytorch_model-00001-of-00002.bin", \
                "a.weight": "pytorch_model-00002-of-00002.bin"}}
                """
            try FileSystem.write(index, to: folder.appending("pytorch_model.bin.index.json"))
            let checkpoint = try Self.open(
                Self.fixture("every-kind.bin"),
                in: folder,
                as: "pytorch_model-00001-of-00002.bin"
            )
            #expect(checkpoint.files.count == 2)
            #expect(checkpoint["a.weight"]?.file == 1)
            #expect(checkpoint.notices.map(\.code) == ["tensor-not-in-index"])
            try FileSystem.remove(folder.appending("pytorch_model.bin.index.json"))
            let unindexed = try Checkpoint.open(CheckpointReference(folder: folder.string), environment: [:])
            #expect(unindexed.notices.map(\.code) == ["no-index"])
            try FileSystem.remove(folder.appending("pytorch_model-00001-of-00002.bin"))
            let error = try #require(throws: Diagnostics.self) {
                try Checkpoint.open(CheckpointReference(folder: folder.string), environment: [:])
            }
            #expect(error.all.map(\.code) == ["shard-missing"])
        }
    }
}
