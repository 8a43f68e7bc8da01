import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SutureTensors
import SutureTestSupport
import SystemPackage
import Testing

@Suite("A made-up model")
struct SyntheticModelTests {
    static func open(_ words: String, in folder: FilePath) throws -> Checkpoint {
        let environment = ["SUTURE_CACHE": folder.string]
        return try Checkpoint.open(CheckpointReference(parsing: "synthetic:" + words), environment: environment)
    }

    /// The bytes of all tensors as floats, which tests of few numbers can afford.
    static func numbers(_ checkpoint: Checkpoint, _ name: String) throws -> [Float] {
        let tensor = try #require(checkpoint[name])
        let bytes = try TensorReader(checkpoint).bytes(of: tensor)
        switch tensor.spec.dtype {
        case .bfloat16:
            return stride(from: 0, to: bytes.count, by: 2).map {
                Float(bitPattern: UInt32(bytes[$0]) << 16 | UInt32(bytes[$0 + 1]) << 24)
            }
        case .float16:
            return stride(from: 0, to: bytes.count, by: 2).map {
                Float(Float16(bitPattern: UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8))
            }
        default:
            return stride(from: 0, to: bytes.count, by: 4).map { place in
                Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[place + $1]) << ($1 * 8) })
            }
        }
    }

    @Test(
        "is a checkpoint like any other, in every family",
        arguments: [
            ("llama", "model.layers.2.mlp.gate_proj.weight", 9), ("mistral", "model.layers.2.mlp.up_proj.weight", 9),
            ("mixtral", "model.layers.2.block_sparse_moe.experts.3.w2.weight", 19),
            ("qwen2", "model.layers.2.self_attn.k_proj.bias", 12),
            ("qwen3", "model.layers.2.self_attn.k_norm.weight", 11),
            ("gemma", "model.layers.2.mlp.down_proj.weight", 9),
            ("gemma2", "model.layers.2.pre_feedforward_layernorm.weight", 11),
            ("gemma3_text", "model.layers.2.self_attn.q_norm.weight", 13),
            ("phi3", "model.layers.2.self_attn.qkv_proj.weight", 6),
            ("olmo2", "model.layers.2.post_feedforward_layernorm.weight", 11),
            ("gpt2", "h.2.attn.c_attn.weight", 12), ("bert", "encoder.layer.2.output.LayerNorm.bias", 16),
        ]
    )
    func families(family: String, tensor: String, perLayer: Int) throws {
        try TemporaryDirectory.with { folder in
            let checkpoint = try Self.open("\(family)?layers=3&hidden=16&vocab=40&mlp=24&context=32", in: folder)
            let names = checkpoint.tensors.map(\.spec.name)
            #expect(names.contains(tensor))
            #expect(names.filter { $0.contains(".2.") && !$0.contains("experts.2.") }.count >= perLayer - 3)
            #expect(names.filter { $0.hasPrefix(String(tensor.prefix(while: { $0 != "2" })) + "2.") }.count == perLayer)
            #expect(checkpoint.config["model_type"] == .string(family))
            #expect(checkpoint.config["vocab_size"] == 40)
            #expect(checkpoint.companions.contains { $0.name == "tokenizer.json" })
        }
    }

    @Test("knows its config's types for every layer where the family has them")
    func layerTypes() throws {
        try TemporaryDirectory.with { folder in
            let gemma = try Self.open("gemma3_text?layers=7&hidden=16&data=none", in: folder)
            let types = gemma.config["layer_types"]?.array?.compactMap(\.string)
            #expect(types?.count == 7)
            #expect(types?.firstIndex(of: "full_attention") == 5)
        }
    }

    @Test("has the shapes that were asked for")
    func shapes() throws {
        try TemporaryDirectory.with { folder in
            let words = "llama?layers=1&hidden=24&heads=4&kv=2&head_dim=8&mlp=40&vocab=50&dtype=f32"
            let checkpoint = try Self.open(words, in: folder)
            let expected: [(String, Shape)] = [
                ("model.embed_tokens.weight", [50, 24]), ("model.layers.0.self_attn.q_proj.weight", [32, 24]),
                ("model.layers.0.self_attn.v_proj.weight", [16, 24]),
                ("model.layers.0.self_attn.o_proj.weight", [24, 32]),
                ("model.layers.0.mlp.down_proj.weight", [24, 40]), ("model.norm.weight", [24]),
                ("lm_head.weight", [50, 24]),
            ]
            for (name, shape) in expected {
                #expect(checkpoint[name]?.spec == (try TensorSpec(name, .float32, shape)))
            }
        }
    }

    @Test("has the same bytes for the same words, however they are ordered, and others for another seed")
    func deterministic() throws {
        try TemporaryDirectory.with { folder in
            let one = folder.appending("one")
            let a = try Self.open("llama?layers=1&seed=3", in: one)
            let b = try Self.open("llama?seed=3&layers=1", in: one)
            let again = try Self.open("llama?layers=1&seed=3", in: folder.appending("two"))
            let other = try Self.open("llama?layers=1&seed=4", in: one)
            #expect(a.folder == b.folder)
            #expect(try FileSystem.read(a.files[0].path) == FileSystem.read(again.files[0].path))
            #expect(try FileSystem.read(a.files[0].path) != FileSystem.read(other.files[0].path))
        }
    }

    @Test("has numbers like a trained model's", arguments: ["bf16", "f16", "f32"])
    func numbers(dtype: String) throws {
        try TemporaryDirectory.with { folder in
            let checkpoint = try Self.open("llama?layers=1&hidden=64&dtype=\(dtype)", in: folder)
            let weight = try Self.numbers(checkpoint, "model.layers.0.mlp.gate_proj.weight")
            let mean = weight.reduce(0, +) / Float(weight.count)
            let spread = (weight.reduce(0) { $0 + $1 * $1 } / Float(weight.count)).squareRoot()
            #expect(abs(mean) < 0.01)
            #expect(abs(spread - 1 / 8) < 0.005)
            let norm = try Self.numbers(checkpoint, "model.norm.weight")
            #expect(norm.allSatisfy { abs($0 - 1) < 0.3 })
            #expect(Set(norm).count > 20)
        }
    }

    @Test("tuned lies near the one it was tuned from, and tunes differ")
    func tuned() throws {
        try TemporaryDirectory.with { folder in
            let name = "model.layers.0.mlp.up_proj.weight"
            let base = try Self.numbers(Self.open("llama?layers=1&dtype=f32", in: folder), name)
            let tuned = try Self.numbers(Self.open("llama?layers=1&dtype=f32&tune=7", in: folder), name)
            let other = try Self.numbers(Self.open("llama?layers=1&dtype=f32&tune=8&noise=0.5", in: folder), name)
            func distance(_ a: [Float], _ b: [Float]) -> Float {
                (zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Float(a.count)).squareRoot()
            }
            #expect(abs(distance(base, tuned) - 0.05 / 8) < 0.0005)
            #expect(abs(distance(base, other) - 0.5 / 8) < 0.005)
            #expect(distance(tuned, other) > distance(base, tuned))
        }
    }

    @Test("is dealt to as many files as were asked for", arguments: [1, 2, 5])
    func shards(count: Int) throws {
        try TemporaryDirectory.with { folder in
            let checkpoint = try Self.open("llama?layers=4&shards=\(count)", in: folder)
            #expect(checkpoint.files.count == count)
            #expect(checkpoint.tensors.count == 9 * 4 + 3)
            let smallest = checkpoint.files.map(\.byteCount).min() ?? 0
            #expect(smallest > checkpoint.byteCount / count / 2)
        }
    }

    @Test("without data takes no disk, whatever its size", .tags(.slow), .unlessQuick)
    func sparse() throws {
        try TemporaryDirectory.with { folder in
            let words = "llama?layers=126&hidden=16384&heads=128&kv=8&mlp=53248&vocab=128256&data=none"
            let checkpoint = try Self.open(words, in: folder)
            #expect(checkpoint.byteCount == 811_706_777_600)
            #expect(checkpoint.files.count == 163)
            let taken = try checkpoint.files.reduce(0) { $0 + (try FileSystem.allocatedBytes(of: $1.path)) }
            #expect(taken < 10_000_000)
        }
    }

    @Test("begins its data at a multiple of the disk's blocks")
    func aligned() throws {
        try TemporaryDirectory.with { folder in
            let checkpoint = try Self.open("qwen2?layers=1&shards=2", in: folder)
            for file in checkpoint.files.indices {
                let start = checkpoint.tensors.lazy.filter { $0.file == file }.map(\.offset).min()
                #expect(try #require(start) % 4096 == 0)
            }
        }
    }

    @Test(
        "is refused with what is wrong and what to write instead",
        arguments: [
            ("lama", ["synthetic-unknown-family"], "did you mean 'llama'?"),
            ("", ["synthetic-unknown-family"], nil),
            ("llama?layer=3", ["synthetic-unknown-key"], "did you mean 'layers'?"),
            ("llama?layers=x", ["synthetic-bad-value"], nil), ("llama?layers=0", ["synthetic-bad-value"], nil),
            ("llama?layers=99999999999999999999", ["synthetic-bad-value"], nil),
            ("llama?layers", ["synthetic-bad-value"], nil), ("llama?layers=1&layers=2", ["synthetic-bad-value"], nil),
            ("llama?hidden=34&heads=4", ["synthetic-bad-value"], nil),
            ("llama?heads=4&kv=3", ["synthetic-bad-value"], nil),
            ("llama?hidden=12&heads=4", ["synthetic-bad-value"], nil), ("llama?dtype=i8", ["synthetic-bad-value"], nil),
            ("llama?data=zeros", ["synthetic-bad-value"], nil), ("bert?experts=4", ["synthetic-unknown-key"], nil),
            ("mixtral?layers=10000&experts=1000", ["synthetic-bad-value"], nil),
            (
                "llama?layers=x&dtipe=f16&tied=2",
                ["synthetic-bad-value", "synthetic-bad-value", "synthetic-unknown-key"], nil
            ),
            ("llama?layers=10000&hidden=1000000&mlp=4000000&vocab=4000000&heads=100000", ["synthetic-no-room"], nil),
        ] as [(String, [String], String?)]
    )
    func refused(words: String, codes: [String], hint: String?) throws {
        try TemporaryDirectory.with { folder in
            let error = try #require(throws: Diagnostics.self) { try Self.open(words, in: folder) }
            #expect(error.all.map(\.code) == codes)
            if let hint { #expect(error.all.first?.fix?.hint == hint) }
            #expect((try FileSystem.list(folder)).filter { $0.hasPrefix("llama") }.isEmpty)
        }
    }
}
