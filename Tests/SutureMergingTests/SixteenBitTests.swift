import SutureKernels
import SutureMerging
import SutureTensors
import Testing

/// mergekit's steps in 16 bits go other ways to the same place: this holds each to it.
@Suite("mergekit's steps in 16 bits")
struct SixteenBitTests {
    static let names = MergeRegistry.names.filter { !EveryMethodTests.randomNames.contains($0) }

    @Test("come near the documented numbers", arguments: names, [DType.bfloat16, .float16])
    func comeNear(_ name: String, _ dtype: DType) throws {
        var example = try Example(name, shape: [24, 40])
        func rounded(_ values: [Float]) -> [Float] { load(store(values, as: dtype), dtype) }
        // Far from the base, so that the rounding of small differences is not all there is to see.
        example.inputs = example.inputs.enumerated().map { input, values in
            rounded(values.enumerated().map { $1 * (1 + 0.5 * Float(($0 * 31 + input * 17) % 13 - 6) / 6) })
        }
        example.base = example.base.map { rounded($0) }
        let documented = try example.merged()
        example.parameters.compatibility = .mergekit(dtype)
        let stepwise = try example.merged()
        let length = documented.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        let apart = zip(documented, stepwise).reduce(0) {
            $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1)
        }.squareRoot()
        // Elements at a threshold may fall on either side of it.
        let isSelective = ["arcee_fusion"].contains(name)
        #expect(apart <= (isSelective ? 0.1 : (dtype == .bfloat16 ? 0.02 : 0.003)) * length)
        if !(try required(MergeRegistry[named: name]).descriptor.mergekitWritesFloat32) {
            #expect(stepwise == rounded(stepwise))
        }
    }
}
