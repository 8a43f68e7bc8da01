import SutureCheckpoints
import SutureDiagnostics
import SutureExecution
import SutureJSON
import SutureKit
import SuturePlanning
import SutureTensors
import SutureTestSupport
import SystemPackage
import Testing

/// A built model and what can happen to it.
struct BuiltModel {
    /// Where everything lies.
    let folder: FilePath

    /// The model.
    var output: FilePath { folder.appending("out") }

    private static let recipe = """
        slicegraph: 1
        params: {t: 0.5}
        inputs: {a: {}, b: {}}
        graph:
          mixed: {blend: {method: slerp, inputs: ["a[1:4]", "b[1:4]"], params: {t: "${t}"}}}
          out: {stack: ["a[0:3]", mixed, "b[3:6]"]}
        output: {dtype: bfloat16}

        """

    /// Builds a model of copied and blended layers in three files or more, and clears it away afterwards.
    static func with(
        packed: Bool = false,
        _ body: (BuiltModel) throws -> Void
    ) throws {
        try TemporaryDirectory.with { folder in
            let built = BuiltModel(folder: folder)
            for (seed, name) in ["a", "b"].enumerated() {
                let tiny = TinyCheckpoint.llama(layers: 6, hidden: 32, mlp: 48, vocabulary: 150, seed: seed)
                _ = try tiny.open(in: folder.appending(name))
            }
            try FileSystem.write(recipe, to: folder.appending("recipe.yml"))
            var options = PlanningOptions()
            options.inputs = ["a": folder.appending("a").string, "b": folder.appending("b").string]
            options.parameters = ["t": "0.25"]
            options.shardSize = 60_000
            let result = try Surgery(reading: folder.appending("recipe.yml").string, options: options).plan()
            let plan = try #require(result.plan, "\(result.diagnostics)")
            #expect(plan.shards.count >= 3)
            var building = Surgery.BuildOptions()
            building.compression = packed ? Surgery.Compression() : nil
            _ = try Surgery.build(plan, into: built.output.string, options: building)
            try body(built)
        }
    }

    /// Verifies it.
    func verify(_ change: (inout Surgery.VerificationOptions) -> Void = { _ in }) throws -> Surgery.Verified {
        var options = Surgery.VerificationOptions()
        change(&options)
        return try Surgery.verify(output.string, options: options)
    }

    /// Changes the bytes of a file.
    func edit(_ name: String, _ change: (inout [UInt8]) -> Void) throws {
        var bytes = try FileSystem.read(output.appending(name))
        change(&bytes)
        try FileSystem.write(bytes, to: output.appending(name))
    }

    /// The names of its weight files.
    func shards() throws -> [String] {
        try FileSystem.list(output).filter { $0.contains(".safetensors") && !$0.hasSuffix(".json") }
    }
}

