import SutureCheckpoints
import SutureDiagnostics
import SutureKit
import SuturePlanning
import SutureRecipes
import SutureTestSupport
import SystemPackage
import Testing

@Suite("What Suture ships and writes to begin with", .tags(.slow), .unlessQuick)
struct ShippedRecipesTests {
    private static let folder = FilePath(Fixture.folder + "/../../recipes")

    static let shipped = ((try? FileSystem.list(folder)) ?? []).filter { $0.hasSuffix(".yml") }.sorted()

    @Test("are there")
    func areThere() { #expect(Self.shipped.count >= 9) }

    /// How deep a model a recipe is for, where its ranges are for one depth alone.
    private static let depths = ["goliath.yml": 80, "math-upscale.yml": 36]

    @Test("is planned without a warning: a recipe of recipes/", arguments: shipped)
    func recipes(name: String) throws {
        let path = Self.folder.appending(name)
        try expectNoWarning(path, depth: Self.depths[name] ?? 32)
    }

    @Test(
        "is planned without a warning: a template of 'recipe new', for models of any depth",
        arguments: RecipeTemplate.all.map(\.name),
        [4, 7, 9, 31, 32, 80]
    )
    func templates(name: String, depth: Int) throws {
        let template = try #require(RecipeTemplate.all.first { $0.name == name })
        try TemporaryDirectory.with { folder in
            let path = folder.appending("new.yml")
            _ = try FileSystem.writeExclusively(template.text([:]), to: path)
            try expectNoWarning(path, depth: depth)
        }
    }

    /// Plans a recipe over made-up models, which are tunes of one.
    private func expectNoWarning(_ path: FilePath, depth: Int) throws {
        let text = String(decoding: try FileSystem.read(path), as: UTF8.self)
        var options = PlanningOptions()
        for (number, name) in inputs(of: text).enumerated() {
            options.inputs[name] = "synthetic:llama?layers=\(depth)&hidden=32&vocab=64&seed=1&tune=\(number)"
        }
        let result = try Surgery(reading: path.string, options: options).plan()
        let told = result.diagnostics.filter { $0.severity > .note }
        #expect(told.isEmpty, "\(DiagnosticRenderer(usesColor: false).render(told))")
        #expect(result.plan != nil)
    }

    /// The inputs that a recipe declares, one a line.
    private func inputs(of text: String) -> [String] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.drop { $0 != "inputs:" }.dropFirst().prefix { $0.hasPrefix("  ") }
            .compactMap { $0.split(separator: ":").first?.drop { $0 == " " } }.map(String.init)
    }
}
