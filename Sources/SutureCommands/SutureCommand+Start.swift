import ArgumentParser
import Glibc
import SutureKit

extension SutureCommand {
    /// Runs a command line, and ends the process with it.
    ///
    /// - Parameter arguments: The words after the program's name.
    package static func start(_ arguments: [String]) -> Never { Glibc.exit(run(arguments)) }

    /// Runs a command line to its end; one that cannot be read is told with what was probably meant.
    ///
    /// - Parameter arguments: The words after the program's name.
    /// - Returns: The exit code.
    static func run(_ arguments: [String]) -> Int32 {
        do {
            var command = try parseAsRoot(arguments)
            try command.run()
            return 0
        } catch {
            let code = exitCode(for: error)
            let text = fullMessage(for: error)
            guard code == .validationFailure else {
                // Help is an answer; what a command has told already has no words here.
                if !text.isEmpty { code.isSuccess ? Terminal.answer(text + "\n") : Terminal.say(text) }
                return code.rawValue
            }
            Terminal.say(text)
            let hints = CommandLineHints(arguments, commands: configuration.subcommands).all
            for hint in hints { Terminal.say("Hint: " + hint) }
            if arguments.contains("--json") {
                let fault = Diagnostic(
                    code: "command-line",
                    message(for: error),
                    at: nil as SourceRange?,
                    fix: hints.isEmpty ? nil : Diagnostic.FixIt(hints.joined(separator: "; "))
                )
                Terminal.answer(PlanJSON().print([fault]))
            }
            return code.rawValue
        }
    }
}

/// What was probably meant by a command line that cannot be read.
struct CommandLineHints {
    private let arguments: [String]
    private let commands: [any ParsableCommand.Type]

    init(_ arguments: [String], commands: [any ParsableCommand.Type]) {
        self.arguments = arguments
        self.commands = commands
    }

    /// One sentence for each: a misspelled command, and options that are mergekit's.
    var all: [String] {
        let names = commands.compactMap { $0.configuration.commandName } + ["help"]
        var hints: [String] = []
        if let first = arguments.first, !first.hasPrefix("-"), !names.contains(first) {
            hints += [command(first, among: names)].compactMap(\.self)
        }
        for (index, argument) in arguments.enumerated() where argument.hasPrefix("--") {
            let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1).map(String.init)
            guard let name = parts.first else { continue }
            let next = arguments.indices.contains(index + 1) ? arguments[index + 1] : nil
            let value = parts.count == 2 ? parts[1] : next.flatMap { $0.hasPrefix("-") ? nil : $0 }
            guard let advice = MergekitOption.advice(name, value: value) else { continue }
            hints.append("--\(name) is mergekit's: \(advice)")
        }
        return hints
    }

    private func command(_ word: String, among names: [String]) -> String? {
        if word.hasPrefix("mergekit") {
            return "write: suture build RECIPE -o DIR"
        }
        if word.hasSuffix(".yml") || word.hasSuffix(".yaml") {
            return "a command comes first: suture build \(word) -o DIR, or check, or plan"
        }
        return names.nearest(to: word).map { "did you mean 'suture \($0)'?" }
    }
}
