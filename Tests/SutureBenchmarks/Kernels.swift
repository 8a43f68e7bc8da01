import SutureKernels
import SutureMerging
import SutureTensors

// Compare the shares between machines, never the rates. Bytes are those a kernel reads and writes.

/// Measures each kernel on blocks that fit in the second-level cache, and whole trees from memory.
func measureKernels(named filter: String?) {
    let count = 1 << 14
    var report = Report(only: filter)
    var generator = Draws()
    let a = (0..<count).map { _ in generator.next() }
    let b = (0..<count).map { _ in generator.next() }
    var output = a
    let repeats = 64

    report.measure("copy", bytes: repeats * count * 8) {
        for _ in 0..<repeats {
            output.withUnsafeMutableBytes { target in
                a.withUnsafeBytes { target.copyMemory(from: $0) }
            }
        }
    }
    for dtype in DType.allCases where dtype.isDecodable {
        measureConversions(dtype, a, &report, repeats)
    }
    report.measure("combine", bytes: repeats * count * 12) {
        for _ in 0..<repeats {
            var target = output.mutableSpan
            combine(a.span, times: 0.3, b.span, times: 0.7, into: &target)
        }
    }
    report.measure("add times", bytes: repeats * count * 12) {
        for _ in 0..<repeats {
            var target = output.mutableSpan
            add(b.span, times: 0.3, to: &target)
        }
    }
    var sink = 0.0
    report.measure("subtract", bytes: repeats * count * 12) {
        for _ in 0..<repeats {
            var target = output.mutableSpan
            subtract(b.span, from: &target)
        }
    }
    report.measure("dot", bytes: repeats * count * 8) {
        for _ in 0..<repeats { sink += dot(a.span, b.span) }
    }
    report.measure("sum of magnitudes", bytes: repeats * count * 4) {
        for _ in 0..<repeats { sink += sumOfMagnitudes(a.span) }
    }
    var counters = [Int](repeating: 0, count: upperDigitCount + lowerDigitCount)
    report.measure("count upper digits", bytes: repeats * count * 4) {
        for _ in 0..<repeats { countUpperDigits(a.span, in: &counters, from: 0) }
    }
    report.measure("count lower digits", bytes: repeats * count * 4) {
        for _ in 0..<repeats { countLowerDigits(a.span, withUpper: 0x3c00, in: &counters, from: upperDigitCount) }
    }
    report.measure("count equal magnitudes", bytes: repeats * count * 4) {
        for _ in 0..<repeats { sink += Double(SutureKernels.count(a.span, ofMagnitude: 0x3c00_0000)) }
    }
    report.measure("keep largest", bytes: repeats * count * 8) {
        for _ in 0..<repeats {
            var target = output.mutableSpan
            keep(&target, at: 0..<count, to: MagnitudeCut(magnitude: 0x3c00_0000, index: .max))
        }
    }
    let key = RandomKey(seed: 1, node: "out", tensor: "t")
    report.measure("keep randomly", bytes: repeats * count * 8) {
        for _ in 0..<repeats {
            var target = output.mutableSpan
            keepRandomly(&target, at: 0..<count, probability: 0.5, Philox(key, input: 0))
        }
    }
    var weights = output
    report.measure("sum agreeing of 2", bytes: repeats * count * 16) {
        for _ in 0..<repeats {
            var target = output.mutableSpan
            var sums = weights.mutableSpan
            sumAgreeing(a.span, b.span, weights: (0.5, 0.5), into: &target, &sums)
        }
    }
    report.measure("sum agreeing of 3", bytes: repeats * count * 20) {
        for _ in 0..<repeats {
            var target = output.mutableSpan
            var sums = weights.mutableSpan
            sumAgreeing(a.span, b.span, a.span, weights: (0.5, 0.5, 0.5), into: &target, &sums)
        }
    }
    report.measure("gather", bytes: repeats * count * 4) {
        var keys: [UInt64] = []
        for _ in 0..<repeats {
            keys.removeAll(keepingCapacity: true)
            sink += Double(
                gather(a.span, from: 0, in: MagnitudeWindow(upper: 0x3d90_0000, lower: 0x3d8c_0000), into: &keys).above
            )
        }
        sink += Double(keys.count)
    }
    report.measure("add agreeing", bytes: repeats * count * 24) {
        for _ in 0..<repeats {
            var target = output.mutableSpan
            var sums = weights.mutableSpan
            addAgreeing(a.span, with: b.span, weight: 0.5, to: &target, &sums)
        }
    }
    precondition(sink.isFinite)
    measureTrees(&report)
}

