import SutureKernels
import SutureMerging
import SutureTensors
import Synchronization
import Testing

/// Subtracts the mean of the whole tensor, and counts how often it is asked.
private struct CenteringMerge: MergeMethod {
    static let descriptor = MergeDescriptor(
        name: "centering",
        title: "Centering",
        summary: "takes the mean of a tensor away from it",
        inputs: 1...1,
        fragment: "blend: {method: centering, inputs: [a]}"
    )
    static let counts = Mutex<[Int]>([])

    init(_ values: MergeValues, layout: MergeLayout, random: RandomKey) {}

    var granularity: MergeGranularity { .wholeTensor(reason: "the mean is that of all elements") }

    func combine(_ block: inout MergeBlock, scratch: inout MergeScratch, into output: inout MutableSpan<Float>) {
        let count = block.count
        Self.counts.withLock { $0.append(count) }
        var sum: Float = 0
        for index in 0..<count { sum += block.input(0)[index] }
        for index in 0..<count { output[index] = block.input(0)[index] - sum / Float(count) }
    }
}

@Suite("A method that must see a tensor as a whole")
struct WholeTensorTests {
    @Test("computes it once, however many windows of it are written")
    func once() throws {
        let values = (0..<6000).map { Float($0 % 7) }
        let mean = values.reduce(0, +) / 6000
        let tree = MergeTree.blend(
            MergeBlend(
                "centering",
                of: [.source(0, .float32)],
                MergeParameters(),
                random: RandomKey(seed: 0, node: "", tensor: "")
            )
        )
        let evaluator = try MergeEvaluator(
            tree,
            shape: [60, 100],
            blockCount: 512,
            methods: MergeRegistry([CenteringMerge.self])
        )
        #expect(evaluator.cost.wholeTensorReason == "the mean is that of all elements")
        // The result is kept beside the rows and the source's bytes.
        #expect(evaluator.cost.workspaceByteCount >= 6000 * 4 * 4)
        let workspace = evaluator.makeWorkspace()
        var all: [UInt8] = []
        for start in stride(from: 0, to: 6000, by: 1250) {
            let window = start..<min(start + 1250, 6000)
            var bytes = [UInt8](repeating: 0, count: window.count * 4)
            var span = bytes.mutableSpan
            var raw = span.mutableBytes
            try evaluator.evaluate(
                window,
                reading: ArraySource([values]),
                in: workspace,
                as: .float32,
                into: &raw
            )
            all += bytes
        }
        #expect(load(all, .float32) == values.map { $0 - mean })
        #expect(CenteringMerge.counts.withLock { $0 } == [6000])
    }
}
