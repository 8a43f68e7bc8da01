import ArgumentParser
import SutureKit

/// `suture recipe expand`: prints the flat form of a recipe.
struct RecipeExpandCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "expand",
        abstract: "Print the flat form of a recipe.",
        discussion: """
            Imports are inlined, parameters bound, loops unrolled and slices absolute. Expanding the result again \
            changes nothing, and its plan is the same plan. A mergekit file comes out as a native recipe.

            Examples:
              suture recipe expand math-upscale.yml > flat.yml
              suture recipe expand dus.yml --input base=owner/name --param keep=24
            """
    )

    @Argument(help: "The recipe; '-' reads standard input.", completion: .file(extensions: ["yaml", "yml"]))
    var recipe: String

    @OptionGroup(title: "Recipe") var options: RecipeOptions

    func run() throws { try Reporting.run(json: false) { try work() } }

    private func work() throws {
        let surgery = try options.surgery(recipe)
        let result = surgery.expand()
        guard let text = result.text else { throw CommandFailure(result.diagnostics.filter { $0.severity == .error }) }
        Terminal.answer(text)
    }
}
