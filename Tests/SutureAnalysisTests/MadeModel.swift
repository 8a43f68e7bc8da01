import SutureAnalysis
import SutureCheckpoints
import SutureDiagnostics
import SutureKit
import SutureTestSupport
import SystemPackage
import Testing

/// A model that a recipe made of made-up ones.
struct MadeModel {
    /// The models that it was made of, `a`, `b` and so on.
    let sources: [StudiedModel]

    /// The model.
    let made: StudiedModel

    /// How the sources are named.
    let references: [String]

    /// Of what the caches of made-up models are.
    let environment: [String: String]

    /// A small made-up model.
    static func synthetic(seed: Int, tune: Int = 0) -> String {
        "synthetic:llama?layers=6&hidden=64&seed=\(seed)&tune=\(tune)"
    }

    /// Builds a graph over inputs `a`, `b` and so on, in a folder that is gone afterwards.
    static func with(
        _ graph: String,
        of references: [String] = [synthetic(seed: 1)],
        output: String = "{}",
        _ body: (_ model: MadeModel) throws -> Void
    ) throws {
        try TemporaryDirectory.with { folder in
            let recipe = folder.appending("recipe.yml")
            let inputs = references.enumerated().map { "\(OriginRecipe.name($0)): '\($1)'" }
            let text =
                "slicegraph: 1\ninputs: {\(inputs.joined(separator: ", "))}\ngraph: \(graph)\noutput: \(output)\n"
            try FileSystem.write(text, to: recipe)
            var options = PlanningOptions()
            options.environment = ["XDG_CACHE_HOME": folder.string]
            let result = try Surgery(reading: recipe.string, options: options).plan()
            let plan = try #require(result.plan, "\(result.diagnostics)")
            let out = folder.appending("out")
            _ = try Surgery.build(plan, into: out.string)
            let models = try (references + [out.string]).map { reference in
                try StudiedModel(
                    Checkpoint.open(CheckpointReference(parsing: reference), environment: options.environment),
                    name: reference
                )
            }
            try body(
                MadeModel(
                    sources: Array(models.dropLast()),
                    made: models[models.count - 1],
                    references: references,
                    environment: options.environment
                )
            )
        }
    }
}
