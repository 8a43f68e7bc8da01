import SutureArchitectures
import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SutureTensors
import SutureTestSupport
import SystemPackage
import Testing

@Suite("What a config says of packed weights")
struct QuantizationTests {
    static func scheme(_ config: JSONObject) -> QuantizationScheme? {
        QuantizationScheme(of: ["quantization_config": .object(config)])
    }

    @Test(
        "has the name that people call it by",
        arguments: [
            (["quant_method": "gptq", "bits": 4], "GPTQ 4-bit"), (["quant_method": "awq", "bits": 4], "AWQ 4-bit"),
            (["quant_method": "bitsandbytes", "load_in_4bit": true], "bitsandbytes 4-bit"),
            (["load_in_8bit": true], "bitsandbytes 8-bit"), (["quant_method": "fp8"], "FP8"),
            (["quant_method": "fbgemm_fp8"], "FP8"), (["quant_method": "mxfp4"], "MXFP4"),
            (
                ["quant_method": "compressed-tensors", "format": "pack-quantized"],
                "compressed-tensors (pack-quantized)"
            ),
            (["group_size": 64, "bits": 4], "MLX 4-bit"), (["quant_method": "hqq"], "hqq"), ([:], "a quantizer"),
        ] as [(JSONObject, String)]
    )
    func names(config: JSONObject, name: String) { #expect(Self.scheme(config)?.name == name) }

    @Test(
        "is the same where it is written out and left out, and other where it is other",
        arguments: [
            (
                ["quant_method": "gptq", "bits": 4], ["sym": true, "desc_act": false, "checkpoint_format": "gptq"], true
            ),
            (["quant_method": "gptq", "bits": 4], ["checkpoint_format": "gptq_v2"], false),
            (["quant_method": "gptq", "bits": 4], ["sym": false], false),
            (["quant_method": "gptq", "bits": 4], ["damp_percent": 0.1, "dataset": "c4"], true),
            (["quant_method": "awq", "bits": 4], ["version": "GEMM", "zero_point": true], true),
            (["quant_method": "awq", "bits": 4], ["version": "gemv"], false),
            (["quant_method": "bitsandbytes", "load_in_4bit": true], ["bnb_4bit_quant_type": "nf4"], false),
            (["quant_method": "bitsandbytes", "load_in_4bit": true], ["bnb_4bit_use_double_quant": true], false),
            (["quant_method": "bitsandbytes", "load_in_4bit": true], ["bnb_4bit_compute_dtype": "float16"], true),
            (["quant_method": "fp8"], ["activation_scheme": "static"], false),
            (["quant_method": "fp8"], ["weight_block_size": [128, 128]], false),
            (["quant_method": "fp8"], ["modules_to_not_convert": ["lm_head"]], true),
            (["group_size": 64, "bits": 4], ["mode": "mxfp4"], false),
        ] as [(JSONObject, JSONObject, Bool)]
    )
    func settings(config: JSONObject, more: JSONObject, isSame: Bool) throws {
        let whole = JSONObject(config.members + more.members)
        let (a, b) = (try #require(Self.scheme(config)), try #require(Self.scheme(whole)))
        #expect((a.settings == b.settings) == isSame, "\(a.settings) \(b.settings)")
    }

    @Test(
        "is refused by name where the quantizer, its layout or what it does besides is not known",
        arguments: [
            (["quant_method": "torchao"], "'torchao'"), (["quant_method": "hqq"], "'hqq'"),
            (["format": "of-tomorrow"], "'of-tomorrow'"), (["format": "marlin-24"], "'marlin-24'"),
            (["config_groups": ["group_0": ["format": "of-tomorrow"]]], "'of-tomorrow'"),
            (["format": "dense", "sparsity_config": ["format": "sparse-24-bitmask"]], "'sparse-24-bitmask'"),
            (["format": "dense", "sparsity_config": ["format": "dense"]], nil), (["sparsity_config": [:]], nil),
            (["transform_config": ["config_groups": ["u": ["type": "hadamard"]]]], "transform_config 'u'"),
            (["transform_config": ["config_groups": [:]]], nil),
            (["moe_sparsity_config": ["method": "prune", "num_experts": [8, 4]]], "moe_sparsity_config 'prune'"),
            (["format": "pack-quantized"], nil), (["format": "mxfp6-pack-quantized"], nil),
            (["quant_method": "gptq", "bits": 4], nil), (["quant_method": "modelopt", "quant_algo": "NVFP4"], nil),
            (["quant_method": .null, "group_size": 64, "bits": 4], nil),
            (["quant_method": .null, "bits": 4], "no 'quant_method'"),
        ] as [(JSONObject, String?)]
    )
    func unknown(settings: JSONObject, word: String?) {
        // Where the quantizer is not named, it is compressed-tensors.
        var config = settings
        if config["quant_method"] == nil { config["quant_method"] = "compressed-tensors" }
        let found = UnknownPacking.finding(in: ["quantization_config": .object(config)], [], headers: [])
        #expect((found == nil) == (word == nil))
        if let word { #expect(found?.message.contains(word) == true) }
    }

    @Test(
        "that names no quantizer is MLX's only where the numbers are",
        arguments: [(DType.uint32, ".weight", true), (.int32, ".qweight", false), (.uint8, ".weight", false)]
    )
    func unnamed(dtype: DType, leaf: String, isKnown: Bool) throws {
        let config: JSONObject = ["quantization_config": ["group_size": 64, "bits": 4]]
        let module = "model.layers.0.mlp.down_proj"
        let tensors = [
            try TensorSpec(module + leaf, dtype, [8, 8]), try TensorSpec(module + ".scales", .float16, [8, 1]),
        ]
        let found = UnknownPacking.finding(in: config, tensors, headers: [])
        #expect(found?.message.contains("'\(module)\(leaf)' is \(dtype.rawValue)[8, 8]") == (isKnown ? nil : true))
    }

    @Test(
        "is refused where a tensor that nothing is known of stands beside packed weights, whoever packed them",
        arguments: [
            ("modelopt", DType.uint8, "pre_quant_scale", false), ("modelopt", .float8E4M3, "svdquant_lora_a", false),
            ("quark", .int8, "input_rotation", false), ("compressed-tensors", .int32, "meta", false),
            ("modelopt", .float8E4M3, "weight_scale_2", true), ("quark", .int8, "weight_zero_point", true),
            ("quark", .bfloat16, "input_rotation", true),
        ]
    )
    func strange(method: String, dtype: DType, leaf: String, isKnown: Bool) throws {
        let config: JSONObject = ["quantization_config": ["quant_method": .string(method)]]
        let module = "model.layers.0.mlp.down_proj."
        let tensors = try [("weight", dtype), ("weight_scale", .float32), (leaf, .float32), ("bias", .float16)].map {
            try TensorSpec(module + $0.0, $0.1, [8, 8])
        }
        #expect(UnknownPacking.finding(in: config, tensors, headers: [])?.tensor == (isKnown ? nil : module + leaf))
    }

    @Test(
        "is refused where torchao flattened the tensors, and the header alone says what they are",
        arguments: [
            ("model.layers.0.mlp.down_proj.weight:qdata", [:], true), ("model.norm.weight:_data", [:], true),
            ("model.layers.0.mlp.down_proj._weight_qdata", [:], true),
            ("w", ["tensor_names": "[]", "model.w": #"{"_type": "Int4Tensor", "_data": {}}"#], true),
            ("w", ["tensor_names": #"["w"]"#, "w": #"{"_type": "Tensor"}"#], false),
        ] as [(String, [String: String], Bool)]
    )
    func flattened(name: String, header: [String: String], isFlattened: Bool) throws {
        let tensor = try TensorSpec(name, .bfloat16, [4, 4])
        let found = UnknownPacking.finding(in: [:], [tensor], headers: [["format": "pt"], header])
        #expect(found?.message.contains("torchao") == (isFlattened ? true : nil))
        #expect(found?.tensor == (isFlattened && header.isEmpty ? name : nil))
    }

    /// A llama whose `down_proj` is of eight-bit floats, with scales of a dtype and shape.
    static func model(_ scales: [(String, DType, Shape)], weight: Shape = [8, 16]) -> TinyCheckpoint {
        var tiny = TinyCheckpoint.llama(layers: 1, hidden: 8, mlp: 16)
        tiny.tensors = tiny.tensors.flatMap { name, dtype, shape -> [(name: String, dtype: DType, shape: Shape)] in
            guard name.hasSuffix("down_proj.weight") else { return [(name, dtype, shape)] }
            let module = name.dropLast("weight".count)
            return [(name, .float8E4M3, weight)] + scales.map { (module + $0.0, $0.1, $0.2) }
        }
        tiny.config["quantization_config"] = ["quant_method": "fp8", "weight_block_size": [4, 8]]
        return tiny
    }

    @Test(
        "and the headers, say which numbers share a scale",
        arguments: [
            ([8, 16], .float32, [], [8, 16]), ([8, 16], .float32, [1], [8, 16]),
            ([8, 16], .bfloat16, [8, 1], [1, 16]),
            ([8, 16], .bfloat16, [8], [1, 16]), ([8, 16], .float32, [2, 2], [4, 8]),
            ([7, 15], .float32, [2, 2], [4, 8]),
            ([8, 16], .float8E8M0, [2, 2], [4, 8]), ([3, 8, 16], .float32, [3], [1, 8, 16]),
            ([3, 8, 16], .float32, [3, 1, 16], [1, 8, 1]), ([3, 8, 16], .float32, [3, 2, 2], [1, 4, 8]),
        ] as [(Shape, DType, Shape, [Int])]
    )
    func blocks(weight: Shape, dtype: DType, scales: Shape, blocks: [Int]) throws {
        try TemporaryDirectory.with { folder in
            let model = try Self.model([("weight_scale_inv", dtype, scales)], weight: weight).open(in: folder)
            let quantization = try #require(try Quantization.read(model))
            #expect(quantization.isFloat8)
            #expect(quantization.scaled["model.layers.0.mlp.down_proj.weight"]?.blocks == blocks)
        }
    }

    @Test("leave a scale alone that belongs to no weight, and scales of a kind that is not undone")
    func others() throws {
        try TemporaryDirectory.with { folder in
            var tiny = Self.model([("weight_scale", .float32, [])])
            tiny.tensors.append(("model.layers.0.q_norm.scale", .bfloat16, [8]))
            let quantization = try #require(try Quantization.read(tiny.open(in: folder.appending("a"))))
            #expect(quantization.companions == ["model.layers.0.mlp.down_proj.weight_scale"])
            // MXFP8: exponents that are stored as plain bytes.
            let packed = Self.model([("weight_scale", .uint8, [8, 2])])
            #expect(try Quantization.read(packed.open(in: folder.appending("b")))?.isFloat8 == false)
        }
    }

    @Test(
        "of sizes that are none is read or refused, and no more",
        arguments: [
            [], [0, 0], [-4, 8], [.max, .max], [4], [1, 2, 3, 4, 8], [4, 8, 1_000_000_000], [.min, .min],
        ] as [[Int]]
    )
    func sizes(sizes: [Int]) throws {
        try TemporaryDirectory.with { folder in
            var tiny = Self.model([("weight_scale_inv", .float32, [2, 2])])
            let list = JSONValue.array(sizes.map { .int($0) })
            tiny.config["quantization_config"] = ["quant_method": "fp8", "weight_block_size": list]
            let model = try tiny.open(in: folder)
            do {
                let quantization = try #require(try Quantization.read(model))
                #expect(quantization.scaled.values.allSatisfy { $0.blocks == [4, 8] })
            } catch let error as Diagnostics {
                #expect(error.all.map(\.code) == ["scales-do-not-fit"])
                guard case .file(let file, let tensor)? = error.all.first?.place else { return }
                #expect(file.hasSuffix("model.safetensors") && tensor == "model.layers.0.mlp.down_proj.weight")
            }
        }
    }

    /// A model of tensors by name, with a word on quantization or without.
    static func holding(_ tensors: [(String, DType, Shape)], config: JSONObject = [:]) -> TinyCheckpoint {
        TinyCheckpoint(config: config, tensors: tensors.map { (name: $0.0, dtype: $0.1, shape: $0.2) })
    }

    @Test(
        "make no companion of a parameter that is only called like one",
        arguments: [
            "altup.correct_output_scale", "router.scale", "router.per_expert_scale", "attn_hc.scale", "hc_attn_scale",
            "post_mlp_residual_scale.hidden_states_scale", "layer_scale", "self_attn.k_scale", "mlp.input_scale",
        ]
    )
    func plainScales(name: String) throws {
        try TemporaryDirectory.with { folder in
            let full = "model.layers.0.\(name)"
            let plain = Self.holding([
                (full, .bfloat16, [8]), ("model.layers.0.router.proj.weight", .bfloat16, [4, 8]),
            ])
            #expect(try Quantization.read(plain.open(in: folder.appending("plain"))) == nil)
            guard !["k_scale", "input_scale"].contains(where: name.hasSuffix) else { return }
            // Nor in a model some of whose weights are packed.
            let packed = Self.holding(
                [
                    (full, .bfloat16, [8]), ("model.layers.0.mlp.up_proj.weight", .float8E4M3, [8, 8]),
                    ("model.layers.0.mlp.up_proj.weight_scale", .float32, [1]),
                    ("model.layers.0.router.proj.weight", .float8E4M3, [4, 8]),
                    ("model.layers.0.router.proj.weight_scale", .float32, [1]),
                ],
                config: ["quantization_config": ["quant_method": "fp8"]]
            )
            let quantization = try #require(try Quantization.read(packed.open(in: folder.appending("packed"))))
            #expect(quantization.companions.count == 2 && !quantization.companions.contains(full))
        }
    }

    @Test(
        "know packed weights by their numbers where the config says nothing",
        arguments: [
            (
                [("weight", .int8, [8, 8]), ("SCB", .float32, [8]), ("weight_format", .uint8, [])], "bitsandbytes 8-bit"
            ),
            ([("weight", .uint8, [32, 1]), ("weight.absmax", .uint8, [2])], "bitsandbytes 4-bit"),
            (
                [("qweight", .int32, [1, 8]), ("qzeros", .int32, [1, 1]), ("scales", .float16, [1, 8])], "GPTQ or AWQ"
            ),
            ([("weight", .uint32, [8, 1]), ("scales", .bfloat16, [8, 1]), ("biases", .bfloat16, [8, 1])], "MLX"),
            ([("weight", .float8E4M3, [8, 8]), ("weight_scale_inv", .float32, [1, 1])], "FP8"),
            ([("weight", .float8E4M3, [8, 8]), ("scale", .float8E8M0, [1, 1])], "FP8"),
            ([("weight_packed", .int32, [8, 1]), ("weight_shape", .int64, [2])], "compressed-tensors"),
            ([("gate_up_proj_blocks", .uint8, [2, 8]), ("gate_up_proj_scales", .uint8, [2])], "MXFP4"),
            ([("gate_up_proj", .float8E4M3, [2, 8, 8]), ("gate_up_proj_scale_inv", .float32, [2, 1, 1])], "FP8"),
        ] as [([(String, DType, Shape)], String)]
    )
    func lostConfig(tensors: [(String, DType, Shape)], name: String) throws {
        try TemporaryDirectory.with { folder in
            let model = Self.holding(tensors.map { ("model.layers.0.mlp.down_proj." + $0.0, $0.1, $0.2) })
            let quantization = try #require(try Quantization.read(model.open(in: folder)))
            #expect(quantization.name == name && quantization.isPacked && !quantization.isSaid)
            #expect(quantization.companions.count == tensors.count - 1)
        }
    }

    @Test("tell numbers of a packed model that lost their scales from eight-bit floats that have none")
    func unscaled() throws {
        try TemporaryDirectory.with { folder in
            let weight = ("model.layers.0.mlp.down_proj.weight", DType.float8E4M3, Shape([8, 8]))
            #expect(try Quantization.read(Self.holding([weight]).open(in: folder.appending("a"))) == nil)
            let said = Self.holding([weight], config: ["quantization_config": ["quant_method": "fp8"]])
            let quantization = try #require(try Quantization.read(said.open(in: folder.appending("b"))))
            #expect(quantization.unscaled.map(\.name) == [weight.0] && quantization.isPacked)
            let idle = Self.holding(
                [("model.layers.0.mlp.down_proj.weight", .bfloat16, [8, 8])],
                config: ["quantization_config": ["quant_method": "fp8"]]
            )
            #expect(try Quantization.read(idle.open(in: folder.appending("c")))?.isPacked == false)
        }
    }
}
