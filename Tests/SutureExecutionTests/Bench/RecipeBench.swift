import SutureCheckpoints
import SutureDiagnostics
import SutureKit
import SuturePlanning
import SutureTestSupport
import SystemPackage
import Testing

/// A folder with fine-tunes of one small llama, on which recipes are built from their text.
struct RecipeBench {
    /// The folder; `base`, `a`, `b` and `c` in it are models, which recipes name by `@base` and so on, and so is `tall`,
    /// which has eight tokens more.
    let folder: FilePath

    /// Gives a bench to `body` and clears it away afterwards.
    static func with<Value>(layers: Int = 3, _ body: (RecipeBench) throws -> Value) throws -> Value {
        try TemporaryDirectory.with { folder in
            for (seed, name) in ["base", "a", "b", "c", "tall"].enumerated() {
                let tokens = name == "tall" ? 48 : 40
                let model = TinyCheckpoint.llama(layers: layers, hidden: 32, mlp: 48, vocabulary: tokens, seed: seed)
                try model.write(to: folder.appending(name))
            }
            return try body(RecipeBench(folder: folder))
        }
    }

    /// Plans a recipe that must have a plan.
    func plan(_ recipe: String, _ change: (inout PlanningOptions) -> Void = { _ in }) throws -> Plan {
        let result = try planned(recipe, change)
        return try #require(result.plan, "\(result.diagnostics.map(\.message))")
    }

    /// Plans a recipe; gives the plan and all that is said of it.
    func planned(
        _ recipe: String,
        _ change: (inout PlanningOptions) -> Void = { _ in }
    ) throws -> (plan: Plan?, diagnostics: [Diagnostic]) {
        var text = ""
        for part in recipe.split(separator: "@", omittingEmptySubsequences: false).enumerated() {
            text += part.offset == 0 ? String(part.element) : folder.string + "/" + part.element
        }
        let file = folder.appending("recipe.yml")
        try FileSystem.write(text, to: file)
        var options = PlanningOptions()
        change(&options)
        let result = try Surgery(reading: file.string, options: options).plan()
        return (result.plan, result.diagnostics)
    }

    /// Builds a plan.
    @discardableResult
    func build(_ plan: Plan, threads: Int = 1) throws -> Surgery.Outcome {
        var options = Surgery.BuildOptions()
        options.threads = threads
        options.replacesExisting = true
        return try Surgery.build(plan, into: folder.appending("out").string, options: options)
    }

    /// Builds a recipe; gives the bytes of each tensor.
    func tensors(
        _ recipe: String,
        threads: Int = 1,
        _ change: (inout PlanningOptions) -> Void = { _ in }
    ) throws -> [String: [UInt8]] {
        try build(try plan(recipe, change), threads: threads)
        return try Workbench.tensors(of: folder.appending("out"))
    }
}
