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

@Suite("An adapter that does not fit is refused by name")
struct AdapterRefusalTests {
    /// An adapter written by a test: its config, and its tensors.
    struct TinyAdapter {
        var config: [String: JSONValue] = ["peft_type": "LORA", "r": 2, "lora_alpha": 4]
        var tensors: [(String, Shape)] = [
            ("base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight", [2, 8]),
            ("base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight", [8, 2]),
        ]
        var dtype = DType.float32

        func write(to folder: FilePath) throws {
            try FileSystem.createFolders(folder)
            let members = config.sorted { $0.key < $1.key }.map { JSONObject.Member($0.key, $0.value) }
            let text = JSONPrinter.print(.object(JSONObject(members)), indent: 2)
            try FileSystem.write(text, to: folder.appending("adapter_config.json"))
            let specs = try tensors.map { try TensorSpec($0.0, dtype, $0.1) }
            let layout = try SafetensorsLayout(specs, alignment: 8)
            let bytes = specs.flatMap { [UInt8](repeating: 0, count: $0.byteCount) }
            try FileSystem.write(layout.header + bytes, to: folder.appending("adapter_model.safetensors"))
        }
    }

    static func diagnose(_ adapter: TinyAdapter) throws -> [Diagnostic] {
        try TemporaryDirectory.with { folder in
            _ = try TinyCheckpoint.llama(layers: 2).open(in: folder.appending("model"))
            try adapter.write(to: folder.appending("adapter"))
            return try AdapterTests.plan(
                """
                slicegraph: 1
                inputs: {x: {model: \(folder)/model, adapter: \(folder)/adapter}}
                graph: {out: {slice: x}}
                """,
                in: folder
            ).diagnostics
        }
    }

    @Test("and one that fits is not")
    func fits() throws {
        #expect(try !Self.diagnose(TinyAdapter()).contains { $0.severity == .error })
    }

    static let settings: [(String, JSONValue, String)] = [
        ("peft_type", "IA3", "adapter-not-lora"),
        ("layer_replication", [[0, 2], [1, 3]], "adapter-fits-no-tensor"),
        ("layer_replication", [[1, 1]], "bad-adapter-config"), ("layer_replication", [[0]], "bad-adapter-config"),
        ("layer_replication", [[-1, 2]], "bad-adapter-config"), ("layer_replication", true, "bad-adapter-config"),
        ("use_bdlora", ["nblocks": 2], "adapter-unsupported"), ("kasa_config", ["beta": 1], "adapter-unsupported"),
        ("monteclora_config", ["num_samples": 2], "adapter-unsupported"),
        ("trainable_token_indices", "all", "bad-adapter-config"),
        ("trainable_token_indices", ["embed_tokens": 3], "bad-adapter-config"),
        ("use_qalora", true, "adapter-unsupported"),
        ("alora_invocation_tokens", [5], "adapter-unsupported"),
        ("r", 0, "bad-adapter-config"), ("r", "x", "bad-adapter-config"), ("r", 3, "adapter-rank-differs"),
        ("lora_alpha", [], "bad-adapter-config"), ("use_dora", 1, "bad-adapter-config"),
        ("use_dora", true, "adapter-half-pair"),
        ("rank_pattern", ["q_proj": 3], "adapter-rank-differs"),
        ("rank_pattern", ["(q_proj": 2], "bad-adapter-config"),
        ("init_lora_weights", "pissa_niter_4", "adapter-changed-its-base"),
        ("init_lora_weights", "pissa", "adapter-changed-its-base"),
        ("init_lora_weights", "olora", "adapter-changed-its-base"),
        ("init_lora_weights", "corda", "adapter-changed-its-base"),
        ("init_lora_weights", "loftq", "adapter-changed-its-base"),
        ("init_lora_weights", "lora_ga", "adapter-changed-its-base"),
        ("init_lora_weights", "of-tomorrow", "adapter-unknown-start"),
    ]

    @Test("for what its config says", .tags(.slow), .unlessQuick, arguments: settings)
    func config(key: String, value: JSONValue, code: String) throws {
        var adapter = TinyAdapter()
        adapter.config[key] = value
        let found = try Self.diagnose(adapter)
        #expect(found.contains { $0.code == code }, "\(found.map { "\($0.code): \($0.message)" })")
        for diagnostic in found where diagnostic.code == code {
            guard case .file(let path, _)? = diagnostic.place else {
                Issue.record("no file is named")
                continue
            }
            #expect(path.contains("/adapter/"))
        }
    }

