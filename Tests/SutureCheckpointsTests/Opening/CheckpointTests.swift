import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SutureTensors
import SutureTestSupport
import SystemPackage
import Testing

@Suite("A checkpoint is opened")
struct CheckpointTests {
    @Test("from a lone file or from shards with an index", arguments: [1, 3])
    func opens(shards: Int) throws {
        try TemporaryDirectory.with { folder in
            let tiny = TinyCheckpoint.llama(layers: 2, shards: shards)
            let checkpoint = try tiny.open(in: folder)

            #expect(checkpoint.files.count == shards)
            #expect(checkpoint.tensors.map(\.spec.name) == tiny.tensors.map(\.name))
            #expect(checkpoint.config["num_hidden_layers"] == 2)
            #expect(checkpoint["lm_head.weight"]?.spec.shape == [32, 8])
            #expect(checkpoint["model.layers.2.input_layernorm.weight"] == nil)
            #expect(checkpoint.notices.isEmpty)
            let reader = TensorReader(checkpoint)
            for tensor in checkpoint.tensors {
                #expect(try reader.bytes(of: tensor) == tiny.bytes(of: tensor.spec))
            }
        }
    }

    @Test("with its config's key order and number spelling")
    func config() throws {
        try TemporaryDirectory.with { folder in
            let checkpoint = try TinyCheckpoint.llama(layers: 1).open(in: folder)
            #expect(checkpoint.config["rms_norm_eps"] == .number("1e-05"))
            #expect(checkpoint.config.keys.first == "architectures")
        }
    }

    @Test("from shards without an index when all are there")
    func withoutIndex() throws {
        try TemporaryDirectory.with { folder in
            let tiny = TinyCheckpoint.llama(layers: 2, shards: 3)
            try tiny.write(to: folder)
            try FileSystem.remove(folder.appending(SafetensorsFormat.naming.index))
            let checkpoint = try Checkpoint.open(CheckpointReference(parsing: folder.string), environment: [:])
            #expect(checkpoint.tensors.count == tiny.tensors.count)
            #expect(checkpoint.notices.map(\.code) == ["no-index"])
        }
    }

    @Test("leaving alone what other formats and tools left in the folder")
    func ignoresOthers() throws {
        try TemporaryDirectory.with { folder in
            let tiny = TinyCheckpoint.llama(layers: 1)
            try tiny.write(to: folder)
            for name in ["consolidated.safetensors", "model.gguf", "optimizer.pt", "model-00001-of-00002.safetensors"] {
                try FileSystem.write("not a model", to: folder.appending(name))
            }
            let checkpoint = try Checkpoint.open(CheckpointReference(parsing: folder.string), environment: [:])
            #expect(checkpoint.files.map(\.name) == [SafetensorsFormat.naming.lone])
            #expect(checkpoint.companions.isEmpty)
        }
    }

    @Test("taking safetensors before torch files, and saying so")
    func prefersSafetensors() throws {
        try TemporaryDirectory.with { folder in
            try TinyCheckpoint.llama(layers: 1).write(to: folder)
            try FileSystem.write("x", to: folder.appending("pytorch_model.bin"))
            let checkpoint = try Checkpoint.open(CheckpointReference(parsing: folder.string), environment: [:])
            #expect(checkpoint.notices.map(\.code) == ["torch-file-ignored"])
        }
    }

    @Test("past links that lead nowhere or in circles")
    func oddLinks() throws {
        try TemporaryDirectory.with { folder in
            try TinyCheckpoint.llama(layers: 1).write(to: folder)
            try FileSystem.createSymbolicLink(folder.appending("tokenizer.json"), to: "tokenizer.json")
            try FileSystem.createSymbolicLink(folder.appending("vocab.txt"), to: "nowhere")
            let checkpoint = try Checkpoint.open(CheckpointReference(parsing: folder.string), environment: [:])
            #expect(checkpoint.companions.isEmpty)
        }
    }

    @Test("with its companions by what they are for")
    func companions() throws {
        try TemporaryDirectory.with { folder in
            var tiny = TinyCheckpoint.llama(layers: 1)
            let groups: [(String, CompanionFile.Group)] = [
                ("1_Pooling/config.json", .retrieval), ("LICENSE.txt", .licence),
                ("additional_chat_templates/tool.jinja", .chat), ("chat_template.jinja", .chat), ("extra.json", .other),
                ("generation_config.json", .generation), ("merges.txt", .tokenizer), ("modeling_x.py", .remoteCode),
                ("modules.json", .retrieval), ("preprocessor_config.json", .processor),
                ("quantize_config.json", .quantization), ("tokenizer.json", .tokenizer),
                ("tokenizer.model", .tokenizer),
            ]
            tiny.companions = groups.map { ($0.0, "{}") }
            tiny.companions += [
                ("README.md", "x"), ("trainer_state.json", "{}"), ("training_args.bin", "x"), ("onnx/model.json", "x"),
                ("model.imatrix", "x"), (".gitattributes", "x"), ("tf_model.h5", "x"), ("old.index.json", "{}"),
            ]
            let checkpoint = try tiny.open(in: folder)
            #expect(checkpoint.companions.map(\.name) == groups.map(\.0))
            #expect(checkpoint.companions.map(\.group) == groups.map(\.1))
            #expect(checkpoint.companions.allSatisfy { $0.byteCount == 2 })
        }
    }

