import ArgumentParser
import Glibc
import SutureKit

/// `suture recipe new`: prints a commented recipe to begin with.
struct RecipeNewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Print a commented recipe to begin with.",
        discussion: """
            Without flags it asks, on a terminal; what is left open has a sensible default.

            \(RecipeTemplate.all.map { template in
                "  \(template.name)\(String(repeating: " ", count: max(1, 12 - template.name.count)))\(template.summary)\n"
                    + template.questions.map { "              --\($0.flag)  \($0.text)\n" }.joined()
            }.joined())
            Examples:
              suture recipe new solar --base mistralai/Mistral-7B-v0.1 > solar.yml
              suture recipe new splice --a owner/one --b owner/two > splice.yml
            """
    )

    @ArgumentParser.Argument(help: "The technique: \(RecipeTemplate.all.map(\.name).joined(separator: ", ")).")
    var technique: String?

    @ArgumentParser.Argument(parsing: .allUnrecognized, help: "Answers: --flag value, as listed above.")
    var answers: [String] = []

    func run() throws {
        try Reporting.run(json: false) {
            guard let technique = try technique ?? askForTechnique() else { throw CommandFailure([.noTechnique]) }
            guard let template = RecipeTemplate.all.first(where: { $0.name == technique }) else {
                throw CommandFailure([.unknownTechnique(technique)])
            }
            var given = try read(answers, for: template)
            if given.isEmpty, Self.canAsk { given = ask(template) }
            Terminal.answer(template.text(given))
        }
    }

    /// Whether somebody is there to ask.
    private static var canAsk: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

    /// Asks for the technique on the terminal.
    private func askForTechnique() throws -> String? {
        guard Self.canAsk else { return nil }
        for template in RecipeTemplate.all {
            let gap = String(repeating: " ", count: max(1, 12 - template.name.count))
            Terminal.say("  \(template.name)\(gap)\(template.summary)")
        }
        while true {
            Terminal.write("Which technique? [\(RecipeTemplate.all[0].name)] ", to: STDERR_FILENO)
            guard let answer = readLine() else { return nil }
            guard !answer.isEmpty else { return RecipeTemplate.all[0].name }
            let names = RecipeTemplate.all.map(\.name)
            if names.contains(answer) { return answer }
            Terminal.say(
                names.nearest(to: answer).map { "did you mean '\($0)'?" } ?? "there are: "
                    + names.joined(separator: ", ")
            )
        }
    }

    /// Reads `--flag value` and `--flag=value`.
    private func read(_ words: [String], for template: RecipeTemplate) throws -> [String: String] {
        var given: [String: String] = [:]
        var rest = words[...]
        while let word = rest.popFirst() {
            guard word.hasPrefix("--") else { throw ValidationError("'\(word)' is no flag; answers are --flag value") }
            let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let flag = String(parts[0])
            guard let question = template.questions.first(where: { $0.flag == flag }) else {
                let flags = template.questions.map(\.flag)
                let hint =
                    flags.nearest(to: flag).map { "did you mean --\($0)?" } ?? "it asks for: --"
                    + flags.joined(separator: ", --")
                throw ValidationError("'\(template.name)' does not ask for --\(flag); \(hint)")
            }
            guard let answer = parts.count == 2 ? String(parts[1]) : rest.popFirst() else {
                throw ValidationError("--\(flag) needs a value")
            }
            if let fault = question.kind.fault(in: answer) { throw ValidationError("--\(flag): \(fault)") }
            given[flag] = answer
        }
        return given
    }

    /// Asks on the terminal; an empty answer takes the default.
    private func ask(_ template: RecipeTemplate) -> [String: String] {
        var given: [String: String] = [:]
        for question in template.questions {
            while true {
                // What an empty answer means is said in the question where there is no default.
                let saysIt = question.fallback.isEmpty && question.text.contains("(empty:")
                let open =
                    question.kind == .model ? "empty: give it later, --input \(question.flag)=MODEL" : "left open"
                let fallback = question.fallback.isEmpty ? open : question.fallback
                Terminal.write("\(question.text)\(saysIt ? "" : " [\(fallback)]") ", to: STDERR_FILENO)
                guard let answer = readLine(), !answer.isEmpty else { break }
                guard let fault = question.kind.fault(in: answer) else {
                    given[question.flag] = answer
                    break
                }
                Terminal.say(fault)
            }
        }
        return given
    }
}

extension Diagnostic {
    /// No technique is named, and nobody is there to be asked.
    static let noTechnique = Diagnostic(
        code: "unknown-technique",
        "no technique is named, and there is no terminal to ask on",
        at: nil as SourceRange?,
        fix: FixIt("name one of: " + RecipeTemplate.all.map(\.name).joined(separator: ", "))
    )

    /// A technique for which there is no recipe to begin with.
    static func unknownTechnique(_ name: String) -> Diagnostic {
        let known = RecipeTemplate.all.map(\.name)
        return Diagnostic(
            code: "unknown-technique",
            "there is no recipe to begin with called '\(name)'",
            at: nil as SourceRange?,
            fix: .didYouMean(name, among: known) ?? FixIt("there are: " + known.joined(separator: ", "))
        )
    }
}
