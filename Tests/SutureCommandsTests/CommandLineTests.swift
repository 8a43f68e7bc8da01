import ArgumentParser
import SutureKit
import Testing

@testable import SutureCommands

/// Every command and the commands below it, each with the words that call it.
private let commands: [(words: [String], type: any ParsableCommand.Type)] = {
    func below(_ type: any ParsableCommand.Type, _ words: [String]) -> [([String], any ParsableCommand.Type)] {
        type.configuration.subcommands.flatMap { command in
            let own = words + [command.configuration.commandName ?? ""]
            return [(own, command)] + below(command, own)
        }
    }
    return below(SutureCommand.self, [])
}()

@Suite("The command line")
struct CommandLineTests {
    /// The examples of a command's help: what stands behind `suture`, up to where the shell goes on by itself.
    private static func examples(of command: any ParsableCommand.Type) -> [[String]] {
        command.configuration.discussion.split(separator: "\n").compactMap { line -> [String]? in
            // What follows a gap of several blanks explains the example.
            let text = line.drop { $0 == " " }
            let end = text.firstRange(of: "   ")?.lowerBound ?? text.endIndex
            let words: [String] = text[..<end].split(separator: " ").map { word in
                word == "*.yml" ? "a.yml" : String(word.filter { $0 != "'" })
            }
            guard let start = words.firstIndex(of: "suture"), start == 0 || words[0].contains("=") else { return nil }
            return Array(words[(start + 1)...].prefix { !["|", ">", "&&"].contains($0) })
        }
    }

    @Test("has help for every command, whose examples it takes", arguments: commands.indices)
    func help(index: Int) throws {
        let (words, type) = commands[index]

        let session = Session(words + ["--help"])

        #expect(session.exitCode == 0)
        #expect(session.answer.contains("USAGE: suture " + words.joined(separator: " ")))
        // Help is wrapped to a width.
        let text = session.answer.split { $0 == " " || $0 == "\n" }.joined(separator: " ")
        #expect(text.contains(type.configuration.abstract))
        #expect(session.messages.isEmpty)
        for example in Self.examples(of: type) {
            #expect(throws: Never.self, "suture \(example.joined(separator: " "))") {
                _ = try SutureCommand.parseAsRoot(example)
            }
        }
    }

    @Test("shows examples for every command that does something")
    func everyCommandHasExamples() {
        for (words, type) in commands where type.configuration.subcommands.isEmpty && words != ["cache", "list"] {
            #expect(!Self.examples(of: type).isEmpty, "\(words)")
        }
        #expect(Self.examples(of: SutureCommand.self).count >= 5)
    }

    @Test("refuses an option that no command has, with 64", arguments: commands.indices)
    func unknownOption(index: Int) {
        let (words, type) = commands[index]
        guard type.configuration.subcommands.isEmpty, words != ["recipe", "new"] else { return }

        let session = Session(words + ["--no-such-option", "--json"])

        #expect(session.exitCode == 64)
        #expect(session.messages.hasPrefix("Error: "))
        #expect(session.codes == ["command-line"])
    }

    @Test("says its version")
    func version() {
        let session = Session("--version")
        #expect(session.exitCode == 0)
        #expect(session.answer == ToolVersion.number + "\n")
    }

    @Test("is told what was meant by a misspelled command")
    func didYouMean() {
        let session = Session("biuld", "x.yml", "--json")
        #expect(session.exitCode == 64)
        #expect(session.messages.contains("Hint: did you mean 'suture build'?"))
        let fault = session.json?.object?["diagnostics"]?.array?.first?.object
        #expect(fault?["fix"]?.string == "did you mean 'suture build'?")
    }

    @Test("is completed by shells, which know every command", arguments: ["bash", "zsh", "fish"])
    func completions(shell: String) {
        let session = Session("--generate-completion-script", shell)
        #expect(session.exitCode == 0)
        for (words, _) in commands {
            #expect(session.answer.contains(words[words.count - 1]), "\(words)")
        }
    }

    @Test(
        "is refused where it contradicts itself",
        arguments: [
            (["build", "x.yml"], "the folder to make is missing"),
            (["build", "x.yml", "a", "-o", "b"], "both name the folder to make"),
            (["build", "x.yml", "a", "--planes"], "--planes is a way to pack"),
            (["build", "x.yml", "a", "--threads", "0"], "--threads takes at least 1"),
            (["build", "x.yml", "a", "--input", "base"], "--input 'base' names nothing"),
            (["check", "x.yml", "--param", "keep="], "--param 'keep=' has no value"),
            (["check", "x.yml", "--input", "a=b", "--input", "a=c"], "--input a is given twice"),
            (["check", "x.yml", "--bug-compatible", "--compat", "mergekit-0.1.4"], "--bug-compatible means --compat"),
            (["check", "x.yml", "--compat", "mergekit-9"], "mergekit-9"),
            (["plan", "x.yml", "--shard-size", "much"], "much"),
            (["plan", "x.yml", "-o", "p.json", "--format", "dot"], "a plan is kept as JSON"),
            (["run", "p.json", "-o", "a", "--part", "1/2", "--part-env", "X"], "both say which part this is"),
            (["run", "p.json", "-o", "a", "--part", "3/2"], "3/2"),
            (["run", "p.json", "-o", "a", "--parts", "2"], "go with --part-env"),
            (["verify", "a", "--structure", "--recompute", "all"], "--structure reads no tensors"),
            (["diff", "a"], "name two models at least"),
            (["lock", "-"], "standard input has none"),
            (["export", "slurm", "p.json", "-o", "a", "--cores", "0"], "--cores takes 1 to 512"),
        ]
    )
    func contradictions(arguments: [String], says: String) {
        let session = Session(arguments)
        #expect(session.exitCode == 64)
        #expect(session.messages.contains(says), "\(session.messages)")
        #expect(session.answer.isEmpty)
    }
}