/// What is done to a model, and what verifying it must say.
struct Damage: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let code: String
    /// The tensor that is named, where one is to blame.
    var tensor: String?
    /// The file that is named.
    let file: String
    let apply: @Sendable (BuiltModel) throws -> Void

    static let shard = "model-00001-of-00003.safetensors"
    static let other = "model-00002-of-00003.safetensors"

    static let all = [
        Damage(
            testDescription: "a flipped bit",
            code: "tensor-damaged",
            tensor: "model.layers.0.self_attn.q_proj.weight",
            file: shard
        ) { built in
            let tensor = try #require(
                try Checkpoint.open(CheckpointReference(folder: built.output.string), environment: [:])[
                    "model.layers.0.self_attn.q_proj.weight"
                ]
            )
            try built.edit(shard) { $0[tensor.offset + 777] ^= 4 }
        },
        Damage(testDescription: "swapped files", code: "shard-swapped", file: shard) { built in
            try FileSystem.exchange(built.output.appending(shard), built.output.appending(other))
        },
        Damage(
            testDescription: "a truncated file",
            code: "file-truncated",
            tensor: "model.layers.3.self_attn.k_proj.weight",
            file: shard
        ) { built in try built.edit(shard) { $0.removeLast(100) } },
        Damage(
            testDescription: "a file that is cut within its header",
            code: "file-truncated",
            tensor: "model.embed_tokens.weight",
            file: shard
        ) {
            built in try built.edit(shard) { $0.removeLast($0.count - 100) }
        },
        Damage(testDescription: "an appended byte", code: "file-too-long", file: shard) { built in
            try built.edit(shard) { $0.append(0) }
        },
        Damage(testDescription: "a missing weight file", code: "file-missing", file: other) { built in
            try FileSystem.remove(built.output.appending(other))
        },
        Damage(testDescription: "a missing small file", code: "file-missing", file: "README.md") { built in
            try FileSystem.remove(built.output.appending("README.md"))
        },
        Damage(testDescription: "an extra file", code: "file-extra", file: "modeling_evil.py") { built in
            try FileSystem.write("pass\n", to: built.output.appending("modeling_evil.py"))
        },
        Damage(testDescription: "an extra weight file", code: "file-extra", file: "model.safetensors") { built in
            try FileSystem.copy(built.output.appending(shard), to: built.output.appending("model.safetensors"))
        },
        Damage(testDescription: "an edited config", code: "file-changed", file: "config.json") { built in
            try built.edit("config.json") {
                $0 = Array(String(decoding: $0, as: UTF8.self).replacing("1e-05", with: "1e-06").utf8)
            }
        },
        Damage(testDescription: "an edited recipe", code: "file-changed", file: "recipe.yml") { built in
            try built.edit("recipe.yml") { $0 += Array("# more\n".utf8) }
        },
        Damage(testDescription: "a changed header", code: "header-changed", file: shard) { built in
            // The last of the spaces that pad it.
            try built.edit(shard) { $0[4095] = UInt8(ascii: "\n") }
        },
        Damage(
            testDescription: "a renamed tensor",
            code: "header-changed",
            tensor: "model.layers.0.input_layernorm.weight",
            file: shard
        ) { built in
            try built.edit(shard) { bytes in
                if let place = bytes.firstRange(of: Array("layers.0.input".utf8)) {
                    bytes[place.lowerBound + 7] = UInt8(ascii: "9")
                }
            }
        },
        Damage(testDescription: "an edited manifest", code: "manifest-damaged", file: "manifest.json") { built in
            try built.edit("manifest.json") { bytes in
                if let place = bytes.firstRange(of: Array("slerp".utf8)) { bytes[place.lowerBound] = UInt8(ascii: "S") }
            }
        },
    ]
}

@Suite("Verifying a model")
struct VerificationTests {
    @Test("that is as it was built finds nothing", arguments: [false, true], [1, 4])
    func good(packed: Bool, threads: Int) throws {
        try BuiltModel.with(packed: packed) { built in
            let verified = try built.verify {
                $0.threads = threads
                $0.recomputedShare = 1
            }

            #expect(verified.diagnostics == [])
            #expect(verified.hasManifest)
            #expect(verified.hashed == verified.tensors)
            #expect(verified.recomputed == verified.tensors)
            #expect(verified.tensors.count == 84)
        }
    }