    /// What is done to the folder of a good checkpoint of three shards, and what is said about it.
    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let code: String
        let harm: @Sendable (FilePath) throws -> Void

        init(_ description: String, _ code: String, _ harm: @escaping @Sendable (FilePath) throws -> Void) {
            testDescription = description
            self.code = code
            self.harm = harm
        }
    }

    static func rewriteIndex(_ folder: FilePath, _ change: (inout JSONObject) -> Void) throws {
        let path = folder.appending(SafetensorsFormat.naming.index)
        var index = try #require(try JSONParser.parse(try FileSystem.read(path)).object)
        change(&index)
        try FileSystem.write(JSONPrinter.print(.object(index)), to: path)
    }

    static let faults: [Fault] = [
        Fault("no config", "config-missing") { try FileSystem.remove($0.appending("config.json")) },
        Fault("config is a list", "config-not-object") { try FileSystem.write("[]", to: $0.appending("config.json")) },
        Fault("config is cut short", "bad-json") { try FileSystem.write("{\"a\":", to: $0.appending("config.json")) },
        Fault("config is a folder", "file-open") {
            try FileSystem.remove($0.appending("config.json"))
            try FileSystem.createFolder($0.appending("config.json"))
        },
        Fault("index is cut short", "bad-json") {
            try FileSystem.write("{", to: $0.appending(SafetensorsFormat.naming.index))
        },
        Fault("index has no map", "bad-index") {
            try FileSystem.write("{}", to: $0.appending(SafetensorsFormat.naming.index))
        },
        Fault("index is empty", "bad-index") {
            try FileSystem.write(#"{"weight_map":{}}"#, to: $0.appending(SafetensorsFormat.naming.index))
        },
        Fault("index climbs out of the folder", "bad-index") {
            try rewriteIndex($0) { $0[["weight_map", "lm_head.weight"]] = "../model-00001-of-00003.safetensors" }
        },
        Fault("index names an absolute path", "bad-index") {
            try rewriteIndex($0) { $0[["weight_map", "lm_head.weight"]] = "/etc/passwd" }
        },
        Fault("index maps to a number", "bad-index") {
            try rewriteIndex($0) { $0[["weight_map", "lm_head.weight"]] = 3 }
        },
        Fault("index names a missing shard", "shard-missing") {
            try rewriteIndex($0) { $0[["weight_map", "lm_head.weight"]] = "model-00004-of-00003.safetensors" }
        },
        Fault("index names a tensor that no shard has", "index-names-no-tensor") {
            try rewriteIndex($0) { $0[["weight_map", "ghost"]] = "model-00001-of-00003.safetensors" }
        },
        Fault("index names the wrong shard", "index-names-no-tensor") {
            try rewriteIndex($0) { $0[["weight_map", "lm_head.weight"]] = "model-00001-of-00003.safetensors" }
        },
        Fault("a shard is gone", "shard-missing") {
            try FileSystem.remove($0.appending("model-00002-of-00003.safetensors"))
        },
        Fault("a shard is gone and there is no index", "shard-missing") {
            try FileSystem.remove($0.appending("model-00002-of-00003.safetensors"))
            try FileSystem.remove($0.appending(SafetensorsFormat.naming.index))
        },
        Fault("shards of two sets and no index", "shards-disagree") {
            try FileSystem.write("x", to: $0.appending("model-00001-of-00002.safetensors"))
            try FileSystem.remove($0.appending(SafetensorsFormat.naming.index))
        },
        Fault("a shard is a folder", "file-open") {
            try FileSystem.remove($0.appending("model-00002-of-00003.safetensors"))
            try FileSystem.createFolder($0.appending("model-00002-of-00003.safetensors"))
        },
        Fault("a shard is empty", "safetensors-truncated") {
            try FileSystem.write("", to: $0.appending("model-00002-of-00003.safetensors"))
        },
        Fault("a shard is there twice", "tensor-in-two-files") {
            let bytes = try FileSystem.read($0.appending("model-00001-of-00003.safetensors"))
            try FileSystem.write(bytes, to: $0.appending("model-00002-of-00003.safetensors"))
        },
    ]

    @Test("or refused with what is wrong", arguments: faults)
    func refuses(_ fault: Fault) throws {
        try TemporaryDirectory.with { folder in
            try TinyCheckpoint.llama(layers: 2, shards: 3).write(to: folder)
            try fault.harm(folder)
            let reference = CheckpointReference(parsing: folder.string)
            let error = try #require(throws: Diagnostics.self) { try Checkpoint.open(reference, environment: [:]) }
            #expect(error.all.filter { $0.severity == .error }.map(\.code).contains(fault.code))
            for diagnostic in error.all {
                guard case .file(let path, _)? = diagnostic.place else { continue }
                #expect(path.hasPrefix(folder.string))
            }
        }
    }

    @Test("or refused with everything that is wrong at once")
    func refusesAllAtOnce() throws {
        try TemporaryDirectory.with { folder in
            try TinyCheckpoint.llama(layers: 2, shards: 3).write(to: folder)
            try FileSystem.remove(folder.appending("config.json"))
            try FileSystem.write("", to: folder.appending("model-00001-of-00003.safetensors"))
            try FileSystem.remove(folder.appending("model-00003-of-00003.safetensors"))
            let reference = CheckpointReference(parsing: folder.string)
            let error = try #require(throws: Diagnostics.self) { try Checkpoint.open(reference, environment: [:]) }
            #expect(error.all.map(\.code) == ["config-missing", "safetensors-truncated", "shard-missing"])
        }
    }

    @Test(
        "or refused kindly when it holds another format",
        arguments: [
            ("pytorch_model.bin", "torch-not-a-zip"), ("pytorch_model_old.bin", "no-weights"),
            ("tf_model.h5", "foreign-weights"),
            ("consolidated.00.pth", "consolidated-weights"),
            ("adapter_model.safetensors", "model-is-an-adapter"), ("weights.safetensors", "no-weights"),
            ("notes.md", "no-weights"),
        ]
    )
    func refusesKindly(file: String, code: String) throws {
        try TemporaryDirectory.with { folder in
            try FileSystem.write("{}", to: folder.appending("config.json"))
            try FileSystem.write("x", to: folder.appending(file))
            let reference = CheckpointReference(parsing: folder.string)
            let error = try #require(throws: Diagnostics.self) { try Checkpoint.open(reference, environment: [:]) }
            #expect(error.all.map(\.code) == [code])
        }
    }

    @Test("or refused once where it is a pipeline of diffusers, with the folder in it that may be meant")
    func pipeline() throws {
        try TemporaryDirectory.with { folder in
            try FileSystem.write("{}", to: folder.appending("model_index.json"))
            for (part, hint) in [("unet", "language model in it"), ("text_encoder_2", "\(folder)/text_encoder_2")] {
                try FileSystem.createFolders(folder.appending(part))
                let reference = CheckpointReference(parsing: folder.string)
                let error = try #require(throws: Diagnostics.self) { try Checkpoint.open(reference, environment: [:]) }
                #expect(error.all.map(\.code) == ["model-is-a-pipeline"])
                #expect(error.all.first?.fix?.hint.hasSuffix(hint) == true)
            }
        }
    }

    @Test(
        "or refused where Git LFS left a pointer in place of a file",
        arguments: ["model.safetensors", "pytorch_model.bin", "model.safetensors.zst"]
    )
    func pointer(file: String) throws {
        try TemporaryDirectory.with { folder in
            try FileSystem.write("{}", to: folder.appending("config.json"))
            let text = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 2200000000\n"
            try FileSystem.write(text, to: folder.appending(file))
            let reference = CheckpointReference(parsing: folder.string)
            let error = try #require(throws: Diagnostics.self) { try Checkpoint.open(reference, environment: [:]) }
            #expect(error.all.map(\.code) == ["weights-not-fetched"])
        }
    }

    @Test("telling of tensors that the index forgot, and keeping them")
    func unindexedTensor() throws {
        try TemporaryDirectory.with { folder in
            try TinyCheckpoint.llama(layers: 2, shards: 3).write(to: folder)
            try Self.rewriteIndex(folder) { $0[["weight_map", "lm_head.weight"]] = nil }
            let checkpoint = try Checkpoint.open(CheckpointReference(parsing: folder.string), environment: [:])
            #expect(checkpoint.notices.map(\.code) == ["tensor-not-in-index"])
            #expect(checkpoint["lm_head.weight"] != nil)
        }
    }

    @Test("taking the later of two equal config keys, with a warning")
    func duplicateConfigKey() throws {
        try TemporaryDirectory.with { folder in
            try TinyCheckpoint.llama(layers: 1).write(to: folder)
            try FileSystem.write("{\"a\": 1,\n\"a\": 2}", to: folder.appending("config.json"))
            let checkpoint = try Checkpoint.open(CheckpointReference(parsing: folder.string), environment: [:])
            #expect(checkpoint.config["a"] == 2)
            #expect(checkpoint.notices.map(\.code) == ["duplicate-config-key"])
        }
    }
}
