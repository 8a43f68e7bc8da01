import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SutureTensors
import SutureTestSupport
import SystemPackage
import Testing

@Suite("A GGUF file is read")
struct GGUFHeaderTests {
    private static func open(_ path: FilePath) throws(Diagnostics) -> Checkpoint {
        try Checkpoint.open(CheckpointReference(parsing: path.string), environment: [:])
    }

    private static func codes(_ path: FilePath) throws -> [String] {
        let error = try #require(throws: Diagnostics.self) { try open(path) }
        return error.all.map(\.code)
    }

    @Test("with its tensors outermost dimension first, and its keys as a config")
    func reads() throws {
        try TemporaryDirectory.with { folder in
            let tiny = TinyGGUF.llama(layers: 2, matrices: .ggmlQ80)
            let path = folder.appending("tiny-Q8_0.gguf")
            try tiny.write(to: path)
            for reference in [path, folder] {
                let checkpoint = try Self.open(reference)
                #expect(checkpoint.tensors.map(\.spec.name) == tiny.tensors.map(\.name))
                let embedding = try #require(checkpoint["token_embd.weight"])
                #expect(embedding.spec.shape == [40, 32] && embedding.spec.dtype == .ggmlQ80)
                let file = tiny.bytes
                for (tensor, own) in zip(checkpoint.tensors, tiny.tensors) {
                    let bytes = file[tensor.offset..<tensor.offset + tensor.spec.byteCount]
                    #expect(Array(bytes) == tiny.data(of: own))
                }
                #expect(checkpoint.config["model_type"] == "gguf-llama")
                #expect(checkpoint.config[["attention", "head_count"]] == 4)
                #expect(checkpoint.config["tie_word_embeddings"] == false)
                #expect(checkpoint.companions.isEmpty)
            }
        }
    }

    @Test("in all its parts, from the first")
    func split() throws {
        try TemporaryDirectory.with { folder in
            var first = TinyGGUF.llama(layers: 1)
            var second = TinyGGUF(keys: [], tensors: [first.tensors.removeLast()])
            first.keys += [
                ("split.no", .uint16(0)), ("split.count", .uint16(2)),
                ("split.tensors.count", .int32(Int32(first.tensors.count + 1))),
            ]
            second.keys = [("split.no", .uint16(1)), ("split.count", .uint16(2))]
            let parts = [1, 2].map { folder.appending("m-0000\($0)-of-00002.gguf") }
            try first.write(to: parts[0])
            try second.write(to: parts[1])
            #expect(try Self.open(parts[0]).tensors.count == first.tensors.count + 1)
            #expect(try Self.open(folder).files.count == 2)
            #expect(try Self.codes(parts[1]) == ["gguf-not-first-part"])
            try FileSystem.rename(parts[0], to: folder.appending("alone.gguf"))
            #expect(try Self.codes(folder.appending("alone.gguf")) == ["gguf-parts", "gguf-parts"])
            try FileSystem.rename(folder.appending("alone.gguf"), to: parts[0])
            try FileSystem.remove(parts[1])
            #expect(try Self.codes(parts[0]) == ["shard-missing"])
        }
    }

    @Test("and none of several is guessed at")
    func several() throws {
        try TemporaryDirectory.with { folder in
            try TinyGGUF.llama(layers: 1).write(to: folder.appending("a.gguf"))
            try TinyGGUF.llama(layers: 1).write(to: folder.appending("b.gguf"))
            #expect(try Self.codes(folder) == ["several-gguf-models"])
            #expect(try Self.open(folder.appending("b.gguf")).files.map(\.name) == ["b.gguf"])
        }
    }

    @Test("or refused where it lies, in words that say how")
    func lies() throws {
        let tiny = TinyGGUF.llama(layers: 1)
        func message(_ change: (inout [UInt8]) -> Void) -> String? {
            var bytes = tiny.bytes
            change(&bytes)
            do throws(GGUFFault) {
                _ = try GGUFHeader.parse(bytes, fileByteCount: bytes.count)
                return nil
            } catch { return error.message }
        }
        #expect(message { _ in } == nil)
        #expect(message { $0[4] = 4 }?.contains("version is 4") == true)
        #expect(message { $0[4...7] = [0, 0, 0, 3] }?.contains("big-endian") == true)
        #expect(message { $0[12] = 1 }?.contains("tensors, more than") == true)
        #expect(message { $0.removeLast(64) }?.contains("end after the file") == true)
        #expect(message { $0.removeLast($0.count - 100) } == "")
    }

    @Test("and mutations of it are read or refused, never more")
    func fuzz() {
        var seeds = [TinyGGUF.llama(layers: 1).bytes]
        var other = TinyGGUF(keys: [], tensors: [("a", .ggmlQ4K, [2, 256]), ("b", .ggmlMXFP4, [2, 2, 32])])
        other.keys = [("general.alignment", .uint32(32)), ("x", .bools([true, false])), ("y", .int32s([1, 2, 3]))]
        seeds.append(other.bytes)
        let outcome = Fuzzing.run(bytes: seeds, seed: 77, share: 4) { bytes in
            guard let header = try? GGUFHeader.parse(bytes, fileByteCount: bytes.count) else { return false }
            var end = 0
            for entry in header.entries {
                #expect(entry.offset >= end && entry.offset + entry.spec.byteCount <= bytes.count)
                end = entry.offset + entry.spec.byteCount
            }
            _ = header.metadata.config { _ in false }
            return true
        }
        #expect(outcome.accepted > 0 && outcome.refused > 0)
    }
}
