import Glibc
import SutureKit
import SutureTestSupport
import Synchronization
import SystemPackage

@testable import SutureCommands

/// A command line that was run to its end, in this process: what it said, and how it ended.
struct Session {
    /// What went to standard output.
    let answer: String

    /// What went to standard error.
    let messages: String

    /// The exit code.
    let exitCode: Int32

    /// Runs the words after the program's name.
    init(_ arguments: [String]) {
        let heard = Mutex((answer: "", messages: ""))
        exitCode = Terminal.$listener.withValue({ text, descriptor in
            heard.withLock { heard in
                if descriptor == STDOUT_FILENO { heard.answer += text } else { heard.messages += text }
            }
        }) { SutureCommand.run(arguments) }
        (answer, messages) = heard.withLock { $0 }
    }

    init(_ arguments: String...) { self.init(arguments) }

    /// The answer, read as JSON.
    var json: JSONValue? { try? JSONParser.parse(Array(answer.utf8)) }

    /// The codes of the diagnostics in the answer.
    var codes: [String] {
        (json?.object?["diagnostics"]?.array ?? []).compactMap { $0.object?["code"]?.string }
    }

    /// The path of a recipe that comes with the project.
    static func recipe(_ name: String) -> String { Fixture.folder + "/../../recipes/\(name).yml" }

    /// A model of 8 layers that is made up, as an input of the recipes.
    static let base = ["--input", "base=synthetic:llama?layers=8&hidden=64&seed=1"]

    /// Gives the path of a folder with a small model of 4 layers in `model`, and a recipe that stacks them anew in `stack.yml`.
    static func withModel(_ body: (String) throws -> Void) throws {
        try TemporaryDirectory.with { folder in
            let model = folder.appending("model")
            try TinyCheckpoint.llama(layers: 4, hidden: 32, mlp: 48, vocabulary: 150).write(to: model)
            let recipe = """
                slicegraph: 1
                inputs: {base: \(model)}
                graph: {out: {stack: ["base[0:4]", "base[2:4]"]}}
                """
            let file = try FileDescriptor.open(
                folder.appending("stack.yml"),
                .writeOnly,
                options: .create,
                permissions: .ownerReadWrite
            )
            try file.closeAfter { _ = try file.writeAll(recipe.utf8) }
            try body(folder.string)
        }
    }
}
