import SutureMerging
import SutureTensors
import Testing

@Suite("mergekit's own numbers")
struct OracleTests {
    static let names: [String] = (try? OracleCase.names()) ?? []

    @Test("all cases are there")
    func casesAreThere() {
        #expect(Self.names.count >= 39)
    }

    /// Float32 to 4 millionths of the tensor's largest value, 16-bit dtypes to 4 steps, passthrough to the bit.
    @Test("come out bug for bug", arguments: names)
    func comeOutBugForBug(_ name: String) throws {
        let example = try OracleCase(name)
        for tensor in try example.tensors(.mergekit(example.dtype)) {
            let expected = try required(example.expected.tensors[tensor.name])
            let result = try evaluate(tensor.tree, shape: tensor.shape, tensor.source, as: expected.dtype)
            if example.method == "passthrough" {
                #expect(result == expected.bytes, "\(tensor.name)")
                continue
            }
            let far = elementsFarApart(result, expected)
            #expect(far.isEmpty, "\(tensor.name): \(far.count) of \(tensor.shape), first \(far.prefix(3))")
        }
    }

    private func elementsFarApart(_ bytes: [UInt8], _ expected: TinySafetensors.Entry) -> [String] {
        let a = load(bytes, expected.dtype)
        let b = load(expected.bytes, expected.dtype)
        let largest = b.map { abs($0) }.max() ?? 0
        return a.indices.filter { i in
            switch expected.dtype {
            case .float32: !(abs(a[i] - b[i]) <= 4e-6 * largest)
            default: abs(steps(a[i], expected.dtype) - steps(b[i], expected.dtype)) > 4
            }
        }.map { "\($0): \(a[$0]) not \(b[$0])" }
    }

    /// The place of a 16-bit number among all numbers of its dtype.
    private func steps(_ value: Float, _ dtype: DType) -> Int {
        let bytes = store([abs(value)], as: dtype)
        let magnitude = Int(bytes[0]) | Int(bytes[1]) << 8
        return value.sign == .minus ? -magnitude : magnitude
    }
}