    static let q = "base_model.model.model.layers.0.self_attn.q_proj."
    static let tensorCases: [([(String, Shape)], String)] = [
        ([(q + "lora_A.weight", [2, 8])], "adapter-half-pair"),
        ([(q + "lora_A.weight", [2, 8]), (q + "lora_B.weight", [8, 3])], "adapter-bad-pair"),
        ([(q + "lora_A.weight", [2, 9]), (q + "lora_B.weight", [8, 2])], "adapter-shape-differs"),
        (
            [
                ("base_model.model.model.layers.7.self_attn.q_proj.lora_A.weight", [2, 8]),
                ("base_model.model.model.layers.7.self_attn.q_proj.lora_B.weight", [8, 2]),
            ], "adapter-fits-no-tensor"
        ),
        ([("base_model.model.lm_head.weight", [33, 8])], "adapter-rows-missing"),
        ([("base_model.model.lm_head.weight", [32, 9])], "adapter-shape-differs"),
        ([("base_model.model.score.weight", [3, 8])], "adapter-fits-no-tensor"),
        ([(q + "lora_E", [2])], "adapter-unsupported"),
        // No rows are named for them.
        (
            [("base_model.model.model.embed_tokens.token_adapter.trainable_tokens_delta", [2, 8])],
            "adapter-shape-differs"
        ),
        (
            [
                ("base_model.model.model.layers.0.mlp.experts.lora_A.weight", [2, 8]),
                ("base_model.model.model.layers.0.mlp.experts.lora_B.weight", [8, 2]),
            ], "adapter-fits-no-tensor"
        ),
        (
            [
                (q + "lora_A.one.weight", [2, 8]), (q + "lora_B.one.weight", [8, 2]),
                (q + "lora_A.two.weight", [2, 8]), (q + "lora_B.two.weight", [8, 2]),
            ], "adapter-changes-twice"
        ),
        ([(q + "lora_A.weight", [2, 8, 3]), (q + "lora_B.weight", [8, 2, 1])], "adapter-shape-differs"),
        (
            [
                (q + "lora_A.weight", [2, 8]), (q + "lora_B.weight", [8, 2]),
                ("base_model.model.layers.0.self_attn.q_proj.lora_A.weight", [2, 8]),
                ("base_model.model.layers.0.self_attn.q_proj.lora_B.weight", [8, 2]),
            ], "adapter-changes-twice"
        ),
        ([], "adapter-empty"),
    ]

    @Test("for what its tensors are", arguments: tensorCases)
    func tensors(tensors: [(String, Shape)], code: String) throws {
        var adapter = TinyAdapter()
        adapter.tensors = tensors
        let found = try Self.diagnose(adapter).filter { $0.severity == .error }
        #expect(found.map(\.code).contains(code), "\(found.map { "\($0.code): \($0.message)" })")
    }

    @Test("in mlx-lm's layout")
    func mlx() throws {
        try TemporaryDirectory.with { folder in
            try TinyAdapter().write(to: folder)
            let weights = folder.appending("adapter_model.safetensors")
            try FileSystem.rename(weights, to: folder.appending("adapters.safetensors"))
            let error = try #require(throws: Diagnostics.self) { try Adapter.open(folder.string, environment: [:]) }
            #expect(error.all.map(\.code) == ["adapter-unsupported"])
        }
    }

    @Test("where it replaces rows that the model does not have")
    func rows() throws {
        for (rows, isGood) in [([0, 31], true), ([0, 32], false), ([-1, 0], false), ([3, 3], false), ([1], false)] {
            var adapter = TinyAdapter()
            adapter.config["trainable_token_indices"] = .array(rows.map { .int($0) })
            adapter.tensors.append(
                ("base_model.model.model.embed_tokens.token_adapter.trainable_tokens_delta", [2, 8])
            )
            let found = try Self.diagnose(adapter).filter { $0.severity == .error }
            #expect(found.map(\.code) == (isGood ? [] : ["adapter-shape-differs"]), "\(rows)")
        }
    }

    @Test("where the names in memory differ from those on disk only in what stands before them, it fits")
    func prefixes() throws {
        var adapter = TinyAdapter()
        adapter.tensors = adapter.tensors.map { name, shape in
            (name.replacing("model.model.layers", with: "model.model.language_model.layers"), shape)
        }
        #expect(try !Self.diagnose(adapter).contains { $0.severity == .error })
    }

