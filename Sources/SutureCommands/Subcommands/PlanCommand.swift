import ArgumentParser
import SutureDiagnostics
import SutureKit
import SuturePlanning

/// `suture plan`: shows what `suture build` would do, and writes nothing.
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what a recipe would make.",
        discussion: """
            Reads the headers of the models only, and writes nothing.

            Examples:
              suture plan solar.yml
              suture plan solar.yml --format json | jq .layers
              suture plan solar.yml --format dot | dot -Tsvg > stack.svg
              suture plan solar.yml -o plan.json            keeps it, for 'suture run'
            """
    )

    /// How a plan is shown.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json, dot
    }

    @Argument(help: "The recipe; '-' reads standard input.", completion: .file(extensions: ["yaml", "yml"]))
    var recipe: String

    @OptionGroup(title: "Recipe") var options: RecipeOptions

    @Option(help: "How to show the plan.")
    var format = Format.table

    @Flag(help: "The same as --format json.")
    var json = false

    @Option(name: .shortAndLong, help: "A file to keep the plan in, as JSON.", completion: .file(extensions: ["json"]))
    var output: String?

    func validate() throws {
        if output != nil, format == .dot { throw ValidationError("a plan is kept as JSON: leave --format out") }
    }

    func run() async throws {
        let result = try options.plan(recipe)
        if let output {
            Terminal.show(result.diagnostics)
            guard let plan = result.plan else { throw ExitCode(1) }
            do throws(Diagnostics) { try Surgery.write(result, to: output) } catch {
                Terminal.show(error.all)
                throw ExitCode(2)
            }
            Terminal.say(PlanTable(plan).headline)
            Terminal.answer(output + "\n")
            return
        }
        switch json ? .json : format {
        case .json:
            Terminal.answer(PlanJSON().print(result))
            if result.plan == nil { Terminal.show(result.diagnostics.filter { $0.severity == .error }) }
        case .table:
            Terminal.show(result.diagnostics)
            if let plan = result.plan {
                let memory = Surgery.memoryNeeded(Surgery.BuildOptions())
                Terminal.answer(PlanTable(plan, memory: memory).text + "\n")
            }
        case .dot:
            Terminal.show(result.diagnostics)
            if let plan = result.plan { Terminal.answer(PlanGraph(plan).text) }
        }
        if result.plan == nil { throw ExitCode(1) }
    }
}
