import SutureKernels
import SutureMerging
import SutureTensors

/// A merge that a test makes up: a method with fitting values, and numbers to merge.
struct Example {
    var method: String
    var inputs: [[Float]]
    var base: [Float]?
    var shape: Shape
    var parameters: MergeParameters
    var names: [String] = []

    /// Fine-tunes of one base: alike, as real inputs are, and different everywhere.
    init(_ method: String, shape: Shape, inputCount: Int? = nil, base givesBase: Bool? = nil, seed: UInt64 = 1) throws {
        let descriptor = try required(MergeRegistry[named: method]).descriptor
        let count = inputCount ?? min(descriptor.inputs.upperBound, max(descriptor.inputs.lowerBound, 3))
        let elements = try required(shape.elementCount)
        var generator = SplitMix(seed: seed)
        let origin = (0..<elements).map { _ in generator.normal() * 0.05 }
        self.method = method
        self.shape = shape
        inputs = (0..<count).map { _ in origin.map { $0 + generator.normal() * 0.01 } }
        base = givesBase ?? descriptor.needsBase ? origin : nil
        parameters = MergeParameters(
            inputs: (0..<count).map { _ in
                descriptor.parameter(named: "weight").map { [$0.name: 1 / Double(count)] } ?? [:]
            }
        )
        for parameter in descriptor.parameters where parameter.isRequired && parameter.scope == .global {
            parameters.global[parameter.name] = parameter.name == "t" && method == "nearswap" ? 0.005 : 0.4
        }
        names = (0..<count).map { "input \($0)" }
    }

    var tree: MergeTree {
        .blend(
            MergeBlend(
                method,
                of: inputs.indices.map { .source($0, .float32) },
                base: base == nil ? nil : .source(inputs.count, .float32),
                parameters,
                random: RandomKey(seed: 7, node: "out", tensor: "tensor", inputs: names)
            )
        )
    }

    var source: ArraySource { ArraySource(inputs + (base.map { [$0] } ?? [])) }

    func merged(
        options: MergeEvaluator.Options = .init(),
        on loop: some ParallelLoop = SerialLoop(),
        block: Int = MergeEvaluator.usualBlockCount,
        piece: Int = .max
    ) throws -> [Float] {
        load(
            try evaluate(tree, shape: shape, source, options: options, on: loop, block: block, piece: piece),
            .float32
        )
    }

    func reference() throws -> [Double]? {
        try Reference(method, inputs, base: base, rowLength: shape.rowLength, parameters).merged()
    }
}

/// A small generator of test numbers.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }

    /// A number with mean 0 and deviation 1, nearly normal: a sum of twelve uniform ones.
    mutating func normal() -> Float {
        (0..<12).reduce(-6) { sum, _ in sum + Float(next() >> 40) * 0x1p-24 }
    }
}

/// The largest distance between two tensors, relative to the second's largest value.
func distance(_ a: [Float], _ b: [Double]) -> Double {
    guard a.count == b.count else { return .infinity }
    let largest = b.reduce(0) { max($0, abs($1)) }
    let far = zip(a, b).reduce(0.0) { far, pair in
        let step = abs(Double(pair.0) - pair.1)
        return step.isNaN ? .infinity : max(far, step)
    }
    return largest > 0 ? far / largest : far
}
