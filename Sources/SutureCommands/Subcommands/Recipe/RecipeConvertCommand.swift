import ArgumentParser
import SutureKit

/// `suture recipe convert`: prints a recipe in the other dialect.
struct RecipeConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Print a recipe in the other dialect.",
        discussion: """
            From native to mergekit, what cannot be said there is named and nothing is printed. From mergekit to \
            native everything can be said.

            Examples:
              suture recipe convert solar.yml --to mergekit --input base=owner/name > mergekit.yml
              suture recipe convert mergekit_config.yml --to native > recipe.yml
            """
    )

    /// The dialect to print.
    enum Dialect: String, ExpressibleByArgument, CaseIterable {
        case mergekit, native
    }

    @Argument(help: "The recipe; '-' reads standard input.", completion: .file(extensions: ["yaml", "yml"]))
    var recipe: String

    @Option(help: "The dialect to print.")
    var to: Dialect

    @OptionGroup(title: "Recipe") var options: RecipeOptions

    func run() throws { try Reporting.run(json: false) { try work() } }

    private func work() throws {
        let surgery = try options.surgery(recipe)
        let result = to == .native ? surgery.expand() : surgery.convertToMergekit()
        guard let text = result.text else { throw CommandFailure(result.diagnostics.filter { $0.severity == .error }) }
        Terminal.answer(text)
    }
}