    @Test("finds damage, and says where it is", arguments: Damage.all)
    func damaged(damage: Damage) throws {
        try BuiltModel.with { built in
            #expect(try built.shards().count == 3)
            try damage.apply(built)

            let verified = try built.verify()

            #expect(!verified.isGood)
            let fault = try #require(verified.diagnostics.first { $0.code == damage.code }, "\(verified.diagnostics)")
            guard case .file(let path, let tensor)? = fault.place else { return #expect(Bool(false), "\(fault)") }
            #expect(path == built.output.appending(damage.file).string)
            #expect(tensor == damage.tensor)
        }
    }

    @Test("tells an edited config once, with what it no longer fits, and one way to mend it")
    func editedConfig() throws {
        try BuiltModel.with { built in
            try built.edit("config.json") { bytes in
                let text = String(decoding: bytes, as: UTF8.self)
                let key = "\"num_hidden_layers\": "
                let parts = text.split(separator: key, maxSplits: 1)
                guard parts.count == 2, let count = Int(parts[1].prefix(while: \.isNumber)) else { return }
                bytes = Array("\(parts[0])\(key)\(count + 1)\(parts[1].drop { $0.isNumber })".utf8)
            }

            let verified = try built.verify()

            #expect(verified.diagnostics.map(\.code) == ["file-changed"])
            let told = try #require(verified.diagnostics.first)
            #expect(told.notes.contains { $0.message.contains("num_hidden_layers") }, "\(told.notes)")
            #expect(told.fix?.hint == "fetch it again, or build the model again")
        }
    }

    @Test("finds damage in packed files")
    func damagedPacked() throws {
        try BuiltModel.with(packed: true) { built in
            let name = try #require(try built.shards().first)
            try built.edit(name) { $0[$0.count / 2] ^= 1 }

            let verified = try built.verify()

            let path = built.output.appending(name).string
            #expect(verified.diagnostics.map(\.place) == [.file(path, tensor: nil)])
            #expect(verified.diagnostics.map(\.code) == ["packed-file-corrupt"])
        }
    }

    @Test("by making it again finds bytes whose hashes were forged")
    func forged() throws {
        try BuiltModel.with { built in
            let path = built.output.appending("manifest.json")
            var manifest = try Manifest(parsing: FileSystem.read(path), path: path.string)
            let index = try #require(manifest.tensors.firstIndex { $0.origin.hasPrefix("slerp") })
            let range = manifest.ranges[index]
            let shard = manifest.shards[manifest.tensors[index].shard].name
            try built.edit(shard) { $0[range.lowerBound + 10] ^= 1 }
            let bytes = try FileSystem.read(built.output.appending(shard))
            manifest.tensors[index].hash = ContentHash(of: Array(bytes[range]))
            try FileSystem.write(manifest.text, to: path)
            #expect(try built.verify().isGood)

            let verified = try built.verify { $0.recomputedShare = 1 }

            #expect(verified.diagnostics.map(\.code) == ["comes-out-otherwise"])
            #expect(
                verified.diagnostics[0].place
                    == .file(built.output.appending(shard).string, tensor: manifest.tensors[index].spec.name)
            )
            #expect(verified.diagnostics[0].message.contains("element 5 "))
        }
    }

    @Test("by making it again needs the sources, wherever they are now")
    func movedSources() throws {
        try BuiltModel.with { built in
            try FileSystem.rename(built.folder.appending("b"), to: built.folder.appending("elsewhere"))
            let lost = try built.verify { $0.recomputedShare = 0.01 }
            #expect(!lost.isGood)

            let found = try built.verify {
                $0.recomputedShare = 0.01
                $0.inputs = ["b": built.folder.appending("elsewhere").string]
            }

            #expect(found.diagnostics == [])
            #expect((1..<84).contains(found.recomputed.count))
        }
    }

    @Test("by making it again says when the sources are others")
    func otherSources() throws {
        try BuiltModel.with { built in
            _ = try TinyCheckpoint.llama(layers: 6, hidden: 32, mlp: 48, vocabulary: 150, seed: 7)
                .open(in: built.folder.appending("c"))

            let verified = try built.verify {
                $0.recomputedShare = 1
                $0.inputs = ["b": built.folder.appending("c").string]
            }

            #expect(verified.diagnostics.contains { $0.code == "comes-out-otherwise" })
        }
    }

    @Test("without a manifest looks at its structure")
    func structure() throws {
        try BuiltModel.with { built in
            try FileSystem.remove(built.output.appending("manifest.json"))
            let plain = try built.verify()
            #expect(plain.isGood)
            #expect(plain.diagnostics.map(\.code) == ["no-manifest"])
            #expect(plain.tensors.count == 84)

            try built.edit("config.json") {
                $0 = Array(
                    String(decoding: $0, as: UTF8.self).replacing(
                        "\"num_hidden_layers\": 9",
                        with: "\"num_hidden_layers\": 8"
                    ).utf8
                )
            }

            #expect(
                try built.verify().diagnostics.contains { $0.code == "layer-count-mismatch" && $0.severity == .error }
            )
        }
    }

    @Test("chooses the same share by the same seed")
    func samples() throws {
        try BuiltModel.with { built in
            let some = try built.verify { $0.recomputedShare = 0.2 }
            let again = try built.verify { $0.recomputedShare = 0.2 }
            #expect(some.recomputed == again.recomputed)
            #expect(some.recomputed.byteCount * 5 >= some.tensors.byteCount)
        }
    }
}
