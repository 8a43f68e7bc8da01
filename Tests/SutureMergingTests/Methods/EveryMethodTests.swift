import SutureKernels
import SutureMerging
import SutureTensors
import SutureTestSupport
import Testing

@Suite("Every merge method", .tags(.slow), .unlessQuick)
struct EveryMethodTests {
    static let names = registry.names
    static let randomNames = ["dare_linear", "dare_ties", "della", "della_linear"]
    static let shapes: [Shape] = [[24], [24, 16], [3, 8, 12]]

    /// An example with values under which a method has the properties.
    private func neutral(_ name: String, shape: Shape, inputCount: Int? = nil) throws -> Example {
        var example = try Example(name, shape: shape, inputCount: inputCount)
        example.set(MethodTraits.of(name).neutral)
        return example
    }

    /// An example in which all the weight is on the first input.
    private func weighted(_ name: String) throws -> Example {
        let descriptor = try required(registry[named: name]).descriptor
        var example = try neutral(name, shape: [24, 16], inputCount: descriptor.inputs.contains(2) ? 2 : 1)
        if let first = MethodTraits.of(name).first {
            example.set(first)
        } else {
            example.parameters.inputs = [["weight": 1], ["weight": 0]]
        }
        return example
    }

    @Test("gives back what all inputs are", arguments: names, shapes)
    func givesBackWhatAllInputsAre(_ name: String, shape: Shape) throws {
        var example = try neutral(name, shape: shape)
        let input = example.inputs[0]
        example.inputs = example.inputs.map { _ in input }
        if MethodTraits.of(name).startsAtBase { example.base = input }
        #expect(distance(try example.merged(), input.map { Double($0) }) <= 1e-6)
    }

    @Test("with all the weight on the first input gives the first", arguments: names)
    func weightOnTheFirst(_ name: String) throws {
        guard MethodTraits.of(name).lacks[.givesTheFirst] == nil else {
            let descriptor = try required(registry[named: name]).descriptor
            #expect(descriptor.parameter(named: "weight") == nil)
            return
        }
        let example = try weighted(name)
        #expect(distance(try example.merged(), example.inputs[0].map { Double($0) }) <= 1e-6)
    }

    @Test("does not care for the order of equal inputs", arguments: names)
    func orderOfEqualInputs(_ name: String) throws {
        let descriptor = try required(registry[named: name]).descriptor
        let isOrdered = MethodTraits.of(name).lacks[.ignoresOrder] != nil
        guard descriptor.inputs.upperBound > 1 else { return #expect(isOrdered) }
        var example = try Example(name, shape: [24, 16])
        example.thin()
        let forward = try example.merged()
        example.inputs.reverse()
        example.names.reverse()
        let far = distance(try example.merged(), forward.map { Double($0) })
        #expect(isOrdered ? far > 1e-3 : far <= 1e-6)
    }

    @Test("is what it means, of any length", arguments: names)
    func anyLength(_ name: String) throws {
        for count in Array(0...130) + [20_011] {
            var example = try Example(name, shape: [count])
            if !Self.randomNames.contains(name) { example.thin() }
            let merged = try example.merged()
            #expect(merged.count == count)
            let reference = try required(try example.reference())
            #expect(distance(merged, reference) <= 2e-6, "\(count) elements")
        }
    }

    @Test("is what it means, in any shape", arguments: names, shapes + [[1, 17], [17, 1], [2, 1, 5], [1, 4, 4]])
    func anyShape(_ name: String, shape: Shape) throws {
        var example = try Example(name, shape: shape)
        if !Self.randomNames.contains(name) { example.thin() }
        #expect(distance(try example.merged(), try required(try example.reference())) <= 2e-6)
    }

    @Test("reads numbers as they are stored", arguments: names, DType.allCases.filter { $0.isPlainFloat })
    func anyDType(_ name: String, dtype: DType) throws {
        var example = try Example(name, shape: [24, 16])
        example.store(as: dtype)
        // Few bits make differences that cancel out exactly, and then noise decides; odd weights leave none such.
        if example.known("weight") {
            example.parameters.inputs = zip([0.31, 0.47, 0.22], example.inputs).map { weight, _ in ["weight": weight] }
        }
        if example.known("mask") { example.set(["mask": 0.3712]) }
        if !Self.randomNames.contains(name) { example.thin() }
        #expect(distance(try example.merged(), try required(try example.reference())) <= 2e-6)
    }

    @Test("names the input and the element that is not finite", arguments: names, [Float.nan, .infinity, -.infinity])
    func namesWhatIsNotFinite(_ name: String, value: Float) throws {
        let example = try Example(name, shape: [24, 16])
        // The inputs, and behind them the base.
        for source in 0..<(example.inputs.count + (example.base == nil ? 0 : 1)) {
            var spoiled = example
            if source < example.inputs.count {
                spoiled.inputs[source][131] = value
            } else {
                spoiled.base?[131] = value
            }
            let error = #expect(throws: MergeEvaluationError.self) { try spoiled.merged() }
            guard case .nonfinite(source, 131)? = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            let merged = try spoiled.merged(options: .init(allowsNonfinite: true))
            #expect(merged.count == 24 * 16)
        }
    }

    @Test("gives the same bytes on eight threads and in any pieces", arguments: names)
    func sameBytesAnyhow(_ name: String) throws {
        var example = try Example(name, shape: [61, 400])
        example.thin()
        // Small blocks, so that there are several chunks to fold.
        let serial = try example.merged(block: 1024)
        #expect(try example.merged(on: ThreadedLoop(workerCount: 8), block: 1024, piece: 7003) == serial)
    }

    @Test("costs what it says", arguments: names)
    func costsWhatItSays(_ name: String) throws {
        var example = try Example(name, shape: [64, 32])
        example.thin()
        var evaluator = try MergeEvaluator(example.tree, shape: example.shape, methods: registry)
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
