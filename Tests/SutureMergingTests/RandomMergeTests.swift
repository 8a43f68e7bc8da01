import SutureKernels
import SutureMerging
import SutureTensors
import Testing

@Suite("Methods that draw")
struct RandomMergeTests {
    static let names = EveryMethodTests.randomNames

    private func example(_ name: String, density: Double = 0.4) throws -> Example {
        var example = try Example(name, shape: [100, 250], inputCount: 1)
        example.parameters.inputs = [["weight": 1, "density": density]]
        return example
    }

    /// What is left of the differences, in parts of what they were.
    private func parts(_ example: Example) throws -> [Double] {
        let base = try required(example.base)
        return zip(zip(try example.merged(), base), example.inputs[0]).map { pair, input in
            Double(pair.0 - pair.1) / Double(input - pair.1)
        }
    }

    @Test("keep as many differences as the density says, to four deviations", arguments: names, [0.2, 0.4, 0.7])
    func keepRate(_ name: String, density: Double) throws {
        let kept = try parts(try example(name, density: density)).count { abs($0) > 0.01 }
        let deviation = (25_000 * density * (1 - density)).squareRoot()
        #expect(abs(Double(kept) - 25_000 * density) <= 4 * deviation)
    }

    @Test("preserve the expected difference", arguments: names)
    func expectation(_ name: String) throws {
        // Without a division by the weights that agree, which has another expectation.
        var example = try example(name)
        example.parameters.global["normalize"] = 0
        let parts = try parts(example)
        let mean = parts.reduce(0, +) / Double(parts.count)
        let variance = parts.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(parts.count)
        #expect(abs(mean - 1) <= 4 * (variance / Double(parts.count)).squareRoot())
    }

    @Test("keep large differences more often where ranks count", arguments: ["della", "della_linear"])
    func ranksCount(_ name: String) throws {
        var example = try example(name, density: 0.5)
        example.parameters.inputs[0]["epsilon"] = 0.4
        let base = try required(example.base)
        let parts = try parts(example)
        let sizes = zip(example.inputs[0], base).map { abs($0 - $1) }
        let middle = sizes.sorted()[sizes.count / 2]
        let small = sizes.indices.filter { sizes[$0] < middle }
        let large = sizes.indices.filter { sizes[$0] >= middle }
        let smallRate = Double(small.count { abs(parts[$0]) > 0.01 }) / Double(small.count)
        let largeRate = Double(large.count { abs(parts[$0]) > 0.01 }) / Double(large.count)
        // On average 0.3 and 0.7.
        #expect(abs(smallRate - 0.3) < 0.03 && abs(largeRate - 0.7) < 0.03)
    }

    @Test("probabilities outside 0 and 1 are refused", arguments: ["della", "della_linear"], [0.1, 0.9])
    func probabilitiesAreChecked(_ name: String, density: Double) throws {
        let example = try example(name, density: density)
        #expect(throws: MergeTreeError.self) { try example.merged() }
    }

    @Test("in mergekit's way, restore the sum of magnitudes", arguments: names)
    func mergekitRestoresSums(_ name: String) throws {
        var example = try example(name)
        example.parameters.compatibility = .mergekit(.float32)
        example.parameters.global["normalize"] = 0
        let base = try required(example.base)
        let before = zip(example.inputs[0], base).reduce(0.0) { $0 + Double(abs($1.0 - $1.1)) }
        let after = zip(try example.merged(), base).reduce(0.0) { $0 + Double(abs($1.0 - $1.1)) }
        #expect(abs(after / before - 1) <= 1e-4)
    }
}
