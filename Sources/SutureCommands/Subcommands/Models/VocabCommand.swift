import ArgumentParser
import SutureKit

/// `suture vocab`: what tokens a model has, and how those of two differ.
struct VocabCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vocab",
        abstract: "Show the tokens of a model, or how those of two differ.",
        discussion: """
            Reads tokenizer files and headers: how many tokens there are and how many rows for them, special tokens and \
            their numbers, and what is wrong. Two models are held against each other by the texts of their tokens.

            Examples:
              suture vocab mistralai/Mistral-7B-v0.1
              suture vocab base chat
              suture vocab base chat --json
              suture vocab a b --exit-code && echo the same
            """
    )

    @Argument(help: "One model or two: folders, or owner/name[@revision] on the hub.", completion: .directory)
    var models: [String]

    @Flag(help: "End with 1 where the tokens of two models differ.")
    var exitCode = false

    @Flag(help: "Print as JSON, with all tokens that differ.")
    var json = false

    func validate() throws {
        guard 1...2 ~= models.count else { throw ValidationError("name one model or two") }
    }

    func run() throws { try Reporting.run(json: json) { try work() } }

    private func work() throws {
        let report: VocabularyReport
        do throws(Diagnostics) {
            report = try VocabularyReport(models, environment: Terminal.environment, readsHub: true)
        } catch { throw CommandFailure(error) }
        Terminal.show(report.notices)
        Terminal.answer(json ? report.json : report.text)
        if exitCode, !report.isEqual { throw ExitCode(1) }
    }
}
