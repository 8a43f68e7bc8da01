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

/// The fixtures are made by Tests/Interop/optin/make-lora-fixtures.py with PyPI's peft.
@Suite("An adapter is put on its model as peft would")
struct AdapterTests {
    static func path(_ name: String) -> String { Fixture.path("lora/" + name) }

    /// Builds a recipe and returns the numbers of every tensor of the output.
    static func build(_ recipe: String, in folder: FilePath, as name: String = "out") throws -> [String: [Float]] {
        let result = try plan(recipe, in: folder)
        let plan = try #require(result.plan, "\(result.diagnostics.map(\.message))")
        let output = folder.appending(name)
        _ = try Surgery.build(plan, into: output.string)
        return try numbers(of: output.string)
    }

    static func plan(_ recipe: String, in folder: FilePath) throws -> PlanningResult {
        let file = folder.appending("recipe.yml")
        try FileSystem.write(recipe, to: file)
        return try Surgery(reading: file.string).plan()
    }

    static func numbers(of folder: String) throws -> [String: [Float]] {
        let checkpoint = try Checkpoint.open(CheckpointReference(folder: folder), environment: [:])
        let reader = TensorReader(checkpoint)
        var numbers: [String: [Float]] = [:]
        for tensor in checkpoint.tensors { numbers[tensor.spec.name] = floats(try reader.bytes(of: tensor)) }
        return numbers
    }

    static func expected(_ name: String) throws -> [String: [Float]] {
        let file = try InputFile(FilePath(path(name + "/expected.safetensors")))
        let header = try SafetensorsHeader.read(file, called: "expected")
        var numbers: [String: [Float]] = [:]
        for entry in header.entries {
            let start = header.dataStart + entry.byteRange.lowerBound
            numbers[entry.spec.name] = floats(try file.read(start..<start + entry.byteRange.count))
        }
        return numbers
    }

    /// What the config of a case's model says, where the fixture has it.
    static func expectedFacts(_ name: String) -> JSONObject {
        let bytes = try? FileSystem.read(FilePath(path(name + "/expected.json")))
        return bytes.flatMap { try? JSONParser.parse($0).object } ?? JSONObject()
    }

