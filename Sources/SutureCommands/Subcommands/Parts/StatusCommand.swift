import ArgumentParser
import SutureKit

/// `suture status`: how far an output is.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show how far the parts of an output are.",
        discussion: """
            Says of each part whether it is done, running and by whom, stopped or missing. Bytes are those that are \
            known to be on the disk, noted once a gigabyte. Looking holds nobody up.

            Examples:
              suture status /shared/solar
              suture status /shared/solar --json | jq '.parts[] | select(.state != "done") | .part'
            """
    )

    @Argument(help: "The folder that the parts are run for.", completion: .directory)
    var folder: String

    @Flag(help: "Print as JSON.")
    var json = false

    func run() throws { try Reporting.run(json: json) { try work() } }

    private func work() throws {
        do throws(Surgery.BuildError) {
            let status = try Surgery.status(of: folder)
            Terminal.answer(json ? status.json : status.text)
        } catch {
            throw CommandFailure(error)
        }
    }
}
