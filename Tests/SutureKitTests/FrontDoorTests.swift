import SutureKit
import Testing

// Nothing else of the house is imported: this is what a program outside of it can do.
@Suite("The front door for programs")
struct FrontDoorTests {
    @Test("takes a recipe to a plan, and a plan to words, with one import")
    func example() throws {
        var options = PlanningOptions()
        options.inputs = ["base": "synthetic:llama?layers=8&hidden=64&seed=1"]
        let surgery = try Surgery(reading: "\(folder)/recipes/solar.yml", options: options)

        let result = surgery.plan()

        for diagnostic in result.diagnostics { #expect(diagnostic.severity != .error, "\(diagnostic.message)") }
        let plan = try #require(result.plan)
        #expect(plan.stack.layerCount == 12)
        #expect(plan.tensors.first?.spec.shape.rank == 2)
        #expect(PlanTable(plan).text.contains("12 layers"))
    }

    @Test("says what an adapter holds, and what a model is with it")
    func adapters() throws {
        let fixtures = "\(folder)/Tests/Fixtures/lora"
        let adapter = try #require(try AdapterReport("\(fixtures)/dora/adapter", environment: [:]))
        #expect(adapter.text(listsTensors: true).contains("LoRA with DoRA"))
        #expect(adapter.json.contains("lora_A.weight"))
        #expect(try AdapterReport("\(fixtures)/base-llama", environment: [:]) == nil)
        let model = try ModelReport("\(fixtures)/base-llama+\(fixtures)/dora/adapter", environment: [:])
        #expect(model.text(listsTensors: false).contains("lora/dora/adapter, put on it"))
    }

    @Test("says what is wrong with a recipe")
    func faults() throws {
        let error = #expect(throws: Diagnostics.self) { try Surgery(reading: "\(folder)/recipes/no-such.yml") }
        #expect(error?.all.isEmpty == false)
    }

    /// The project's folder.
    private var folder: String { #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 } }
}
