import SutureCheckpoints
import SutureDiagnostics
import SutureKernels
import SutureMergekit
import SutureMerging
import SuturePlanning
import SutureRecipes
import SutureTestSupport
import SystemPackage
import Testing

@testable import SutureKit

/// The place in the middle between two models: all that a method of elements has to say.
private struct HalfwayMerge: ElementwiseMerge {
    static let descriptor = MergeDescriptor(
        name: "halfway",
        title: "Halfway",
        summary: "the middle between two models",
        inputs: 2...2,
        fragment: "blend: {method: halfway, inputs: [a, b]}"
    )

    init(_ values: MergeValues, layout: MergeLayout, random: RandomKey) {}

    func combine(_ block: inout MergeBlock, into output: inout MutableSpan<Float>) {
        block.combine([0.5, 0.5], into: &output)
    }
}

@Suite("A method that is one type and one value more in a registry")
struct AddedMethodTests {
    private let registry = {
        var registry = MergeRegistry.standard
        registry.methods.append(HalfwayMerge.self)
        return registry
    }()

    private func surgery(_ blend: String, in folder: FilePath) throws -> Surgery {
        let file = folder.appending("recipe.yml")
        let recipe = """
            slicegraph: 1
            inputs: {a: "synthetic:llama?layers=2&hidden=64&seed=1", b: "synthetic:llama?layers=2&hidden=64&seed=2"}
            graph: {out: {blend: {\(blend), inputs: [a, b]}}}
            """
        try FileSystem.write(recipe, to: file)
        var options = PlanningOptions()
        options.methods = registry
        return try Surgery(reading: file.string, options: options)
    }

    @Test("is planned, explained and built like any other")
    func built() throws {
        try TemporaryDirectory.with { folder in
            func weights(_ blend: String, _ name: String) throws -> [UInt8] {
                let result = try surgery(blend, in: folder).plan()
                let plan = try #require(result.plan, "\(result.diagnostics.map(\.message))")
                _ = try Surgery.build(plan, into: folder.appending(name).string)
                return try FileSystem.read(folder.appending(name).appending(plan.shards[0].name))
            }
            let halfway = try surgery("method: halfway", in: folder).plan()

            #expect(halfway.plan?.methodTitles == ["Halfway"])
            let explained = halfway.plan.flatMap { Explanation($0).text(of: "model.norm.weight") }
            #expect(explained?.contains("halfway") == true)
            #expect(try weights("method: halfway", "x") == weights("method: lerp, params: {t: 0.5}", "y"))
        }
    }

    @Test("is listed, explained and offered by the schema")
    func listed() throws {
        #expect(RecipeSchema.jsonSchema(RecipeVocabulary(registry)).contains("\"halfway\""))
        #expect(MethodsJSON(registry: registry).print(registry.methods).contains("\"the middle between two models\""))
        #expect(try MethodReport(named: "halfway", in: registry).text.contains("halfway: Halfway"))
    }

    @Test("is not known where nobody knows it")
    func unknown() throws {
        try TemporaryDirectory.with { folder in
            _ = try surgery("method: halfway", in: folder)
            let file = folder.appending("recipe.yml").string
            let error = #expect(throws: Diagnostics.self) { try Surgery(reading: file) }
            #expect(error?.all.map(\.code) == ["unknown-merge-method"])
        }
    }

    @Test("is computed as documented where another program's numbers are asked for that has no such method")
    func emulated() throws {
        let parameters = MergeParameters(compatibility: .release(.mergekit014, .float32))
        let layout = MergeLayout(shape: [4], inputCount: 2, hasBase: false)
        #expect(try registry.make(HalfwayMerge.self, parameters, layout: layout) is HalfwayMerge)
    }
}
