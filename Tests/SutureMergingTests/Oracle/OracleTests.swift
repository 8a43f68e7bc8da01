import SutureMergekit
import SutureMerging
import SutureTensors
import Testing

@Suite("mergekit's own numbers")
struct OracleTests {
    /// Cases in which a decision makes every tensor another than mergekit's.
    static let decided: Set = ["breadcrumbs-gamma-0", "nuslerp-opposite", "ties-density-0"]

    /// A case as a release of mergekit merged it.
    struct Merged: CustomTestStringConvertible {
        let name: String
        let version: MergeRelease

        var testDescription: String { "\(name), \(version.version)" }

        func read() throws -> OracleCase { try OracleCase(name, version) }
    }

    static let cases = Mergekit.releases.flatMap { version in
        ((try? OracleCase.names(version)) ?? []).map { Merged(name: $0, version: version) }
    }

    @Test("all cases are there")
    func casesAreThere() {
        #expect(Self.cases.count { $0.version == .mergekit014 } == 51)
        #expect(Self.cases.count { $0.version == .mergekit015 } == 54)
    }

    struct Difference {
        let element: Int
        let got: Float
        let expected: Float
    }

    /// Float32 to 4 millionths of the tensor's largest value, 16-bit dtypes to 4 steps, passthrough to the bit.
    @Test("come out bug for bug", arguments: cases)
    func comeOutBugForBug(_ merged: Merged) throws {
        let example = try merged.read()
        for tensor in try example.tensors(.release(merged.version, example.dtype)) {
            let expected = try required(example.expected.tensors[tensor.name])
            let result = try evaluate(tensor.tree, shape: tensor.shape, tensor.source, as: expected.dtype)
            if example.method == "passthrough" {
                #expect(result == expected.bytes, "\(tensor.name)")
                continue
            }
            // Even of what is tied at the edge of what is kept, the same is kept.
            let far = elementsFarApart(result, expected)
            #expect(far.isEmpty, "\(tensor.name): \(far.count) of \(tensor.shape), first \(far.prefix(3))")
        }
    }

    /// What a case's results are off from double precision, summed over the elements on whose meaning both agree.
    private struct Errors {
        var documented = 0.0
        var mergekit = 0.0
        var stepwise = 0.0
        var tensorCount = 0
    }

    /// Measures a case: as documented, as mergekit wrote it, and as it is computed here in mergekit's steps.
    ///
    /// Where a decision makes a tensor another than mergekit's, mergekit's is far off for that reason, and where
    /// magnitudes are tied it may have kept others; neither says anything of arithmetic.
    private func errors(of example: OracleCase) throws -> Errors {
        var errors = Errors()
        for (tensor, stepwise) in zip(
            try example.tensors(.documented),
            try example.tensors(.release(example.version, example.dtype))
        ) {
            let expected = try required(example.expected.tensors[tensor.name])
            let isDefect = load(expected.bytes, expected.dtype).contains { $0.isNaN }
            guard try !isDefect && tensor.appliedDecisions().isEmpty else { continue }
            let truth = try required(try tensor.reference())
            let tied = tensor.tiedElements()
            func error(_ bytes: [UInt8]) -> Double {
                zip(load(bytes, expected.dtype), truth).enumerated().reduce(0) { sum, pair in
                    let step = Double(pair.element.0) - pair.element.1
                    return tied.contains(pair.offset) ? sum : sum + step * step
                }
            }
            func computed(_ tensor: OracleCase.Tensor) throws -> [UInt8] {
                try evaluate(tensor.tree, shape: tensor.shape, tensor.source, as: expected.dtype)
            }
            errors.documented += error(try computed(tensor))
            errors.mergekit += error(expected.bytes)
            errors.stepwise += error(try computed(stepwise))
            errors.tensorCount += 1
        }
        return errors
    }

    @Test("documented numbers are no further from the truth than mergekit's", arguments: cases)
    func noFurtherFromTheTruth(_ merged: Merged) throws {
        let example = try merged.read()
        let errors = try errors(of: example)
        #expect((errors.tensorCount == 0) == Self.decided.contains(example.name))
        #expect(errors.documented <= errors.mergekit * (1 + 1e-9))
        // From 0.1.5 on, linear rounds once too.
        let roundsOnce = example.version == .mergekit015 && example.method == "linear"
        guard example.method != "passthrough", !roundsOnce, errors.tensorCount > 0 else { return }
        // The comparison can tell: mergekit's numbers are not the truth, and rounding each step, as it does in 16 bits
        // for every method but slerp, shows.
        #expect(errors.mergekit > 0)
        if example.dtype != .float32, example.method != "slerp" { #expect(errors.stepwise > errors.documented) }
    }

    private func elementsFarApart(_ bytes: [UInt8], _ expected: TinySafetensors.Entry) -> [Difference] {
        let a = load(bytes, expected.dtype)
        let b = load(expected.bytes, expected.dtype)
        let largest = b.filter { $0.isFinite }.map { abs($0) }.max() ?? 0
        return a.indices.filter { i in
            switch expected.dtype {
            case _ where a[i].isNaN && b[i].isNaN: false
            case .float32: !(abs(a[i] - b[i]) <= 4e-6 * largest)
            default: a[i].isNaN || b[i].isNaN || abs(steps(a[i], expected.dtype) - steps(b[i], expected.dtype)) > 4
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