    static func floats(_ bytes: [UInt8]) -> [Float] {
        stride(from: 0, to: bytes.count, by: 4).map { place in
            Float(bitPattern: bytes[place..<place + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) })
        }
    }

    /// Every fixture, with the model that its config names.
    static let cases: [(name: String, base: String)] = {
        let names = (try? FileSystem.list(FilePath(Fixture.path("lora")))) ?? []
        return names.filter { !$0.hasPrefix("base-") }.compactMap { name in
            let config = FilePath(path(name + "/adapter/adapter_config.json"))
            guard let bytes = try? FileSystem.read(config) else { return nil }
            let base = try? JSONParser.parse(bytes).object?["base_model_name_or_path"]?.string
            return base.map { (name, $0) }
        }
    }()

    @Test("in all layouts that there are fixtures of")
    func layouts() { #expect(Self.cases.count == 45, "\(Self.cases.map(\.name))") }

    @Test("in every layout that peft saves, to the last bits of float32", .tags(.slow), .unlessQuick, arguments: cases)
    func matchesPeft(name: String, base: String) throws {
        try TemporaryDirectory.with { folder in
            let base = Self.path(base)
            let built = try Self.build(
                """
                slicegraph: 1
                inputs: {x: {model: \(base), adapter: \(Self.path(name))/adapter}}
                graph: {out: {slice: x}}
                """,
                in: folder
            )
            let original = try Self.numbers(of: base)
            let expected = try Self.expected(name)
            #expect(Set(expected.keys).isSubset(of: built.keys))
            var largest: Float = 0
            let config = try Checkpoint.open(CheckpointReference(folder: "\(folder)/out"), environment: [:]).config
            for member in Self.expectedFacts(name).members {
                #expect(config[member.key] == member.value, "\(member.key)")
            }
            for (tensor, numbers) in built {
                // A head whose bias was another's, and is its own beside a head of its own.
                let shared = tensor.replacing(".decoder.bias", with: ".bias")
                let wanted = try #require(expected[tensor] ?? original[tensor] ?? original[shared], "\(tensor)")
                #expect(numbers.count == wanted.count)
                let error = zip(numbers, wanted).reduce(0) { max($0, abs($1.0 - $1.1) / max(1, abs($1.1))) }
                if expected[tensor] == nil { #expect(error == 0, "\(tensor) changed") }
                largest = max(largest, error)
            }
            // Two places of float32 are what two orders of summation differ by.
            #expect(largest <= 2.5e-7, "\(largest)")
        }
    }

    @Test("and travels with the layers that move")
    func moves() throws {
        try TemporaryDirectory.with { folder in
            let model = "\(Self.path("base-llama"))+\(Self.path("plain"))/adapter"
            let whole = try Self.build(
                "slicegraph: 1\ninputs: {x: \(model)}\ngraph: {out: {slice: x}}",
                in: folder,
                as: "a"
            )
            let moved = try Self.build(
                "slicegraph: 1\ninputs: {x: \(model)}\ngraph: {out: {stack: [\"x[1]\", \"x[0:2]\"]}}",
                in: folder,
                as: "b"
            )
            for (name, numbers) in moved where name.contains(".layers.") {
                let parts = name.split(separator: ".", maxSplits: 3)
                let origin = [1, 0, 1][try #require(Int(parts[2]))]
                #expect(numbers == whole["model.layers.\(origin).\(parts[3])"], "\(name)")
            }
        }
    }

    @Test("and goes with the half of a layer that a splice takes")
    func spliced() throws {
        try TemporaryDirectory.with { folder in
            let base = Self.path("base-llama")
            let built = try Self.build(
                """
                slicegraph: 1
                inputs: {x: \(base), y: \(base)+\(Self.path("plain"))/adapter}
                graph: {out: {splice: {onto: x, take: [{where: mlp.*, from: "y[1, 0]"}]}}}
                """,
                in: folder
            )
            let (original, adapted) = (try Self.numbers(of: base), try Self.expected("plain"))
            for layer in [0, 1] {
                let down = "model.layers.\(layer).mlp.down_proj.weight"
                let q = "model.layers.\(layer).self_attn.q_proj.weight"
                let taken = try #require(adapted["model.layers.\(1 - layer).mlp.down_proj.weight"])
                let numbers = try #require(built[down])
                #expect(zip(numbers, taken).allSatisfy { abs($0 - $1) < 5e-7 })
                #expect(built[q] == original[q] && adapted[q] != nil)
            }
        }
    }

    @Test("in a blend, where it is one of the inputs")
    func blends() throws {
        try TemporaryDirectory.with { folder in
            let base = Self.path("base-llama")
            let built = try Self.build(
                """
                slicegraph: 1
                inputs: {x: \(base), y: \(base)+\(Self.path("plain"))/adapter}
                graph:
                  out:
                    blend: {method: linear, inputs: [{from: x, weight: 0.5}, {from: y, weight: 0.5}]}
                """,
                in: folder
            )
            let original = try Self.numbers(of: base)
            for (tensor, wanted) in try Self.expected("plain") {
                let (numbers, before) = (try #require(built[tensor]), try #require(original[tensor]))
                for index in numbers.indices {
                    #expect(abs(numbers[index] - (wanted[index] + before[index]) / 2) < 1e-6)
                }
            }
        }
    }

    @Test("by a mergekit file, in both of its spellings", arguments: [true, false])
    func mergekit(isApart: Bool) throws {
        try TemporaryDirectory.with { folder in
            let (base, adapter) = (Self.path("base-llama"), "\(Self.path("plain"))/adapter")
            let model = isApart ? "{model: {path: \(base)}, lora: {path: \(adapter)}}" : "\(base)+\(adapter)"
            let built = try Self.build(
                "merge_method: passthrough\nslices: [{sources: [{model: \(model), layer_range: [0, 2]}]}]\n",
                in: folder
            )
            for (tensor, wanted) in try Self.expected("plain") {
                let numbers = try #require(built[tensor])
                #expect(zip(numbers, wanted).allSatisfy { abs($0 - $1) < 5e-7 })
            }
        }
    }

    @Test(
        "with the same bytes, however the output is cut and on however many threads",
        .tags(.slow),
        .unlessQuick,
        arguments: cases
    )
    func sameBytes(name: String, base: String) throws {
        try TemporaryDirectory.with { folder in
            let base = Self.path(base)
            let recipe = """
                slicegraph: 1
                inputs: {x: {model: \(base), adapter: \(Self.path(name))/adapter}}
                graph: {out: {slice: x}}
                output: {dtype: bfloat16}
                """
            let plan = try #require(try Self.plan(recipe, in: folder).plan)
            var options = ExecutionOptions()
            options.threads = 1
            try Execution.run(plan, into: folder.appending("one"), options: options)
            options.threads = 3
            options.memory = 40_000_000
            try Execution.run(plan, into: folder.appending("three"), options: options)
            #expect(
                try FileSystem.read(folder.appending("one/model.safetensors"))
                    == FileSystem.read(folder.appending("three/model.safetensors"))
            )
        }
    }
}
