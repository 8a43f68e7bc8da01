import ArgumentParser
import SutureKit

/// `suture plan`: shows what `suture build` would do, and writes nothing.
struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what a recipe would make.",
        discussion: """
            Reads the headers of the models only, of those on the hub by range, and writes nothing.

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

    func run() throws { try Reporting.run(json: json || format == .json) { try work() } }

    private func work() throws {
        let result = try options.plan(recipe)
        let form = json ? .json : format
        guard let plan = result.plan else { throw CommandFailure(result.diagnostics) }
        if let output {
            Terminal.show(result.diagnostics)
            do throws(Diagnostics) { try Surgery.write(result, to: output) } catch {
                throw CommandFailure(error, exitCode: 2)
            }
            Terminal.say(PlanTable(plan).headline)
            Terminal.answer(output + "\n")
            return
        }
        switch form {
        case .json: Terminal.answer(PlanJSON().print(result))
        case .table:
            Terminal.show(result.diagnostics)
            let options = Surgery.BuildOptions()
            let memory = (
                used: Surgery.memoryUsed(by: plan, options), most: Surgery.memoryNeeded(options)
            )
            let fetch = try FetchText.of(plan, self.options.environment)
            Terminal.answer(PlanTable(plan, memory: memory, fetch: fetch).text + "\n")
        case .dot:
            Terminal.show(result.diagnostics)
            Terminal.answer(PlanGraph(plan).text)
        }
    }
}
