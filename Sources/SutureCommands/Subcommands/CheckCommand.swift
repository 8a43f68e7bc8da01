import ArgumentParser
import SutureKit

/// `suture check`: says everything that is wrong with recipes.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Find what is wrong with recipes.",
        discussion: """
            Reads the recipe and the headers of its models, of those on the hub by range; exits with 1 when there is an \
            error, with 2 or 3 when the hub could not be asked.

            Examples:
              suture check *.yml
              suture check merge.yml --json
            """
    )

    @Argument(help: "The recipes; '-' reads standard input.", completion: .file(extensions: ["yaml", "yml"]))
    var recipes: [String]

    @OptionGroup(title: "Recipe") var options: RecipeOptions

    @Flag(help: "Print the diagnostics as JSON.")
    var json = false

    func run() throws { try Reporting.run(json: json) { try work() } }

    private func work() throws {
        var all: [Diagnostic] = []
        for recipe in recipes {
            let found = try options.plan(recipe).diagnostics
            all += found
            guard !json else { continue }
            Terminal.show(found)
            let errors = found.count { $0.severity == .error }
            let warnings = found.count { $0.severity == .warning }
            Terminal.say("\(recipe): " + (errors + warnings == 0 ? "fine" : counts(errors, warnings)))
        }
        if json { Terminal.answer(PlanJSON().print(all)) }
        if all.contains(where: { $0.severity == .error }) { throw ExitCode(Surgery.exitCode(of: all)) }
    }

    private func counts(_ errors: Int, _ warnings: Int) -> String {
        let parts = [
            errors > 0 ? "\(errors) error\(errors == 1 ? "" : "s")" : nil,
            warnings > 0 ? "\(warnings) warning\(warnings == 1 ? "" : "s")" : nil,
        ]
        return parts.compactMap(\.self).joined(separator: ", ")
    }
}
