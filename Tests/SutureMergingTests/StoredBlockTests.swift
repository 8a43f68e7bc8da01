import SutureKernels
import SutureMerging
import SutureTensors
import Testing

@Suite("Sources whose numbers are stored in blocks")
struct StoredBlockTests {
    private let key = RandomKey(seed: 0, node: "", tensor: "")

    /// Rows of 64 numbers in ggml's Q8_0: the bytes, and the numbers as its formula has them.
    private func quantized(rows: Int) -> (bytes: [UInt8], values: [Float]) {
        (0..<rows * 2).reduce(into: ([], [])) { all, block in
            let scale = Float(block % 5 + 1) / 64
            let levels = (0..<32).map { Int8(truncatingIfNeeded: $0 * 37 + block * 11) }
            all.0 += store([scale], as: .float16) + levels.map { UInt8(bitPattern: $0) }
            all.1 += levels.map { scale * Float($0) }
        }
    }

    @Test(
        "blend with numbers stored one by one, wherever the windows and blocks end",
        arguments: [1, 48, 100, 999, .max]
    )
    func blended(piece: Int) throws {
        let (bytes, values) = quantized(rows: 50)
        let others = values.indices.map { Float($0 % 13) }
        let source = ArraySource([(.ggmlQ80, bytes), (.float32, store(others, as: .float32))])
        let plain = ArraySource([values, others])
        for (method, parameters): (String, [String: Double]) in [("linear", ["weight": 0.5]), ("slerp", ["t": 0.3])] {
            func tree(_ dtype: DType) -> MergeTree {
                let inputs: [MergeTree] = [.source(0, dtype), .source(1, .float32)]
                return .blend(MergeBlend(method, of: inputs, MergeParameters(global: parameters), random: key))
            }
            let made = try evaluate(tree(.ggmlQ80), shape: [50, 64], source, block: 512, piece: piece)
            #expect(try made == evaluate(tree(.float32), shape: [50, 64], plain, block: 512))
        }
    }

    @Test("are cut where blocks and rows both end, and cost what the blocks take")
    func granules() throws {
        let fusion = MergeBlend(
            "arcee_fusion",
            of: [.source(0, .ggmlQ80), .source(1, .float32)],
            MergeParameters(),
            random: key
        )
        #expect(try MergeEvaluator(.blend(fusion), shape: [4, 48]).cost.granule == 96)
        let alone = try MergeEvaluator(.source(0, .ggmlQ80), shape: [4, 64]).cost
        #expect(alone.granule == 32 && alone.readByteCount == 8 * 34)
    }

    @Test("are refused where a cut or the end of the tensor lies inside a block")
    func cuts() {
        func refusal(_ tree: MergeTree, _ shape: Shape) -> MergeTreeError? {
            #expect(throws: MergeTreeError.self) { try MergeEvaluator(tree, shape: shape) }
        }
        let stored = MergeTree.source(7, .ggmlQ80)
        #expect(refusal(stored, [5, 7]) == .cutBlock(.ggmlQ80, source: 7, element: 35))
        #expect(refusal(.rows(1, of: stored, then: .fill(0)), [4, 48]) == .cutBlock(.ggmlQ80, source: 7, element: 48))
        let beside = MergeBlend(
            "linear",
            of: [stored, .rows(3, of: .source(1, .float32), then: .fill(0))],
            MergeParameters(global: ["weight": 1]),
            random: key
        )
        #expect(refusal(.blend(beside), [4, 48]) == .cutBlock(.ggmlQ80, source: 7, element: 144))
        #expect(throws: Never.self) { try MergeEvaluator(.rows(2, of: stored, then: stored), shape: [4, 48]) }
    }

    @Test("name the first element of a block whose scale is no number")
    func nonfinite() throws {
        var (bytes, _) = quantized(rows: 2)
        bytes.replaceSubrange(2 * 34..<2 * 34 + 2, with: store([.infinity], as: .float16))
        let error = #expect(throws: MergeEvaluationError.self) {
            try evaluate(.source(0, .ggmlQ80), shape: [2, 64], ArraySource([(.ggmlQ80, bytes)]))
        }
        #expect(error?.element == 64)
    }

    @Test("powers of two are read by their exponents alone")
    func exponents() throws {
        let source = ArraySource([(.float8E8M0, [126, 127, 130, 0])])
        let made = try evaluate(.source(0, .float8E8M0), shape: [4], source)
        #expect(load(made, .float32) == [0.5, 1, 8, 0x1p-127])
    }
}
