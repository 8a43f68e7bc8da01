import ArgumentParser
import SutureKit

/// `suture methods`: the merge methods, or all about one of them.
struct MethodsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "methods",
        abstract: "List the merge methods, or explain one.",
        discussion: """
            Examples:
              suture methods
              suture methods ties
              suture methods ties --json | jq '.[0].decisions'
            """
    )

    @Argument(help: "The method to explain.")
    var name: String?

    @Flag(help: "Print all that is known of the methods, for other programs.")
    var json = false

    func run() throws { try Reporting.run(json: json) { try work() } }

    private func work() throws {
        guard let name else { return Terminal.answer(json ? MethodReport.json : MethodReport.list) }
        do throws(Diagnostics) {
            let report = try MethodReport(named: name)
            Terminal.answer(json ? report.json : report.text)
        } catch {
            throw CommandFailure(error)
        }
    }
}