    @Test("where there are two behind one model, in either order and dialect")
    func twoBehindOne() throws {
        try TemporaryDirectory.with { folder in
            _ = try TinyCheckpoint.llama(layers: 2).open(in: folder.appending("model"))
            for name in ["one", "two"] { try TinyAdapter().write(to: folder.appending(name)) }
            for (first, second) in [("one", "two"), ("two", "one")] {
                let model = "\(folder)/model+\(folder)/\(first)+\(folder)/\(second)"
                for recipe in [
                    "slicegraph: 1\ninputs: {x: \(model)}\ngraph: {out: {slice: x}}\n",
                    "merge_method: passthrough\nmodels: [{model: \(model)}]\n",
                ] {
                    let found = try AdapterTests.plan(recipe, in: folder).diagnostics.filter { $0.severity == .error }
                    #expect(found.map(\.code) == ["two-adapters"])
                    #expect(found.first?.message.contains("\(first)' and '\(folder)/\(second)'") == true)
                }
            }
        }
    }

    @Test("where a number of it is none, and the base is not blamed")
    func nonfinite() throws {
        try TemporaryDirectory.with { folder in
            _ = try TinyCheckpoint.llama(layers: 2).open(in: folder.appending("model"))
            let adapter = folder.appending("adapter")
            try TinyAdapter().write(to: adapter)
            let weights = adapter.appending("adapter_model.safetensors")
            var bytes = try FileSystem.read(weights, limit: 1 << 20)
            // The last number is of lora_B.
            bytes.replaceSubrange(bytes.count - 4..<bytes.count, with: [0, 0, 0xC0, 0x7F])
            try FileSystem.write(bytes, to: weights)
            let recipe = "slicegraph: 1\ninputs: {x: \(folder)/model+\(adapter)}\ngraph: {out: {slice: x}}\n"
            let plan = try #require(try AdapterTests.plan(recipe, in: folder).plan)
            let error = try #require(throws: Surgery.BuildError.self) {
                try Surgery.build(plan, into: folder.appending("out").string)
            }
            #expect("\(error)".contains("nonfinite-source"))
            #expect("\(error)".contains("self_attn.q_proj.lora_B.weight"))
        }
    }

    @Test("where it is named as a model, with what to name instead")
    func named() throws {
        try TemporaryDirectory.with { folder in
            try TinyAdapter().write(to: folder)
            let error = try #require(throws: Diagnostics.self) {
                try Checkpoint.open(CheckpointReference(folder: folder.string), environment: [:])
            }
            #expect(error.all.map(\.code) == ["model-is-an-adapter"])
            #expect(error.all.first?.fix?.hint.contains("MODEL+\(folder)") == true)
        }
    }

    @Test("where there are two, as one model takes one")
    func twoAdapters() throws {
        try TemporaryDirectory.with { folder in
            _ = try TinyCheckpoint.llama(layers: 2).open(in: folder.appending("model"))
            try TinyAdapter().write(to: folder.appending("adapter"))
            let found = try AdapterTests.plan(
                """
                slicegraph: 1
                inputs: {x: {model: \(folder)/model+\(folder)/adapter, adapter: \(folder)/adapter}}
                graph: {out: {slice: x}}
                """,
                in: folder
            ).diagnostics
            #expect(found.contains { $0.code == "two-adapters" })
        }
    }

    @Test("where it was made for another model of the hub, that is said")
    func otherBase() throws {
        try TemporaryDirectory.with { folder in
            let commit = String(repeating: "a", count: 40)
            let model = folder.appending("hub/models--me--tiny-7b")
            _ = try TinyCheckpoint.llama(layers: 2).open(in: model.appending("snapshots/\(commit)"))
            try FileSystem.createFolders(model.appending("refs"))
            try FileSystem.write(commit, to: model.appending("refs/main"))
            for (base, isOther) in [("them/other-7b", true), ("mirror/Tiny-7B", false), ("/data/local", false)] {
                var adapter = TinyAdapter()
                adapter.config["base_model_name_or_path"] = .string(base)
                try FileSystem.createFolders(folder.appending("adapter"))
                try adapter.write(to: folder.appending("adapter"))
                let opened = try Adapter.open(folder.appending("adapter").string, environment: [:])
                let checkpoint = try Checkpoint.open(
                    CheckpointReference(parsing: "me/tiny-7b"),
                    environment: ["HF_HUB_CACHE": folder.appending("hub").string]
                )
                let notices = try opened.changes(to: checkpoint).notices
                #expect(notices.contains { $0.code == "adapter-base-differs" } == isOther, "\(base)")
            }
        }
    }
}
