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

    /// What random numbers depend on, where a test says so.
    var key: RandomKey?

    /// How the inputs and the base are stored.
    private(set) var dtype = DType.float32

    /// Fine-tunes of one base: alike, as real inputs are, and different everywhere.
    init(_ method: String, shape: Shape, inputCount: Int? = nil, base givesBase: Bool? = nil, seed: UInt64 = 1) throws {
        let descriptor = try required(registry[named: method]).descriptor
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
                of: inputs.indices.map { .source($0, dtype) },
                base: base == nil ? nil : .source(inputs.count, dtype),
                parameters,
                random: key ?? RandomKey(seed: 7, node: "out", tensor: "tensor", inputs: names)
            )
        )
    }

    var source: ArraySource {
        let all = inputs + (base.map { [$0] } ?? [])
        return ArraySource(all.map { (dtype, SutureMergingTests.store($0, as: dtype)) })
    }

    /// Stores inputs and base in a dtype; from then on they hold what it can hold.
    mutating func store(as dtype: DType) {
        self.dtype = dtype
        inputs = inputs.map { load(SutureMergingTests.store($0, as: dtype), dtype) }
        base = base.map { load(SutureMergingTests.store($0, as: dtype), dtype) }
    }

    /// Gives the method values, each input the same where it has its own.
    mutating func set(_ values: [String: Double]) {
        let perInput = registry[named: method]?.descriptor.parameters.filter { $0.scope == .perInput } ?? []
        for (name, value) in values {
            guard perInput.contains(where: { $0.name == name }) else {
                parameters.global[name] = value
                continue
            }
            for input in parameters.inputs.indices { parameters.inputs[input][name] = value }
        }
    }

    /// Has a method that can leave something out leave something out, and one that scales its result scale it.
    mutating func thin() {
        let values = ["density": 0.37, "gamma": 0.05, "select_topk": 0.3, "lambda": 0.8, "alpha": 0.6]
        set(values.filter { known($0.key) })
    }

    /// Whether the method has a parameter.
    func known(_ name: String) -> Bool { registry[named: method]?.descriptor.parameter(named: name) != nil }

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
