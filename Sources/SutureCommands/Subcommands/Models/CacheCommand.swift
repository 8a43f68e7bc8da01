import ArgumentParser
import SutureKit

/// `suture cache`: what was fetched of models that are not whole here.
struct CacheCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cache",
        abstract: "Look at the ranges that were fetched of models on the hub, or remove them.",
        subcommands: [CacheListCommand.self, CachePruneCommand.self]
    )
}

/// `suture cache list`.
struct CacheListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List what is kept of files that are not whole.",
        discussion: """
            Files that are whole are in the Hugging Face cache: see `hf cache ls`. Ranges lie beside it, or in \
            SUTURE_CACHE/ranges where that is set.
            """
    )

    @Flag(help: "Print as JSON.")
    var json = false

    func run() throws { try Reporting.run(json: json) { try work() } }

    private func work() throws {
        let kept = try KeptRanges.read()
        if json { return Terminal.answer(KeptJSON.text(kept)) }
        for entry in kept.entries {
            let sizes = "\(ByteSize.format(entry.presentByteCount)) of \(ByteSize.format(entry.byteCount))"
            Terminal.answer("\(entry.model)  \(entry.file)  \(sizes)\n")
        }
        let sum = kept.entries.reduce(0) { $0 + $1.presentByteCount }
        Terminal.say("\(ByteSize.format(sum)) in \(kept.folder)")
    }
}

/// `suture cache prune`.
struct CachePruneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Remove what is kept of files that are not whole.",
        discussion: """
            Nothing in the Hugging Face cache is touched. Let no build run that reads these models from the hub.

            Examples:
              suture cache prune
              suture cache prune mistralai/Mistral-7B-v0.1
            """
    )

    @Argument(help: "The models; all of them when left out.")
    var models: [String] = []

    @Flag(help: "Print as JSON.")
    var json = false

    func run() throws { try Reporting.run(json: json) { try work() } }

    private func work() throws {
        let kept = try KeptRanges.read()
        let known = Set(kept.entries.map(\.model))
        let unknown = models.filter { !known.contains($0) }
        if !unknown.isEmpty { throw CommandFailure(unknown.map { .notKept($0, among: known.sorted()) }) }
        do throws(Surgery.BuildError) {
            let count = try kept.remove(models)
            Terminal.say("removed \(ByteSize.format(count))")
            if json { Terminal.answer(KeptJSON.text([("removed", count)], folder: kept.folder)) }
        } catch { throw CommandFailure(error) }
    }
}

extension KeptRanges {
    /// Those of the process' environment; what stands against looking ends the command.
    fileprivate static func read() throws -> KeptRanges {
        do throws(Diagnostics) { return try KeptRanges(environment: Terminal.environment) } catch {
            throw CommandFailure(error, exitCode: 2)
        }
    }
}

/// What is kept, for other programs.
enum KeptJSON {
    /// The text of a list, with a final line break.
    static func text(_ kept: KeptRanges) -> String {
        let entries = kept.entries.map { entry in
            JSONValue.object([
                "model": .string(entry.model), "file": .string(entry.file), "present": .int(entry.presentByteCount),
                "bytes": .int(entry.byteCount),
            ])
        }
        let object: JSONObject = ["folder": .string(kept.folder), "files": .array(entries)]
        return JSONPrinter.print(.object(object), indent: 1) + "\n"
    }

    /// The text of numbers of bytes, with a final line break.
    static func text(_ counts: [(String, Int)], folder: String?) -> String {
        var object = JSONObject(counts.map { JSONObject.Member($0.0, .int($0.1)) })
        object["folder"] = folder.map(JSONValue.string)
        return JSONPrinter.print(.object(object), indent: 1) + "\n"
    }
}

extension Diagnostic {
    fileprivate static func notKept(_ model: String, among known: [String]) -> Diagnostic {
        Diagnostic(
            code: "model-not-kept",
            "nothing is kept of '\(excerpt(model))'",
            at: Diagnostic.Place?.none,
            fix: .didYouMean(model, among: known)
        )
    }
}
