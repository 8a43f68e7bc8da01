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

@Suite("A stack of GGUF layers is written as GGUF")
struct GGUFSurgeryTests {
    private static func bench(_ models: [String: TinyGGUF], _ body: (RecipeBench) throws -> Void) throws {
        try TemporaryDirectory.with { folder in
            for (name, model) in models { try model.write(to: folder.appending(name + ".gguf")) }
            try body(RecipeBench(folder: folder))
        }
    }

    private static func open(_ bench: RecipeBench) throws -> Checkpoint {
        let reference = CheckpointReference(parsing: bench.folder.appending("out").string)
        return try Checkpoint.open(reference, environment: [:])
    }

    private static func recipe(_ graph: String, inputs: String = "a: '@a.gguf'") -> String {
        "slicegraph: 1\nname: made\ninputs: {\(inputs)}\ngraph: {out: {\(graph)}}\n"
    }

    /// The data of the tensors of a built model, by name.
    private static func data(_ checkpoint: Checkpoint) throws -> [String: [UInt8]] {
        try Dictionary(
            uniqueKeysWithValues: checkpoint.tensors.map { tensor in
                let file = try InputFile(checkpoint.files[tensor.file].path)
                return (tensor.spec.name, try file.read(tensor.offset..<tensor.offset + tensor.spec.byteCount))
            }
        )
    }

    @Test("byte for byte, in one file or several, with its keys", arguments: [nil, 4000])
    func stacks(shardSize: Int?) throws {
        let model = TinyGGUF.llama(layers: 3, matrices: .ggmlQ80)
        try Self.bench(["a": model]) { bench in
            let plan = try bench.plan(Self.recipe("stack: ['a[0:2]', 'a[1:3]']")) { $0.shardSize = shardSize }
            #expect(plan.format == "gguf")
            #expect(!plan.documents.contains { $0.name == "config.json" })
            let text = PlanJSON().print(PlanningResult(plan: plan, diagnostics: []))
            let again = try PlanReader.read(Array(text.utf8), called: "plan.json", methods: plan.methods)
            #expect(again == plan)
            try bench.build(plan)
            let made = try Self.open(bench)
            #expect((made.files.count > 1) == (shardSize != nil))
            let data = try Self.data(made)
            for tensor in model.tensors {
                let own = model.data(of: tensor)
                guard tensor.name.hasPrefix("blk.") else {
                    #expect(data[tensor.name] == own)
                    continue
                }
                let parts = tensor.name.split(separator: ".", maxSplits: 2)
                for (place, layer) in [0, 1, 1, 2].enumerated() where "\(layer)" == parts[1] {
                    #expect(data["blk.\(place).\(parts[2])"] == own)
                }
            }
            let keys = try #require(made.gguf)
            #expect(keys["llama.block_count"]?.int == 4 && keys["llama.block_count"]?.kind == .uint32)
            #expect(keys["general.name"]?.text == "made")
            let source = try GGUFHeader.parse(model.bytes, fileByteCount: model.bytes.count).metadata
            for key in ["tokenizer.ggml.tokens", "llama.attention.layer_norm_rms_epsilon", "llama.context_length"] {
                #expect(keys[key] == source[key])
            }
        }
    }

    @Test("with new blocks that add nothing, whose packed numbers are zeros")
    func expands() throws {
        try Self.bench(["a": .llama(layers: 2, matrices: .ggmlQ80)]) { bench in
            let graph = "expand: {from: a, every: 2, insert: {copy: previous, set: {residual: 0}}}"
            try bench.build(try bench.plan(Self.recipe(graph)))
            let data = try Self.data(try Self.open(bench))
            #expect(data["blk.2.ffn_down.weight"]?.allSatisfy { $0 == 0 } == true)
            #expect(data["blk.2.ffn_up.weight"] == data["blk.1.ffn_up.weight"])
            let scaled = try bench.planned(Self.recipe("stack: [{from: 'a[0:2]', scale: {attn.o: 0.5}}]"))
            #expect(scaled.diagnostics.map(\.code).contains("gguf-type-not-named"))
        }
    }

    @Test("with blends of plain numbers")
    func blends() throws {
        let models = ["a": TinyGGUF.llama(layers: 1), "b": .llama(layers: 1, seed: 9)]
        try Self.bench(models) { bench in
            let graph = "blend: {method: linear, inputs: [a, b], params: {weight: 0.5}}"
            try bench.build(try bench.plan(Self.recipe(graph, inputs: "a: '@a.gguf', b: '@b.gguf'")))
            let made = try Self.open(bench)
            #expect(made.tensors.count == models["a"]?.tensors.count)
            #expect(made["blk.0.attn_q.weight"]?.spec.dtype == .float16)
        }
    }

