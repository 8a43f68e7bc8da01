import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SuturePlanning
import SutureTensors
import SutureTestSupport
import SystemPackage
import Testing

/// The same experts in every form that files of transformers 5.24 have, each held against element by element arithmetic.
@Suite("Experts that one file has in one tensor and another apart")
struct ExpertFormTests {
    private static let experts = 3
    private static let inner = 6
    private static let hidden = 8

    /// A form: what its tensors are called, and where the number of an expert, matrix, output and input lies.
    struct Form: Sendable, CustomTestStringConvertible {
        let family: String
        let block: String
        var isApart = false
        var isTransposed = false
        var isInterleaved = false
        var isFlat = false
        var names = ["gate_proj", "up_proj", "down_proj"]
        var hasBias = false
        var settings: JSONObject = [:]

        var testDescription: String { "\(family) \(block)\(isApart ? " apart" : "")" }

        /// Each tensor: its suffix, its shape, and for each of its numbers the matrix's name, expert, output and input.
        func tensors() -> [(suffix: String, shape: Shape, numbers: [String])] {
            let (count, inner, hidden) = (ExpertFormTests.experts, ExpertFormTests.inner, ExpertFormTests.hidden)
            func number(_ matrix: Int, _ expert: Int, _ output: Int, _ input: Int) -> String {
                "\(["gate", "up", "down"][matrix]) \(expert) \(output) \(input)"
            }
            var result: [(suffix: String, shape: Shape, numbers: [String])] = []
            let sizes = [(inner, hidden), (inner, hidden), (hidden, inner)]
            if isApart || isFlat {
                for expert in 0..<(isApart ? count : 1) {
                    for (matrix, name) in names.enumerated() {
                        let (rows, columns) = sizes[matrix]
                        let isTurned = isFlat && matrix == 2
                        var numbers: [String] = []
                        for own in isApart ? [expert] : Array(0..<count) {
                            for a in 0..<(isTurned ? columns : rows) {
                                for b in 0..<(isTurned ? rows : columns) {
                                    numbers.append(isTurned ? number(matrix, own, b, a) : number(matrix, own, a, b))
                                }
                            }
                        }
                        let place = isApart ? "\(expert).\(name).weight" : name
                        let height = (isTurned ? columns : rows) * (isApart ? 1 : count)
                        result.append(("\(block).\(place)", [height, isTurned ? rows : columns], numbers))
                    }
                }
                guard hasBias else { return result }
                for expert in 0..<count {
                    for (matrix, name) in names.enumerated() {
                        let rows = sizes[matrix].0
                        let numbers = (0..<rows).map { number(matrix, expert, $0, -1) }
                        result.append(("\(block).\(expert).\(name).bias", [rows], numbers))
                    }
                }
                return result
            }
            for (name, matrices) in zip(names, [[0, 1], [2]]) {
                let (rows, columns) = sizes[matrices[0]]
                let outputs = (0..<rows * matrices.count).map { place in
                    isInterleaved
                        ? (matrix: matrices[place % matrices.count], output: place / matrices.count)
                        : (matrix: matrices[place / rows], output: place % rows)
                }
                var numbers: [String] = []
                for expert in 0..<count {
                    if isTransposed {
                        for input in 0..<columns {
                            numbers += outputs.map { number($0.matrix, expert, $0.output, input) }
                        }
                    } else {
                        for place in outputs {
                            numbers += (0..<columns).map { number(place.matrix, expert, place.output, $0) }
                        }
                    }
                }
                let matrix: [Int] = isTransposed ? [columns, outputs.count] : [outputs.count, columns]
                result.append(("\(block).\(name)", Shape([count] + matrix), numbers))
                guard hasBias else { continue }
                let bias = (0..<count).flatMap { expert in outputs.map { number($0.matrix, expert, $0.output, -1) } }
                result.append(("\(block).\(name)_bias", [count, outputs.count], bias))
            }
            return result
        }

        /// A model of two layers in this form.
        func model(seed: Int) -> TinyCheckpoint {
            var model = TinyCheckpoint.llama(layers: 2, hidden: ExpertFormTests.hidden, seed: seed)
            model.config["model_type"] = .string(family)
            model.config["num_local_experts"] = .int(ExpertFormTests.experts)
            for member in settings.members { model.config[member.key] = member.value }
            model.tensors.removeAll { $0.name.contains(".mlp.") }
            let router = block.split(separator: ".").prefix { $0 != "experts" }.joined(separator: ".") + ".gate.weight"
            for layer in 0..<2 {
                let prefix = "model.layers.\(layer)."
                model.tensors.append((prefix + router, .bfloat16, [ExpertFormTests.experts, ExpertFormTests.hidden]))
                for tensor in tensors() { model.tensors.append((prefix + tensor.suffix, .bfloat16, tensor.shape)) }
            }
            return model
        }

        /// What each number of the second layer's experts is, by its name.
        func content(_ bytes: (String) throws -> [UInt8]) rethrows -> [String: [UInt8]] {
            var content: [String: [UInt8]] = [:]
            for tensor in tensors() {
                let stored = try bytes("model.layers.1." + tensor.suffix)
                for (place, number) in tensor.numbers.enumerated() {
                    content[number] = Array(stored[2 * place..<2 * place + 2])
                }
            }
            return content
        }
    }