private func measureConversions(_ dtype: DType, _ values: [Float], _ report: inout Report, _ repeats: Int) {
    let size = dtype.block.bytes(of: 0..<values.count).count
    var packed = [UInt8](repeating: 0, count: size)
    if dtype.isBlendable { measureRounding(values, to: dtype, into: &packed, &report, repeats) }
    var output = values
    report.measure("widen \(dtype.rawValue)", bytes: repeats * (size + values.count * 4)) {
        for _ in 0..<repeats {
            var target = output.mutableSpan
            widen(packed.span.bytes, dtype, into: &target)
        }
    }
    var sink = 0
    report.measure("look for nonfinite \(dtype.rawValue)", bytes: repeats * size) {
        for _ in 0..<repeats { sink += firstNonfinite(packed.span.bytes, dtype) ?? 0 }
    }
    precondition(sink >= 0)
}

private func measureRounding(
    _ values: [Float],
    to dtype: DType,
    into packed: inout [UInt8],
    _ report: inout Report,
    _ repeats: Int
) {
    report.measure("narrow \(dtype.rawValue)", bytes: repeats * (packed.count + values.count * 4)) {
        for _ in 0..<repeats {
            var elements = packed.mutableSpan
            var target = elements.mutableBytes
            narrow(values.span, to: dtype, into: &target)
        }
    }
}

/// Whole trees over bfloat16 tensors in memory, on one core; bytes are those of the inputs and the output, once.
private func measureTrees(_ report: inout Report) {
    let count = 1 << 22
    let source = MemorySource(tensorCount: 4, elementCount: count)
    for (method, inputs, needsBase, values) in [
        ("linear", 3, false, ["weight": 0.3]),
        ("slerp", 2, false, [:]),
        ("task_arithmetic", 3, true, ["weight": 0.3]),
        ("ties", 3, true, ["weight": 0.3, "density": 0.5]),
        ("dare_ties", 3, true, ["weight": 0.3, "density": 0.5]),
        ("della", 3, true, ["weight": 0.3, "density": 0.5]),
        ("model_stock", 3, true, [:]),
        ("sce", 3, true, [:]),
        ("arcee_fusion", 2, false, [:]),
    ] as [(String, Int, Bool, [String: Double])] {
        let blend = MergeBlend(
            method,
            of: (0..<inputs).map { .source($0, .bfloat16) },
            base: needsBase ? .source(3, .bfloat16) : nil,
            MergeParameters(
                global: method == "slerp" ? ["t": 0.4] : [:],
                inputs: (0..<inputs).map { _ in values }
            ),
            random: RandomKey(seed: 1, node: "out", tensor: "t")
        )
        var bytes = [UInt8](repeating: 0, count: count * 2)
        report.measure("tree \(method)", bytes: 2 * count * (inputs + (needsBase ? 2 : 1)), runs: 9) {
            do {
                var evaluator = try MergeEvaluator(.blend(blend), shape: [1024, count / 1024])
                try evaluator.prepare(reading: source, on: SerialLoop())
                let workspace = evaluator.makeWorkspace()
                var span = bytes.mutableSpan
                var raw = span.mutableBytes
                try evaluator.evaluate(0..<count, reading: source, in: workspace, as: .bfloat16, into: &raw)
            } catch { preconditionFailure("\(error)") }
        }
    }
}

/// Fine-tunes of the last tensor, stored as bfloat16.
private struct MemorySource: BlockSource {
    private let tensors: [[UInt8]]

    init(tensorCount: Int, elementCount: Int) {
        var generator = Draws()
        let base = (0..<elementCount).map { _ in generator.next() * 0.05 }
        tensors = (0..<tensorCount).map { tensor in
            var bytes = [UInt8](repeating: 0, count: 2 * elementCount)
            let values = tensor == tensorCount - 1 ? base : base.map { $0 + generator.next() * 0.002 }
            var span = bytes.mutableSpan
            var raw = span.mutableBytes
            narrow(values.span, to: .bfloat16, into: &raw)
            return bytes
        }
    }

    func read(_ elements: Range<Int>, of source: Int, into bytes: inout MutableRawSpan) throws(BlockSourceError) {
        bytes.withUnsafeMutableBytes { target in
            tensors[source].withUnsafeBytes { stored in
                target.copyMemory(
                    from: UnsafeRawBufferPointer(
                        rebasing: stored[(2 * elements.lowerBound)..<(2 * elements.upperBound)]
                    )
                )
            }
        }
    }
}

/// Numbers between −1 and 1, more of them near 0.
private struct Draws {
    private var state: UInt64 = 42

    mutating func next() -> Float {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let x = Float(Int64(bitPattern: state) >> 40) * 0x1p-23
        return x * x * x
    }
}
