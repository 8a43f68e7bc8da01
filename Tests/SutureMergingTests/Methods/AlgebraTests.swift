import SutureMergekit
import SutureMerging
import SutureTensors
import Testing

@Suite("What a method's values tell of its result")
struct AlgebraTests {
    /// Values between and at the ends of what a method does.
    private func examples(_ name: String) throws -> [Example] {
        let descriptor = try required(registry[named: name]).descriptor
        return try [0, 0.25, 1].map { value in
            var example = try Example(name, shape: [24, 16], inputCount: descriptor.inputs.contains(2) ? 2 : nil)
            if descriptor.parameter(named: "t")?.takes(value) ?? false { example.parameters.global["t"] = value }
            if descriptor.parameter(named: "scale") != nil { example.parameters.inputs[0]["scale"] = value }
            if descriptor.parameter(named: "weight") != nil, example.inputs.count == 2 {
                example.parameters.inputs[0]["weight"] = value
                example.parameters.inputs[1]["weight"] = 1 - value
            }
            return example
        }
    }

    @Test("is so of its numbers", arguments: registry.names)
    func isSo(_ name: String) throws {
        let method = try required(registry[named: name])
        for var example in try examples(name) {
            let algebra = method.algebra(of: example.parameters)
            if let (input, factor) = algebra.multiple {
                #expect(try example.merged() == example.inputs[input].map { $0 * Float(factor) })
            }
            if algebra.isMean {
                let first = example.inputs[0]
                example.inputs = example.inputs.map { _ in first }
                #expect(distance(try example.merged(), first.map { Double($0) }) <= 1e-6)
            }
            if algebra.isSum {
                example.inputs = example.inputs.map { $0.map { _ in 0 } }
                example.base = example.base?.map { _ in 0 }
                #expect(try example.merged().allSatisfy { $0 == 0 })
            }
        }
    }

    @Test("an interpolation's ends, one input that counts and an unscaled tensor are copies")
    func copies() throws {
        func copied(_ name: String, _ example: Int, in version: MergeRelease? = nil) throws -> Int? {
            registry.algebra(of: name, try examples(name)[example].parameters, in: version).multiple?.input
        }
        for name in ["lerp", "slerp", "linear"] {
            #expect(try copied(name, 0) == (name == "linear" ? 1 : 0))
            #expect(try copied(name, 1) == nil)
            #expect(try copied(name, 2, in: .mergekit015) == (name == "linear" ? 0 : 1))
        }
        #expect(try copied("passthrough", 2) == 0)
        #expect(try copied("ties", 2) == nil)
    }
}