    static let pairs: [(Form, Form)] = [
        (Form(family: "qwen3_moe", block: "mlp.experts", isApart: true), fused("qwen3_moe")),
        (
            Form(family: "mixtral", block: "block_sparse_moe.experts", isApart: true, names: ["w1", "w3", "w2"]),
            fused("mixtral")
        ),
        (fused("qwen3_vl_moe"), fused("qwen3_vl_moe", isTransposed: true)),
        (Form(family: "llama4_text", block: "mlp.experts", isApart: true), fused("llama4_text", isTransposed: true)),
        (
            Form(family: "gpt_oss", block: "mlp.experts", isApart: true, hasBias: true),
            Form(
                family: "gpt_oss",
                block: "mlp.experts",
                isTransposed: true,
                isInterleaved: true,
                names: ["gate_up_proj", "down_proj"],
                hasBias: true
            )
        ),
        (
            Form(
                family: "granitemoe",
                block: "block_sparse_moe.experts",
                names: ["gate_up_proj", "down_proj"]
            ), Form(family: "granitemoe", block: "block_sparse_moe.experts", isApart: true)
        ),
        (
            Form(family: "dbrx", block: "ffn.experts", isApart: true, names: ["w1", "v1", "w2"]),
            Form(family: "dbrx", block: "ffn.experts.mlp", isFlat: true, names: ["w1", "v1", "w2"])
        ),
        (
            Form(
                family: "inkling_text",
                block: "mlp.experts",
                isInterleaved: true,
                names: ["w13_weight", "w2_weight"]
            ),
            fused("inkling_text")
        ),
    ]

    private static func fused(_ family: String, isTransposed: Bool = false) -> Form {
        Form(family: family, block: "mlp.experts", isTransposed: isTransposed, names: ["gate_up_proj", "down_proj"])
    }

    @Test("are written in the form of the config's owner, number by number", arguments: pairs, [false, true])
    func move(pair: (Form, Form), isBack: Bool) throws {
        let (mine, theirs) = isBack ? (pair.1, pair.0) : pair
        try RecipeBench.with { bench in
            let source = mine.model(seed: 1)
            try source.write(to: bench.folder.appending("mine"))
            try theirs.model(seed: 2).write(to: bench.folder.appending("theirs"))
            let recipe = """
                slicegraph: 1
                inputs: {mine: "@mine", theirs: "@theirs"}
                graph: {out: {stack: ["theirs[0]", "mine[1]"]}}
                output: {accept: [missing-tensors]}
                """

            let built = try bench.tensors(recipe)

            let specs = Dictionary(try source.tensors.map { ($0.name, try TensorSpec($0.name, $0.dtype, $0.shape)) }) {
                $1
            }
            let wanted = try mine.content { name in source.bytes(of: try #require(specs[name])) }
            let found = try theirs.content { name in try #require(built[name], "\(name) is not written") }
            #expect(found == wanted)
            #expect(
                !built.keys.contains {
                    $0.contains("layers.1.") && $0.contains("experts") && !$0.contains(theirs.block)
                }
            )
        }
    }

    @Test("are blended as if both files had the form of the config's owner", arguments: pairs)
    func blend(pair: (Form, Form)) throws {
        try RecipeBench.with { bench in
            let (mine, theirs) = pair
            for (name, form, seed) in [("mine", mine, 1), ("theirs", theirs, 2), ("other", theirs, 3)] {
                try form.model(seed: seed).write(to: bench.folder.appending(name))
            }
            // The same numbers in the other form, to blend without a change of form.
            let turned = try bench.plan(
                "slicegraph: 1\ninputs: {mine: \"@mine\", theirs: \"@theirs\"}\n"
                    + "graph: {out: {slice: mine}}\noutput: {config: theirs, accept: [missing-tensors]}"
            )
            try bench.build(turned)
            try FileSystem.rename(bench.folder.appending("out"), to: bench.folder.appending("turned"))
            func recipe(_ name: String) -> String {
                "slicegraph: 1\ninputs: {theirs: \"@theirs\", mine: \"@\(name)\"}\n"
                    + "graph: {out: {blend: {method: slerp, inputs: [theirs, mine], params: {t: 0.3}}}}\n"
                    + "output: {dtype: float32, accept: [missing-tensors]}"
            }

            #expect(try bench.tensors(recipe("mine")) == bench.tensors(recipe("turned")))
        }
    }

    @Test("are refused by name where how a family stores gates and ups is not known")
    func unknown() throws {
        try RecipeBench.with { bench in
            let apart = Form(family: "unheard_of", block: "mlp.experts", isApart: true)
            try apart.model(seed: 1).write(to: bench.folder.appending("mine"))
            try Self.fused("unheard_of").model(seed: 2).write(to: bench.folder.appending("theirs"))
            let (plan, said) = try bench.planned(
                "slicegraph: 1\ninputs: {mine: \"@mine\", theirs: \"@theirs\"}\n"
                    + "graph: {out: {stack: [\"theirs[0]\", \"mine[1]\"]}}"
            )
            #expect(plan == nil && said.filter { $0.severity == .error }.map(\.code) == ["experts-in-two-forms"])
            #expect(said.contains { $0.message.contains("how is not known of 'unheard_of'") })
        }
    }
}
