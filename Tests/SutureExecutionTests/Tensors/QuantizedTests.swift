import SutureArchitectures
import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SutureKernels
import SutureKit
import SuturePlanning
import SutureTensors
import SutureTestSupport
import SystemPackage
import Testing

@Suite("A quantized checkpoint")
struct QuantizedTests {
    static func open(_ folder: String) throws -> Checkpoint {
        try Checkpoint.open(CheckpointReference(folder: folder), environment: [:])
    }

    /// The bytes of every tensor, by name.
    static func bytes(_ checkpoint: Checkpoint) throws -> [String: [UInt8]] {
        let reader = TensorReader(checkpoint)
        var bytes: [String: [UInt8]] = [:]
        for tensor in checkpoint.tensors { bytes[tensor.spec.name] = try reader.bytes(of: tensor) }
        return bytes
    }

    @Test(
        "is stacked to the same bytes under new numbers, weights and companions in one shard",
        arguments: QuantizedModel.all + [.mxfp4]
    )
    func stacked(model: QuantizedModel) throws {
        try TemporaryDirectory.with { folder in
            let source = try model.checkpoint().open(in: folder.appending("x"))
            let result = try AdapterTests.plan(
                """
                slicegraph: 1
                inputs: {x: \(folder)/x}
                graph: {out: {stack: ["x[0:2]", "x[1:3]"]}}
                output: {shard_size: 1200}
                """,
                in: folder
            )
            let plan = try #require(result.plan, "\(result.diagnostics.map(\.message))")
            _ = try Surgery.build(plan, into: folder.appending("out").string)
            let built = try Self.open(folder.appending("out").string)
            let (before, after) = (try Self.bytes(source), try Self.bytes(built))
            for (name, bytes) in after {
                let parts = name.split(separator: ".", maxSplits: 3)
                guard parts.count == 4, let layer = Int(parts[2]) else { continue }
                #expect(bytes == before["model.layers.\([0, 1, 1, 2][layer]).\(parts[3])"], "\(name)")
            }
            #expect(
                after.keys.count { $0.hasPrefix("model.layers.") } == before.keys.count {
                    $0.hasPrefix("model.layers.")
                } / 3 * 4
            )
            #expect(built.files.count > 3)
            var homes: [String: Set<Int>] = [:]
            for tensor in built.tensors {
                // What stands before the leaf, by hand: `…mlp.down_proj` of `…mlp.down_proj.weight.absmax`.
                guard let projection = tensor.spec.name.firstRange(of: "_proj") else { continue }
                homes[String(tensor.spec.name[..<projection.upperBound]), default: []].insert(tensor.file)
            }
            #expect(homes.count > 20 && homes.values.allSatisfy { $0.count == 1 }, "\(homes)")
            #expect(built.config["quantization_config"] != nil)
        }
    }

    @Test("has the modules that its quantizer left alone renumbered")
    func renumbered() throws {
        try TemporaryDirectory.with { folder in
            let model = try #require(QuantizedModel.all.first { $0.testDescription == "AWQ" })
            _ = try model.checkpoint().open(in: folder.appending("x"))
            let plan = try #require(
                try AdapterTests.plan(
                    "slicegraph: 1\ninputs: {x: \(folder)/x}\ngraph: {out: {stack: [\"x[0:2]\", \"x[1:3]\"]}}",
                    in: folder
                ).plan
            )
            let text = try #require(plan.documents.first { $0.name == "config.json" }).text
            let config = try #require(try JSONParser.parse(Array(text.utf8)).object?["quantization_config"]?.object)
            #expect(config["modules_to_not_convert"] == ["model.layers.1.mlp", "model.layers.2.mlp"])
        }
    }

    @Test("is spliced with its companions", arguments: QuantizedModel.all)
    func spliced(model: QuantizedModel) throws {
        try TemporaryDirectory.with { folder in
            let x = try Self.bytes(model.checkpoint(seed: 1).open(in: folder.appending("x")))
            let y = try Self.bytes(model.checkpoint(seed: 2).open(in: folder.appending("y")))
            let result = try AdapterTests.plan(
                """
                slicegraph: 1
                inputs: {x: \(folder)/x, y: \(folder)/y}
                graph: {out: {splice: {onto: x, take: [{where: mlp.*, from: y}]}}}
                """,
                in: folder
            )
            let plan = try #require(result.plan, "\(result.diagnostics.map(\.message))")
            _ = try Surgery.build(plan, into: folder.appending("out").string)
            for (name, bytes) in try Self.bytes(Self.open(folder.appending("out").string)) {
                #expect(bytes == (name.contains(".mlp.") ? y : x)[name], "\(name)")
            }
        }
    }

    @Test("has modules that its quantizer left alone, and texts as long as their digits; neither is a fault")
    func leftAlone() throws {
        let model = try #require(QuantizedModel.all.first { $0.testDescription == "bitsandbytes 4-bit" })
        try TemporaryDirectory.with { folder in
            for (name, alone, digits) in [("x", 1, 40), ("y", 2, 43)] {
                var tiny = model.checkpoint()
                let plain = TinyCheckpoint.llama(layers: 3, hidden: 16, mlp: 32).tensors
                let module = "model.layers.\(alone).mlp."
                tiny.tensors = tiny.tensors.filter { !$0.name.hasPrefix(module) }.map { name, dtype, shape in
                    (name, dtype, name.contains("1.self_attn.q_proj.weight.quant_state") ? [digits] : shape)
                }
                tiny.tensors += plain.filter { $0.name.hasPrefix(module) }
                tiny.config["quantization_config"] = [
                    "quant_method": "bitsandbytes", "load_in_4bit": true, "llm_int8_skip_modules": [.string(module)],
                ]
                _ = try tiny.open(in: folder.appending(name))
            }
            for node in ["{stack: [x, y]}", "{splice: {onto: x, take: [{where: attn.*, from: y}]}}"] {
                let result = try AdapterTests.plan(
                    "slicegraph: 1\ninputs: {x: \(folder)/x, y: \(folder)/y}\ngraph: {out: \(node)}",
                    in: folder
                )
                let found = result.diagnostics.filter { $0.code == "odd-layer" || $0.severity == .error }
                #expect(result.plan != nil && found.isEmpty, "\(found.map(\.message))")
            }
        }
    }

    @Test("of another scheme is not stacked with it")
    func schemes() throws {
        try TemporaryDirectory.with { folder in
            _ = try QuantizedModel.all[0].checkpoint().open(in: folder.appending("x"))
            _ = try QuantizedModel.all[1].checkpoint().open(in: folder.appending("y"))
            let result = try AdapterTests.plan(
                "slicegraph: 1\ninputs: {x: \(folder)/x, y: \(folder)/y}\ngraph: {out: {stack: [x, y]}}",
                in: folder
            )
            #expect(result.diagnostics.contains { $0.code == "quantization-differs" && $0.severity == .error })
        }
    }

    @Test("of eight-bit floats is stacked with a plain one where the recipe names a dtype, and refused where not")
    func besidePlain() throws {
        try TemporaryDirectory.with { folder in
            let model = QuantizedModel.all[4]
            _ = try model.checkpoint().open(in: folder.appending("x"))
            _ = try TinyCheckpoint.llama(layers: 3, hidden: 16, mlp: 32, seed: 3).open(in: folder.appending("y"))
            for node in ["{stack: [y, x]}", "{splice: {onto: y, take: [{where: mlp.*, from: x}]}}"] {
                let recipe = "slicegraph: 1\ninputs: {x: \(folder)/x, y: \(folder)/y}\ngraph: {out: \(node)}\n"
                let found = try AdapterTests.plan(recipe, in: folder).diagnostics.filter { $0.severity == .error }
                #expect(found.map(\.code) == ["quantization-differs"])
                #expect(found.first?.fix?.hint.contains("output: {dtype: bfloat16}") ?? false)
                try FileSystem.removeTree(folder.appending("out"))
                let built = try AdapterTests.build(recipe + "output: {dtype: float32}", in: folder)
                let x = try Self.numbers(model, folder.appending("x").string)
                let layer = node.contains("stack") ? 3 : 0
                let name = "mlp.down_proj.weight"
                #expect(built["model.layers.\(layer).\(name)"] == x["model.layers.0.\(name)"])
            }
        }
    }

    @Test("is no base for an adapter, and the scheme is named", arguments: QuantizedModel.all)
    func adapter(model: QuantizedModel) throws {
        try TemporaryDirectory.with { folder in
            _ = try model.checkpoint().open(in: folder.appending("x"))
            let path = folder.appending("adapter")
            try FileSystem.createFolder(path)
            let module = "base_model.model.model.layers.0.self_attn.q_proj."
            let layout = try SafetensorsLayout(
                [
                    try TensorSpec(module + "lora_A.weight", .float32, [2, 16]),
                    try TensorSpec(module + "lora_B.weight", .float32, [16, 2]),
                ],
                alignment: 8
            )
            let weights = layout.header + [UInt8](repeating: 0, count: 256)
            try FileSystem.write(weights, to: path.appending("adapter_model.safetensors"))
            let config = #"{"peft_type": "LORA", "r": 2, "lora_alpha": 4, "target_modules": ["q_proj"]}"#
            try FileSystem.write(config, to: path.appending("adapter_config.json"))
            let recipe = "slicegraph: 1\ninputs: {x: \(folder)/x+\(path)}\ngraph: {out: {slice: x}}"
            let found = try AdapterTests.plan(recipe, in: folder).diagnostics.filter { $0.severity == .error }
            let name = try #require(QuantizationScheme(of: ["quantization_config": .object(model.config)])).name
            #expect(!found.isEmpty && found.allSatisfy { $0.fix?.hint.contains("packed by \(name)") ?? false })
        }
    }

    static let arithmetic = [
        "{blend: {method: linear, inputs: [{from: x, weight: 0.5}, {from: y, weight: 0.5}]}}",
        "{edit: {from: x, scale: {mlp.down: 0.5}}}",
        "{edit: {from: x, set: {mlp.down: 0}}}",
    ]

    @Test(
        "that cannot be made numbers is not blended or scaled, and the scheme is named",
        arguments: (QuantizedModel.all + [.mxfp4]).filter { !$0.isFloat8 },
        arithmetic
    )
    func refused(model: QuantizedModel, node: String) throws {
        // Experts are one tensor for all, and their role is another.
        let node = model.testDescription == "MXFP4" ? node.replacing("mlp.down", with: "'expert[*].down'") : node
        try TemporaryDirectory.with { folder in
            _ = try model.checkpoint(seed: 1).open(in: folder.appending("x"))
            _ = try model.checkpoint(seed: 2).open(in: folder.appending("y"))
            let result = try AdapterTests.plan(
                "slicegraph: 1\ninputs: {x: \(folder)/x, y: \(folder)/y}\ngraph: {out: \(node)}",
                in: folder
            )
            let found = result.diagnostics.filter { $0.severity == .error }
            let refusal = try #require(found.first { $0.code == "cannot-blend" }, "\(found.map(\.message))")
            #expect(refusal.message.contains(model.testDescription) && refusal.fix != nil)
            #expect(found.count == 1, "\(found.map(\.message))")
        }
    }

    /// The numbers of a float8 model, by the scheme's definition and nothing of the build's.
    static func numbers(_ model: QuantizedModel, _ folder: String) throws -> [String: [Float]] {
        let checkpoint = try open(folder)
        let bytes = try bytes(checkpoint)
        func plain(_ name: String) throws -> [Float] {
            let spec = try #require(checkpoint[name]).spec
            let stored = try #require(bytes[name])
            var numbers = [Float](repeating: 0, count: spec.elementCount)
            var span = numbers.mutableSpan
            widen(stored.span.bytes, spec.dtype, into: &span)
            return numbers
        }
        var result: [String: [Float]] = [:]
        for tensor in checkpoint.tensors {
            let name = tensor.spec.name
            guard tensor.spec.dtype.bitWidth == 8 else {
                if !name.contains("scale") { result[name] = try plain(name) }
                continue
            }
            let (rows, columns) = (tensor.spec.shape.dimensions[0], tensor.spec.shape.dimensions[1])
            let scaleName = checkpoint[name + "_scale_inv"] == nil ? name + "_scale" : name + "_scale_inv"
            let scales = try plain(scaleName)
            var numbers = try plain(name)
            for row in 0..<rows {
                for column in 0..<columns {
                    let scale =
                        switch model.testDescription {
                        case "FP8 by blocks": row / 4 * ((columns + 5) / 6) + column / 6
                        case "FP8 by channels": row
                        default: 0
                        }
                    numbers[row * columns + column] *= scales[scale]
                }
            }
            result[name] = numbers
        }
        return result
    }

    @Test(
        "of eight-bit floats is made numbers by its scales for a blend",
        arguments: QuantizedModel.all.filter(\.isFloat8)
    )
    func dequantized(model: QuantizedModel) throws {
        try TemporaryDirectory.with { folder in
            let plain = TinyCheckpoint.llama(layers: 3, hidden: 16, mlp: 32, dtype: .float32, seed: 3)
            _ = try model.checkpoint(seed: 1).open(in: folder.appending("x"))
            _ = try plain.open(in: folder.appending("y"))
            let built = try AdapterTests.build(
                """
                slicegraph: 1
                inputs: {x: \(folder)/x, y: \(folder)/y}
                graph: {out: {blend: {method: linear, inputs: [{from: x, weight: 0.25}, {from: y, weight: 0.75}]}}}
                output: {dtype: float32}
                """,
                in: folder
            )
            let x = try Self.numbers(model, folder.appending("x").string)
            let y = try AdapterTests.numbers(of: folder.appending("y").string)
            #expect(Set(built.keys) == Set(y.keys))
            for (name, numbers) in built {
                let (first, second) = (try #require(x[name]), try #require(y[name]))
                for index in numbers.indices {
                    let wanted = first[index] * 0.25 + second[index] * 0.75
                    #expect(abs(numbers[index] - wanted) <= 1e-6 * max(1, abs(wanted)), "\(name)")
                }
            }
            let config = try Self.open(folder.appending("out").string).config
            #expect(config["quantization_config"] == nil)
        }
    }

    @Test("of eight-bit floats is written as plain numbers where the recipe names a dtype")
    func cast() throws {
        try TemporaryDirectory.with { folder in
            let model = QuantizedModel.all[4]
            _ = try model.checkpoint(seed: 1).open(in: folder.appending("x"))
            let recipe = "slicegraph: 1\ninputs: {x: \(folder)/x}\ngraph: {out: {slice: x}}\noutput: {dtype: float32}"
            #expect(try AdapterTests.plan(recipe, in: folder).diagnostics.contains { $0.code == "dequantizes" })
            let built = try AdapterTests.build(recipe, in: folder)
            #expect(try built == Self.numbers(model, folder.appending("x").string))
        }
    }

    @Test("of eight-bit floats whose scales do not fit is refused by tensor")
    func badScales() throws {
        try TemporaryDirectory.with { folder in
            for (model, code) in [
                (
                    QuantizedModel(
                        testDescription: "short",
                        config: ["quant_method": "fp8", "weight_block_size": [4, 6]]
                    ) {
                        rows,
                        columns in
                        [(".weight", .float8E4M3, [rows, columns]), (".weight_scale_inv", .float32, [3, 1000])]
                    }, "scales-do-not-fit"
                ),
                (
                    QuantizedModel(testDescription: "none", config: ["quant_method": "fp8"]) { rows, columns in
                        [(".weight", .float8E4M3, [rows, columns]), (".input_scale", .float32, [])]
                    }, "scales-missing"
                ),
            ] {
                try FileSystem.removeTree(folder.appending("x"))
                _ = try model.checkpoint().open(in: folder.appending("x"))
                let found = try AdapterTests.plan(
                    "slicegraph: 1\ninputs: {x: \(folder)/x}\ngraph: {out: {slice: x}}",
                    in: folder
                ).diagnostics.filter { $0.severity == .error }
                #expect(!found.isEmpty && found.allSatisfy { $0.code == code }, "\(found.map(\.message))")
                guard case .file(_, let tensor)? = found.first?.place else { continue }
                #expect(tensor?.hasSuffix("_proj.weight") ?? false)
            }
        }
    }
}
