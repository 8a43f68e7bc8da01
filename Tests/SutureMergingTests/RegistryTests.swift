import SutureMergekit
import SutureMerging
import SutureTensors
import Testing

@Suite("The registry")
struct RegistryTests {
    static let descriptors = registry.methods.map { $0.descriptor }

    @Test("has all of mergekit's methods")
    func allMethods() {
        let mergekit: Set = [
            "linear", "slerp", "nuslerp", "passthrough", "model_stock", "arcee_fusion", "karcher", "task_arithmetic",
            "ties", "dare_ties", "dare_linear", "breadcrumbs", "breadcrumbs_ties", "della", "della_linear",
            "multislerp", "nearswap", "sce", "ram", "ramplus_tl",
        ]
        #expect(mergekit.isSubset(of: registry.names))
    }

    @Test("holds every file of the methods' folder")
    func everyFile() throws {
        let folder =
            #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
            + "/Sources/SutureMerging/Methods"
        let files = try namesInFolder(folder).flatMap { try namesInFolder("\(folder)/\($0)") }
        let types = registry.methods.map { "\($0).swift" }
        #expect(files.sorted() == types.sorted())
    }

    @Test("names are found, and none has two meanings")
    func names() throws {
        #expect(Set(registry.names).count == registry.names.count)
        for name in registry.names { #expect(registry[named: name]?.descriptor.name == name) }
        #expect(registry[named: "no such"] == nil)
    }

    @Test("every descriptor says what it must", arguments: registry.names)
    func descriptors(_ name: String) throws {
        let descriptor = try required(registry[named: name]).descriptor
        #expect(!descriptor.title.isEmpty && !descriptor.summary.isEmpty)
        #expect(descriptor.fragment.contains("method: \(name)"))
        #expect(descriptor.fragment.contains("base:") == descriptor.needsBase)
        for parameter in descriptor.parameters {
            #expect(!parameter.summary.isEmpty && !parameter.rangeText.isEmpty)
            if let value = parameter.defaultValue { #expect(parameter.takes(value)) }
            if parameter.isRequired, case .number = parameter.kind {
                #expect(descriptor.fragment.contains("\(parameter.name): "))
            }
        }
        #expect(Set(descriptor.parameters.map { $0.name }).count == descriptor.parameters.count)
        for decision in descriptor.decisions {
            #expect(
                !(registry.emulation?.departures(from: decision) ?? []).contains { $0.words == decision.documented }
            )
        }
    }

    @Test("all that is wrong with a blend is found at once")
    func faults() throws {
        let descriptor = try required(registry[named: "ties"]).descriptor
        let faults = descriptor.faults(
            in: MergeParameters(
                global: ["densty": 0.5, "normalize": 2],
                inputs: [["weight": 1, "density": 1.5], ["lambda": 1]]
            ),
            layout: MergeLayout(shape: [4], inputCount: 2, hasBase: false)
        )
        let words = faults.map { $0.description }
        #expect(
            words == [
                "ties works on differences from a base, and no base is given",
                "ties has no parameter 'densty'; it has 'weight', 'density', 'lambda', 'normalize', 'rescale'",
                "'normalize' is 2, and ties takes true or false",
                "'density' of input 1 is 1.5, and ties takes 0 to 1",
                "ties has no parameter 'lambda' of input 2; it has 'weight', 'density'",
                "ties needs 'weight' of input 2 and none is given",
            ]
        )
    }

    @Test(
        "weights that sum to 0 cannot be divided by their sum, and mergekit's numbers for them are no numbers",
        arguments: [("linear", [0, 0]), ("linear", [1, -1]), ("multislerp", [0, 0]), ("nuslerp", [0, 0])]
    )
    func weightsThatSumToZero(method: String, weights: [Double]) throws {
        var example = try Example(method, shape: [32], inputCount: 2)
        example.parameters.inputs = weights.map { ["weight": $0] }
        #expect(throws: MergeTreeError.self) { try example.merged() }
        example.parameters.compatibility = .release(.mergekit015, .float32)
        // mergekit's nuslerp takes the middle.
        #expect(try example.merged().contains { $0.isFinite } == (method == "nuslerp"))
    }

    @Test("where mergekit does otherwise, the tensor says so")
    func decisionsAreNoted() throws {
        func noted(_ example: Example) throws -> [String] {
            var evaluator = try MergeEvaluator(example.tree, shape: example.shape, methods: registry)
            try evaluator.prepare(reading: example.source, on: SerialLoop())
            return evaluator.appliedDecisions.map { $0.id }
        }
        var breadcrumbs = try Example("breadcrumbs", shape: [32])
        breadcrumbs.parameters.global = ["density": 0.9]
        #expect(try noted(breadcrumbs) == ["breadcrumbs-no-outliers"])
        breadcrumbs = try Example("breadcrumbs", shape: [320])
        breadcrumbs.parameters.global = ["density": 0.9]
        #expect(try noted(breadcrumbs).isEmpty)

        var ties = try Example("ties", shape: [32])
        ties.parameters.global = ["density": 0]
        #expect(try noted(ties) == ["nothing-kept"])
        #expect(try ties.merged() == required(ties.base))

        var slerp = try Example("slerp", shape: [32])
        slerp.inputs[0] = slerp.inputs[0].map { _ in 0 }
        #expect(try noted(slerp) == ["slerp-zero-vector"])
        slerp.parameters.compatibility = .release(.mergekit015, .float32)
        #expect(try noted(slerp).isEmpty)
    }
}
