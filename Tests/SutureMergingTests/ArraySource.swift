import SutureKernels
import SutureMergekit
import SutureMerging
import SutureTensors

/// Sources held in memory.
struct ArraySource: BlockSource {
    private let sources: [(dtype: DType, bytes: [UInt8])]

    init(_ sources: [(DType, [UInt8])]) {
        self.sources = sources
    }

    /// Float32 sources.
    init(_ sources: [[Float]]) {
        self.sources = sources.map { (.float32, store($0, as: .float32)) }
    }

    func read(
        _ elements: Range<Int>,
        of source: Int,
        into bytes: inout MutableRawSpan
    ) throws(BlockSourceError) {
        let stored = sources[source].dtype.block.bytes(of: elements)
        precondition(bytes.byteCount == stored.count, "the bytes are not those of the elements")
        for i in 0..<bytes.byteCount {
            bytes.storeBytes(
                of: sources[source].bytes[stored.lowerBound + i],
                toByteOffset: i,
                as: UInt8.self
            )
        }
    }
}

/// Numbers as they are stored.
func store(_ values: [Float], as dtype: DType) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: dtype.block.bytes(of: 0..<values.count).count)
    var span = bytes.mutableSpan
    var raw = span.mutableBytes
    narrow(values.span, to: dtype, into: &raw)
    return bytes
}

/// Stored numbers as `Float`.
func load(_ bytes: [UInt8], _ dtype: DType) -> [Float] {
    var values = [Float](repeating: 0, count: bytes.count / dtype.block.byteCount * dtype.block.elementCount)
    var span = values.mutableSpan
    widen(bytes.span.bytes, dtype, into: &span)
    return values
}

/// All methods, and mergekit's numbers.
let registry = MergeRegistry(MergeRegistry.documented.methods, emulation: Mergekit())

/// Evaluates a whole tensor, in pieces of `piece` elements.
func evaluate(
    _ tree: MergeTree,
    shape: Shape,
    _ source: some BlockSource,
    as dtype: DType = .float32,
    options: MergeEvaluator.Options = .init(),
    on loop: some ParallelLoop = SerialLoop(),
    block: Int = MergeEvaluator.usualBlockCount,
    piece: Int = .max
) throws -> [UInt8] {
    var evaluator = try MergeEvaluator(tree, shape: shape, options: options, blockCount: block, methods: registry)
    try evaluator.prepare(reading: source, on: loop)
    let workspace = evaluator.makeWorkspace()
    var all: [UInt8] = []
    var start = 0
    while start < evaluator.elementCount {
        let end = min(evaluator.elementCount, piece == .max ? evaluator.elementCount : start + piece)
        var bytes = [UInt8](repeating: 0, count: dtype.block.bytes(of: start..<end).count)
        var span = bytes.mutableSpan
        var raw = span.mutableBytes
        try evaluator.evaluate(start..<end, reading: source, in: workspace, as: dtype, into: &raw)
        all += bytes
        start = end
    }
    return all
}