    @Test(
        "with blends of packed numbers, rounded once to the type that the recipe names",
        arguments: ["q8_0", "float32"]
    )
    func requantized(named: String) throws {
        let models = [
            "a": TinyGGUF.llama(layers: 2, matrices: .ggmlQ80), "b": .llama(layers: 2, matrices: .ggmlQ40, seed: 9),
        ]
        let inputs = "a: '@a.gguf', b: '@b.gguf'"
        try Self.bench(models) { bench in
            let graph = "blend: {method: linear, inputs: [a, b], params: {weight: 0.5}}"
            let unnamed = try bench.planned(Self.recipe(graph, inputs: inputs))
            #expect(unnamed.plan == nil && unnamed.diagnostics.map(\.code).contains("gguf-type-not-named"))
            let recipe = Self.recipe(graph, inputs: inputs) + "output: {dtype: \(named)}\n"
            try bench.build(try bench.plan(recipe))
            let made = try Self.open(bench)
            let data = try Self.data(made)
            let dtype: DType = named == "q8_0" ? .ggmlQ80 : .float32
            for tensor in try #require(models["a"]).tensors where tensor.shape.count == 2 {
                #expect(made[tensor.name]?.spec.dtype == dtype)
                let (a, b) = (models["a"]?.data(of: tensor) ?? [], (tensor.name, DType.ggmlQ40, tensor.shape))
                let sum = zip(Self.widen(a, .ggmlQ80), Self.widen(models["b"]?.data(of: b) ?? [], .ggmlQ40))
                    .map { 0.5 * $0 + 0.5 * $1 }
                let values = Self.widen(data[tensor.name] ?? [], dtype)
                let step = sum.reduce(0) { max($0, abs($1)) } / 127
                #expect(zip(values, sum).allSatisfy { abs($0 - $1) <= (dtype == .float32 ? 1e-6 : step) })
            }
            #expect(made["blk.0.attn_norm.weight"]?.spec.dtype == .float32)
            #expect(made.gguf?["general.file_type"]?.int == (dtype == .float32 ? 0 : 7))
            let scaled = Self.recipe("stack: [{from: 'a[0:2]', scale: {attn.o: 0.5}}]") + "output: {dtype: q8_0}\n"
            try bench.build(try bench.plan(scaled))
            let halved = try Self.data(try Self.open(bench))
            let own = try #require(models["a"]?.tensors.first { $0.name == "blk.1.attn_output.weight" })
            let expected = Self.widen(models["a"]?.data(of: own) ?? [], .ggmlQ80).map { 0.5 * $0 }
            #expect(Self.widen(halved[own.name] ?? [], .ggmlQ80).count == expected.count)
            #expect(
                halved["blk.1.attn_q.weight"]
                    == (try #require(models["a"]).data(of: ("blk.1.attn_q.weight", .ggmlQ80, [32, 32])))
            )
        }
    }

    private static func widen(_ bytes: [UInt8], _ dtype: DType) -> [Float] {
        var values = [Float](repeating: 0, count: bytes.count / dtype.block.byteCount * dtype.block.elementCount)
        var span = values.mutableSpan
        SutureKernels.widen(bytes.span.bytes, dtype, into: &span)
        return values
    }

    @Test("and windows that no longer alternate are written as a list, or refused where none is read")
    func windows() throws {
        func model(_ architecture: String, _ keys: [(key: String, value: TinyGGUF.Value)]) -> TinyGGUF {
            var model = TinyGGUF.llama(layers: 4, architecture: architecture)
            model.keys += [("\(architecture).attention.sliding_window", .uint32(8))] + keys
            return model
        }
        let listed = model("gemma3", [("gemma3.attention.sliding_window_pattern", .bools([true, false, true, true]))])
        let models = [
            "list": listed, "two": model("gemma3", [("gemma3.attention.sliding_window_pattern", .uint32(2))]),
            "fixed": model("gemma2", []),
        ]
        try Self.bench(models) { bench in
            func pattern(_ name: String, _ stack: String) throws -> [JSONValue]? {
                try bench.build(try bench.plan(Self.recipe("stack: [\(stack)]", inputs: "a: '@\(name).gguf'")))
                return try Self.open(bench).config[["attention", "sliding_window_pattern"]]?.array
            }
            #expect(try pattern("list", "'a[1:3]', 'a[2:4]'") == [false, true, true, true])
            #expect(try pattern("two", "'a[0:2]', 'a[0:4]'") == nil)
            #expect(try pattern("two", "'a[0:3]', 'a[2:4]'") == [true, false, true, true, false])
            let refused = try bench.planned(Self.recipe("stack: ['a[0:3]', 'a[2:4]']", inputs: "a: '@fixed.gguf'"))
            #expect(refused.plan == nil && refused.diagnostics.map(\.code).contains("layout-inexpressible"))
        }
    }

    @Test("but not of two families, or in another dtype, or of models that differ in a key")
    func refuses() throws {
        var other = TinyGGUF.llama(layers: 2)
        other.keys.append(("llama.rope.freq_base", .float32(500_000)))
        let models = ["a": TinyGGUF.llama(layers: 2), "q": .llama(layers: 2, architecture: "qwen2"), "o": other]
        try Self.bench(models) { bench in
            func codes(_ recipe: String) throws -> [String] {
                let result = try bench.planned(recipe)
                #expect(result.plan == nil)
                return result.diagnostics.filter { $0.severity == .error }.map(\.code)
            }
            let graph = "stack: ['a[0]', 'b[1]']"
            let found = try codes(Self.recipe(graph, inputs: "a: '@a.gguf', b: '@q.gguf'"))
            #expect(found.contains("families-differ"))
            let settings = try codes(Self.recipe(graph, inputs: "a: '@a.gguf', b: '@o.gguf'"))
            #expect(Set(settings) == ["settings-differ"], "\(settings)")
            #expect(try codes(Self.recipe("slice: a") + "output: {dtype: float64}\n") == ["dtype-not-in-format"])
            // Rows of 32 are no blocks of 256.
            #expect(try codes(Self.recipe("slice: a") + "output: {dtype: q4_k}\n").contains("impossible-tensor"))
        }
    }
}
