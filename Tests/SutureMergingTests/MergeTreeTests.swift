import SutureKernels
import SutureMerging
import SutureTensors
import Testing

@Suite("Trees")
struct MergeTreeTests {
    private let key = RandomKey(seed: 1, node: "out", tensor: "t")

    private func numbers(_ count: Int, _ seed: UInt64) -> [Float] {
        var generator = SplitMix(seed: seed)
        return (0..<count).map { _ in generator.normal() }
    }

    @Test("a nested blend is what its stages are, one after another, unrounded")
    func nestedBlends() throws {
        let shape: Shape = [37, 50]
        let inputs = (0..<4).map { numbers(37 * 50, UInt64($0)) }
        let pair = MergeTree.blend(
            MergeBlend(
                "slerp",
                of: [.source(0, .float32), .source(1, .float32)],
                .init(global: ["t": 0.3]),
                random: key
            )
        )
        let parameters = MergeParameters(inputs: [["weight": 0.6, "density": 0.5], ["weight": 0.4, "density": 0.3]])
        let nested = MergeTree.blend(
            MergeBlend("ties", of: [pair, .source(2, .float32)], base: .source(3, .float32), parameters, random: key)
        )
        let whole = load(try evaluate(nested, shape: shape, ArraySource(inputs), block: 512), .float32)

        let first = load(try evaluate(pair, shape: shape, ArraySource(inputs), block: 512), .float32)
        let staged = MergeTree.blend(
            MergeBlend(
                "ties",
                of: [.source(0, .float32), .source(1, .float32)],
                base: .source(2, .float32),
                parameters,
                random: key
            )
        )
        let second = load(
            try evaluate(staged, shape: shape, ArraySource([first, inputs[2], inputs[3]]), block: 512),
            .float32
        )
        #expect(distance(whole, second.map { Double($0) }) <= 1e-6)
    }

