import SutureKernels
import SutureMergekit
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
        example.parameters.compatibility = .release(.mergekit015, .float32)
        example.parameters.global["normalize"] = 0
        let base = try required(example.base)
        let before = zip(example.inputs[0], base).reduce(0.0) { $0 + Double(abs($1.0 - $1.1)) }
        let after = zip(try example.merged(), base).reduce(0.0) { $0 + Double(abs($1.0 - $1.1)) }
        #expect(abs(after / before - 1) <= 1e-4)
    }

    @Test("in mergekit's way, sum magnitudes of binary16 in float32", arguments: names)
    func mergekitSumsHalves(_ name: String) throws {
        // Magnitudes that sum to far more than binary16 holds.
        var example = try example(name)
        example.inputs = example.inputs.map { $0.map { $0 * 1000 } }
        example.base = example.base.map { $0.map { $0 * 1000 } }
        example.store(as: .float16)
        example.parameters.compatibility = .release(.mergekit015, .float16)
        example.parameters.global["normalize"] = 0
        let base = try required(example.base)
        let differences = zip(example.inputs[0], base).map { Float16(Float16($0) - Float16($1)) }
        let merged = try example.merged()
        let kept = merged.indices.filter { merged[$0] != base[$0] }
        let before = differences.reduce(0.0) { $0 + Double(abs($1)) }
        let ratio = Float(before) / Float(kept.reduce(0.0) { $0 + Double(abs(differences[$1])) })
        #expect(before > 65504)
        let isSound = kept.allSatisfy { index in
            merged[index] == Float(Float16(base[index]) + Float16(Float(differences[index]) * ratio))
        }
        #expect(isSound, "one of \(kept.count) is another")
    }

    /// Which differences of one input are kept: 1, or 0 where one is dropped.
    private func mask(
        _ name: String,
        seed: UInt64 = 7,
        node: String = "out",
        tensor: String = "tensor"
    ) throws -> [Double] {
        var example = try example(name, density: 0.5)
        example.key = RandomKey(seed: seed, node: node, tensor: tensor, inputs: example.names)
        return try parts(example).map { abs($0) > 0.01 ? 1 : 0 }
    }

    private func correlation(_ a: [Double], _ b: [Double]) -> Double {
        let count = Double(a.count)
        let (meanA, meanB) = (a.reduce(0, +) / count, b.reduce(0, +) / count)
        var (ab, aa, bb) = (0.0, 0.0, 0.0)
        for (x, y) in zip(a, b) {
            ab += (x - meanA) * (y - meanB)
            aa += (x - meanA) * (x - meanA)
            bb += (y - meanB) * (y - meanB)
        }
        return ab / (aa * bb).squareRoot()
    }

    @Test("draw apart for each tensor, node and seed, and the same again for the same", arguments: names)
    func uncorrelated(_ name: String) throws {
        let first = try mask(name)
        #expect(try mask(name) == first)
        // Where ranks count, the same ranks make masks alike; with an even chance for all they do not.
        let isRanked = name.hasPrefix("della")
        let limit = 4 / Double(first.count).squareRoot() + (isRanked ? 0.1 : 0)
        for other in [
            try mask(name, tensor: "model.layers.1.mlp.up_proj.weight"),
            try mask(name, tensor: "model.layers.2.mlp.up_proj.weight"), try mask(name, node: "other"),
            try mask(name, seed: 8),
        ] { #expect(abs(correlation(first, other)) <= limit) }
    }

    @Test("draw apart for each input", arguments: names)
    func inputsDrawApart(_ name: String) throws {
        // Two inputs alike; where both are kept the sum is twice, where one is, once.
        var example = try Example(name, shape: [100, 250], inputCount: 2)
        example.inputs[1] = example.inputs[0]
        example.parameters.inputs = [["weight": 1, "density": 0.5], ["weight": 1, "density": 0.5]]
        example.parameters.global["normalize"] = 0
        example.parameters.global["rescale"] = 0
        let kept = try parts(example).map { Int($0.rounded()) }
        let shares = (0...2).map { number in Double(kept.count { $0 == number }) / Double(kept.count) }
        let deviation = (0.25 * 0.75 / Double(kept.count)).squareRoot()
        let slack = 4 * deviation + (name.hasPrefix("della") ? 0.03 : 0)
        #expect(abs(shares[0] - 0.25) <= slack && abs(shares[1] - 0.5) <= slack && abs(shares[2] - 0.25) <= slack)
    }

    @Test("drop a difference or make up for those dropped, at any length", arguments: names)
    func anyLength(_ name: String) throws {
        for count in Array(0...130) + [20_011] {
            var example = try Example(name, shape: [count], inputCount: 1)
            example.set(["weight": 1, "density": 0.4])
            if example.known("epsilon") { example.set(["epsilon": 0.2]) }
            // DARE divides by the density; DELLA by a probability from 0.2 to 0.6.
            let factors = name.hasPrefix("dare") ? 2.5...2.5 : 1 / 0.6...1 / 0.2
            let isSound = try parts(example).allSatisfy {
                abs($0) <= 1e-2 || (factors.lowerBound - 0.01...factors.upperBound + 0.01).contains($0)
            }
            #expect(isSound, "\(count) elements")
        }
    }
}
