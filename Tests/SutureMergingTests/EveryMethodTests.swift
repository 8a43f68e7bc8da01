import SutureKernels
import SutureMerging
import SutureTensors
import Testing

@Suite("Every merge method")
struct EveryMethodTests {
    static let names = MergeRegistry.names
    static let randomNames = ["dare_linear", "dare_ties", "della", "della_linear"]
    static let shapes: [Shape] = [[24], [24, 16], [3, 8, 12]]

    /// Values under which a method must give back an input that is all its inputs.
    private func neutral(_ name: String, shape: Shape, inputCount: Int? = nil) throws -> Example {
        var example = try Example(name, shape: shape, inputCount: inputCount)
        switch name {
        case "consensus": example.parameters.global["k"] = 1
        case "magmax": example.parameters.inputs = example.inputs.map { _ in ["weight": 1] }
        case "lines": example.parameters.global["depth"] = 1
        default: break
        }
        return example
    }

    @Test("gives back what all inputs are", arguments: names, shapes)
    func givesBackWhatAllInputsAre(_ name: String, shape: Shape) throws {
        var example = try neutral(name, shape: shape)
        let input = example.inputs[0]
        example.inputs = example.inputs.map { _ in input }
        // These two move from a base toward or beyond the input: they are given the input for a base too.
        if ["add_difference", "nearswap"].contains(name) { example.base = input }
        let tolerance = name.hasPrefix("ram") ? 1e-5 / 0.05 : 1e-6
        #expect(distance(try example.merged(), input.map { Double($0) }) <= tolerance)
    }

    @Test("with all the weight on the first input gives the first", arguments: names)
    func weightOnTheFirst(_ name: String) throws {
        let descriptor = try required(MergeRegistry[named: name]).descriptor
        guard descriptor.parameter(named: "weight") != nil || descriptor.parameter(named: "t") != nil else { return }
        var example = try neutral(name, shape: [24, 16], inputCount: descriptor.inputs.contains(2) ? 2 : 1)
        if descriptor.parameter(named: "weight") != nil {
            example.parameters.inputs = [["weight": 1], ["weight": 0]]
        } else {
            example.parameters.global["t"] = 0
        }
        let first = name == "nearswap" ? try required(example.base) : example.inputs[0]
        #expect(distance(try example.merged(), first.map { Double($0) }) <= 1e-6)
    }

    @Test("does not care for the order of equal inputs", arguments: names)
    func orderOfEqualInputs(_ name: String) throws {
        let descriptor = try required(MergeRegistry[named: name]).descriptor
        // In these the first input has a part of its own.
        let isOrdered = ["lerp", "slerp", "add_difference", "arcee_fusion", "rescale_norm"].contains(name)
        guard !isOrdered, descriptor.inputs.contains(2) else { return }
        var example = try neutral(name, shape: [24, 16])
        for input in example.inputs.indices where descriptor.parameter(named: "density") != nil {
            example.parameters.inputs[input]["density"] = 0.5
        }
        let forward = try example.merged()
        example.inputs.reverse()
        example.names.reverse()
        #expect(distance(try example.merged(), forward.map { Double($0) }) <= 1e-6)
    }

    @Test("is what it means, of any length", arguments: names)
    func anyLength(_ name: String) throws {
        for count in Array(0...130) + [20_011] {
            let example = try neutral(name, shape: [count])
            let merged = try example.merged()
            #expect(merged.count == count)
            guard let reference = try example.reference() else { continue }
            #expect(distance(merged, reference) <= 2e-6, "\(count) elements")
        }
    }

    @Test("is what it means, in any shape", arguments: names, shapes)
    func anyShape(_ name: String, shape: Shape) throws {
        let example = try Example(name, shape: shape)
        guard let reference = try example.reference() else { return }
        #expect(distance(try example.merged(), reference) <= 2e-6)
    }

    @Test("names the input and the element that is not finite", arguments: names, [Float.nan, .infinity])
    func namesWhatIsNotFinite(_ name: String, value: Float) throws {
        var example = try Example(name, shape: [24, 16])
        let input = example.inputs.count - 1
        example.inputs[input][131] = value
        let error = #expect(throws: MergeEvaluationError.self) { try example.merged() }
        guard case .nonfinite(let source, let element)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(source == input && element == 131)
        #expect(try example.merged(options: .init(allowsNonfinite: true)).count == 24 * 16)
    }

    @Test("gives the same bytes on eight threads and in any pieces", arguments: names)
    func sameBytesAnyhow(_ name: String) throws {
        var example = try Example(name, shape: [61, 400])
        for input in example.inputs.indices
        where try required(MergeRegistry[named: name]).descriptor.parameter(named: "density") != nil {
            example.parameters.inputs[input]["density"] = 0.37
        }
        // Small blocks, so that there are several chunks to fold.
        let serial = try example.merged(block: 1024)
        #expect(try example.merged(on: ThreadedLoop(workerCount: 8), block: 1024, piece: 7003) == serial)
    }

    @Test("costs what it says", arguments: names)
    func costsWhatItSays(_ name: String) throws {
        var example = try Example(name, shape: [64, 32])
        for input in example.inputs.indices
        where try required(MergeRegistry[named: name]).descriptor.parameter(named: "density") != nil {
            example.parameters.inputs[input]["density"] = 0.5
        }
        var evaluator = try MergeEvaluator(example.tree, shape: example.shape)
        let workspace = evaluator.makeWorkspace()
        var passes = 0
        while let job = evaluator.nextSurvey() {
            passes += 1
            for chunk in 0..<job.chunkCount { job.run(chunk, reading: example.source, in: workspace) }
            evaluator.finish(job)
        }
        #expect(passes <= evaluator.cost.surveyCount)
        #expect(evaluator.isPrepared)
    }
}
