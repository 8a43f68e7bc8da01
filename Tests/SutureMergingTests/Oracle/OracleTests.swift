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

    struct Difference {
        let element: Int
        let got: Float
        let expected: Float
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
            // What is tied at the edge of what is kept may be another element, but never another number of them.
            let tied = tensor.tiedElements()
            let free = far.filter { !tied.contains($0.element) }
            #expect(free.isEmpty, "\(tensor.name): \(free.count) of \(tensor.shape), first \(free.prefix(3))")
            #expect(far.count <= tied.count)
        }
    }

    private func elementsFarApart(_ bytes: [UInt8], _ expected: TinySafetensors.Entry) -> [Difference] {
        let a = load(bytes, expected.dtype)
        let b = load(expected.bytes, expected.dtype)
        let largest = b.map { abs($0) }.max() ?? 0
        return a.indices.filter { i in
            switch expected.dtype {
            case .float32: !(abs(a[i] - b[i]) <= 4e-6 * largest)
            default: abs(steps(a[i], expected.dtype) - steps(b[i], expected.dtype)) > 4
            }
        }.map { Difference(element: $0, got: a[$0], expected: b[$0]) }
    }

    /// The place of a 16-bit number among all numbers of its dtype.
    private func steps(_ value: Float, _ dtype: DType) -> Int {
        let bytes = store([abs(value)], as: dtype)
        let magnitude = Int(bytes[0]) | Int(bytes[1]) << 8
        return value.sign == .minus ? -magnitude : magnitude
    }
}
