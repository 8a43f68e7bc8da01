import SutureKernels
import SutureMergekit
import SutureMerging
import SutureTensors
import Testing

/// mergekit's steps in 16 bits go other ways to the same place: this holds each to it.
@Suite("mergekit's steps in 16 bits")
struct SixteenBitTests {
    /// Those that draw differ by what they draw, and `arcee_fusion` by softmaxes that 16 bits hardly tell apart.
    static let names = registry.names.filter {
        !EveryMethodTests.randomNames.contains($0) && $0 != "arcee_fusion"
    }

    static let steps = Mergekit.releases.flatMap { version in
        [DType.bfloat16, .float16].map { (version: version, dtype: $0) }
    }

    @Test("give a lone model of multislerp back as it is, whatever the base", arguments: steps)
    func lone(version: MergeRelease, dtype: DType) throws {
        var example = try Example("multislerp", shape: [24, 16], inputCount: 1, base: true)
        // Their difference needs more bits than there are.
        example.base = example.inputs[0].map { 300 - $0 }
        example.store(as: dtype)
        example.parameters.compatibility = .release(version, dtype)
        #expect(try example.merged() == example.inputs[0])
    }

    @Test("come near the documented numbers", arguments: names, steps)
    func comeNear(_ name: String, steps: (version: MergeRelease, dtype: DType)) throws {
        let (version, dtype) = steps
        var example = try Example(name, shape: [24, 40])
        func rounded(_ values: [Float]) -> [Float] { load(store(values, as: dtype), dtype) }
        // Far from the base, so that the rounding of small differences is not all there is to see.
        example.inputs = example.inputs.enumerated().map { input, values in
            rounded(values.enumerated().map { $1 * (1 + 0.5 * Float(($0 * 31 + input * 17) % 13 - 6) / 6) })
        }
        example.base = example.base.map { rounded($0) }
        // Where differences point apart, mergekit goes beyond the base and the documented meaning does not.
        if name == "model_stock" { example.inputs[2] = example.inputs[0] }
        if name == "model_stock" { example.inputs[1] = example.inputs[0].map { $0 * 1.25 } }
        let documented = try example.merged()
        example.parameters.compatibility = .release(version, dtype)
        let stepwise = try example.merged()
        let length = documented.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        let apart = zip(documented, stepwise).reduce(0) {
            $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1)
        }.squareRoot()
        #expect(apart <= (dtype == .bfloat16 ? 0.04 : 0.004) * length)
        if !registry.writesFloat32(name) {
            #expect(stepwise == rounded(stepwise))
        }
    }
}
