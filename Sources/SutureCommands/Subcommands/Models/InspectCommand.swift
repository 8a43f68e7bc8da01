import ArgumentParser
import SutureKit

/// `suture inspect`: what a model is made of, from its headers.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show the layers, roles and sizes of a model, or what an adapter holds.",
        discussion: """
            Reads headers only, of a model on the hub by range. Roles are what selectors in recipes name.

            Examples:
              suture inspect mistralai/Mistral-7B-v0.1
              suture inspect ./my-model --tensors
              suture inspect 'synthetic:llama?layers=8&hidden=64' --json
            """
    )

    @Argument(
        help: "A folder or owner/name[@revision] on the hub, also +ADAPTER; or synthetic:…",
        completion: .directory
    )
    var model: String

    @Flag(help: "List every tensor with its role, dtype and shape.")
    var tensors = false

    @Flag(help: "Print as JSON.")
    var json = false

    func run() throws { try Reporting.run(json: json) { try work() } }

    private func work() throws {
        let report: ModelReport
        do throws(Diagnostics) {
            if let adapter = try AdapterReport(model, environment: Terminal.environment) {
                Terminal.show(adapter.notices)
                return Terminal.answer(json ? adapter.json : adapter.text(listsTensors: tensors))
            }
            report = try ModelReport(model, environment: Terminal.environment, readsHub: true)
        } catch {
            throw CommandFailure(error)
        }
        Terminal.show(report.notices)
        Terminal.answer(json ? report.json : report.text(listsTensors: tensors))
    }
}
