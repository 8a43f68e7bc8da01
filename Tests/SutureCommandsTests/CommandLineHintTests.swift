import ArgumentParser
import Testing

@testable import SutureCommands

@Suite("A command line that cannot be read")
struct CommandLineHintTests {
    @Test(
        "is told what was probably meant",
        arguments: [
            (["bulid", "x.yml"], ["did you mean 'suture build'?"]),
            (["x.yml"], ["a command comes first: suture build x.yml -o DIR, or check, or plan"]),
            (["mergekit-yaml", "x.yml", "out"], ["write: suture build RECIPE -o DIR"]),
            (
                ["build", "x.yml", "out", "--copy-tokenizer"],
                ["--copy-tokenizer is mergekit's: leave it out: the tokenizer is always written"]
            ),
            (
                ["build", "x.yml", "out", "--out-shard-size", "2B"],
                ["--out-shard-size is mergekit's: give --shard-size 2B"]
            ),
            (["build", "x.yml", "out", "--random-seed=7"], ["--random-seed is mergekit's: give --seed 7"]),
            (["build", "x.yml", "--nonsense"], []),
        ]
    )
    func hints(arguments: [String], says: [String]) {
        #expect(CommandLineHints(arguments, commands: SutureCommand.configuration.subcommands).all == says)
    }

    @Test("is told for every option that mergekit users bring along")
    func mergekitOptions() {
        for option in ["--allow-crimes", "--cuda", "--lazy-unpickle", "--low-cpu-memory", "--trust-remote-code"] {
            let hints = CommandLineHints(
                ["build", "x.yml", "o", option],
                commands: SutureCommand.configuration.subcommands
            )
            #expect(hints.all.count == 1, "\(option)")
        }
    }
}