    @Test("scaling, filling and rounding do what they say")
    func plainNodes() throws {
        let values = numbers(100, 1)
        let source = ArraySource([values])
        func result(_ tree: MergeTree) throws -> [Float] { load(try evaluate(tree, shape: [100], source), .float32) }
        #expect(try result(.source(0, .float32)) == values)
        #expect(try result(.scale(.source(0, .float32), by: 0.5)) == values.map { $0 * 0.5 })
        #expect(try result(.fill(2.5)) == values.map { _ in 2.5 })
        #expect(
            try result(.round(.source(0, .float32), to: .bfloat16)) == load(store(values, as: .bfloat16), .bfloat16)
        )
    }

    @Test("sources are read in their own dtypes, and the result is written in any")
    func mixedDtypes() throws {
        let values = (0..<200).map { Float($0 % 9) - 4 }
        let dtypes: [DType] = [.bfloat16, .float16, .float32, .float64, .float8E4M3, .float8E5M2]
        let source = ArraySource(dtypes.map { ($0, store(values, as: $0)) })
        let blend = MergeBlend(
            "linear",
            of: dtypes.enumerated().map { .source($0, $1) },
            MergeParameters(global: ["weight": 1]),
            random: key
        )
        for dtype in dtypes {
            let bytes = try evaluate(.blend(blend), shape: [200], source, as: dtype)
            #expect(load(bytes, dtype) == values)
        }
    }

    @Test("common rows are blended and the rest is the owner's", arguments: [0, 1, 7, 12])
    func embeddingsOfDifferentHeights(_ rows: Int) throws {
        let tall = numbers(12 * 16, 1)
        let short = numbers(rows * 16, 2)
        let blend = MergeBlend(
            "slerp",
            of: [.source(0, .float32), .source(1, .float32)],
            MergeParameters(global: ["t": 0.5]),
            random: key
        )
        let tree = MergeTree.rows(rows, of: .blend(blend), then: .source(0, .float32))
        let merged = load(
            try evaluate(tree, shape: [12, 16], ArraySource([tall, short]), piece: 29),
            .float32
        )
        #expect(Array(merged[(rows * 16)...]) == Array(tall[(rows * 16)...]))
        guard rows > 0 else { return }
        let common = [Array(tall[..<(rows * 16)]), short]
        let expected = load(try evaluate(.blend(blend), shape: [rows, 16], ArraySource(common)), .float32)
        #expect(Array(merged[..<(rows * 16)]) == expected)
    }

    @Test("layers scaled by depth wrap any method")
    func linesWrapsAnyMethod() throws {
        let inputs = (0..<3).map { numbers(64, UInt64($0)) }
        let inner = MergeTree.blend(
            MergeBlend(
                "task_arithmetic",
                of: [.source(0, .float32), .source(1, .float32)],
                base: .source(2, .float32),
                MergeParameters(global: ["weight": 0.5]),
                random: key
            )
        )
        func wrapped(_ depth: Double) throws -> [Float] {
            let lines = MergeBlend(
                "lines",
                of: [inner],
                base: .source(2, .float32),
                MergeParameters(global: ["alpha": 0.25, "beta": 0.75, "depth": depth]),
                random: key
            )
            return load(try evaluate(.blend(lines), shape: [64], ArraySource(inputs)), .float32)
        }
        let plain = load(try evaluate(inner, shape: [64], ArraySource(inputs)), .float32)
        #expect(distance(try wrapped(1), plain.map { Double($0) }) <= 1e-6)
        let quarter = zip(plain, inputs[2]).map { Double($1) + 0.25 * (Double($0) - Double($1)) }
        #expect(distance(try wrapped(0), quarter) <= 1e-6)
    }

    @Test("a result too large for its dtype is named")
    func overflow() throws {
        var values = numbers(300, 1)
        values[123] = 60_000
        let tree = MergeTree.scale(.source(0, .float32), by: 2)
        let error = #expect(throws: MergeEvaluationError.self) {
            try evaluate(tree, shape: [300], ArraySource([values]), as: .float16, piece: 50)
        }
        #expect(error?.element == 123)
        _ = try evaluate(tree, shape: [300], ArraySource([values]), as: .float16, options: .init(allowsNonfinite: true))
    }

    @Test("a source that cannot be read says so")
    func unreadable() throws {
        struct Gone: Error {}
        struct Nothing: BlockSource {
            func read(_ elements: Range<Int>, of source: Int, into: inout MutableRawSpan) throws(BlockSourceError) {
                throw BlockSourceError(Gone())
            }
        }
        let error = #expect(throws: MergeEvaluationError.self) {
            try evaluate(.source(5, .float32), shape: [10], Nothing())
        }
        guard case .unreadable(source: 5, let inner)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(inner.underlying is Gone)
    }

    @Test("what cannot be evaluated is refused, and no tree is too deep to refuse")
    func refused() {
        func refusal(_ tree: MergeTree, _ shape: Shape = [4, 4]) -> MergeTreeError? {
            #expect(throws: MergeTreeError.self) { try MergeEvaluator(tree, shape: shape) }
        }
        let blend = MergeBlend("nosuch", of: [.fill(1)], MergeParameters(), random: key)
        #expect(refusal(.blend(blend)) == .unknownMethod("nosuch"))
        #expect(refusal(.source(3, .int64)) == .notBlendable(.int64, source: 3))
        #expect(refusal(.rows(5, of: .fill(1), then: .fill(2))) == .rows(5, of: [4, 4]))
        #expect(refusal(.rows(-1, of: .fill(1), then: .fill(2))) == .rows(-1, of: [4, 4]))
        #expect(refusal(.rows(1, of: .fill(1), then: .fill(2)), []) == .rows(1, of: []))
        #expect(refusal(.fill(1), [.max, 2]) == .tooLarge([.max, 2]))
        let deep = (0..<300).reduce(MergeTree.fill(1)) { tree, _ in .scale(tree, by: 2) }
        #expect(refusal(deep) == .tooDeep)
    }

    @Test("the cost is known before a number is read")
    func cost() throws {
        let shape: Shape = [1000, 1000]
        let inputs = [MergeTree.source(0, .bfloat16), .source(1, .bfloat16)]
        let linear = MergeBlend("linear", of: inputs, MergeParameters(global: ["weight": 1]), random: key)
        let slerp = MergeBlend("slerp", of: inputs, MergeParameters(global: ["t": 0.5]), random: key)
        let linearCost = try MergeEvaluator(.blend(linear), shape: shape).cost
        #expect(linearCost.surveyCount == 0 && linearCost.readByteCount == 4_000_000)
        let slerpCost = try MergeEvaluator(.blend(slerp), shape: shape).cost
        #expect(slerpCost.surveyCount == 1 && slerpCost.readByteCount == 8_000_000)
        #expect(slerpCost.workspaceByteCount < 1 << 20)
        let fusion = MergeBlend("arcee_fusion", of: inputs, MergeParameters(), random: key)
        #expect(try MergeEvaluator(.blend(fusion), shape: shape).cost.granule == 1000)
    }
}
