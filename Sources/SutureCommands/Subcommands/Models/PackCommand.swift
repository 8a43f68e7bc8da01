import ArgumentParser
import SutureKit

/// `suture pack`: a folder with its weight files packed.
struct PackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pack",
        abstract: "Pack the weight files of a model with zstd.",
        discussion: """
            Packed shards are sources like any other, read in parts. Files are seekable zstd, and 'zstd -d' restores \
            them too; with --planes they are a tenth smaller or more, and only 'suture unpack' restores them. Every \
            frame is restored and compared before it counts.

            Examples:
              suture pack my-model -o my-model-packed
              suture pack my-model -o my-model-packed --planes --threads 4
            """
    )

    @Argument(help: "The folder with safetensors files.", completion: .directory)
    var folder: String

    @Option(name: .shortAndLong, help: "The folder to make.", completion: .directory)
    var output: String

    @Option(help: "zstd's level, 1 to 22; weights gain nothing above 1.")
    var level = 1

    @Flag(help: "Take numbers of two bytes apart into planes.")
    var planes = false

    @Flag(help: "Replace an output that is there already.")
    var force = false

    @Option(help: "The number of threads; one a core when left out.")
    var threads: Int?

    @Flag(help: "Print as JSON.")
    var json = false

    func validate() throws {
        if !(1...22).contains(level) { throw ValidationError("--level takes 1 to 22") }
        if let threads, threads < 1 { throw ValidationError("--threads takes at least 1") }
    }

    func run() throws { try Reporting.run(json: json) { try work() } }

    private func work() throws {
        Interruption.watch()
        do throws(Surgery.BuildError) {
            let outcome = try Surgery.pack(
                folder,
                into: output,
                compression: Surgery.Compression(level: level, splitsPlanes: planes),
                replacesExisting: force,
                threads: threads,
                isCancelled: { Interruption.isRequested },
                onFile: { Terminal.say(PackingWords.line($0, $1, $2)) }
            )
            Terminal.say(PackingWords.summary(outcome))
            Terminal.answer(json ? PackingWords.json(outcome, in: output) : output + "\n")
        } catch {
            throw CommandFailure(error)
        }
    }
}

/// `suture unpack`: a folder with its weight files restored.
struct UnpackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unpack",
        abstract: "Restore the packed weight files of a model, byte for byte.",
        discussion: """
            Examples:
              suture unpack my-model-packed -o my-model
            """
    )

    @Argument(help: "The folder with packed files.", completion: .directory)
    var folder: String

    @Option(name: .shortAndLong, help: "The folder to make.", completion: .directory)
    var output: String

    @Flag(help: "Replace an output that is there already.")
    var force = false

    @Option(help: "The number of threads; one a core when left out.")
    var threads: Int?

    @Flag(help: "Print as JSON.")
    var json = false

    func validate() throws {
        if let threads, threads < 1 { throw ValidationError("--threads takes at least 1") }
    }

    func run() throws { try Reporting.run(json: json) { try work() } }

    private func work() throws {
        Interruption.watch()
        do throws(Surgery.BuildError) {
            let outcome = try Surgery.unpack(
                folder,
                into: output,
                replacesExisting: force,
                threads: threads,
                isCancelled: { Interruption.isRequested },
                onFile: { Terminal.say(PackingWords.line($0, $1, $2)) }
            )
            Terminal.say(PackingWords.summary(outcome))
            Terminal.answer(json ? PackingWords.json(outcome, in: output) : output + "\n")
        } catch {
            throw CommandFailure(error)
        }
    }
}

/// What is said of packed files.
enum PackingWords {
    /// One file.
    static func line(_ name: String, _ contentBytes: Int, _ packedBytes: Int) -> String {
        "  \(name)  \(ByteSize.format(contentBytes)), packed \(ByteSize.format(packedBytes)) (\(share(packedBytes, contentBytes)))"
    }

    /// All of them.
    static func summary(_ outcome: Surgery.PackingOutcome) -> String {
        let seconds = outcome.duration / .seconds(1)
        let rate = seconds > 0 ? ", \(ByteSize.format(Int(Double(outcome.contentByteCount) / seconds)))/s" : ""
        let files = outcome.fileCount == 1 ? "1 file" : "\(outcome.fileCount) files"
        return "\(files), \(ByteSize.format(outcome.contentByteCount)), packed "
            + "\(ByteSize.format(outcome.packedByteCount)) (\(share(outcome.packedByteCount, outcome.contentByteCount)))\(rate)"
    }

    /// The same for other programs.
    static func json(_ outcome: Surgery.PackingOutcome, in folder: String) -> String {
        let object: JSONObject = [
            "folder": .string(folder), "files": .int(outcome.fileCount),
            "content_bytes": .int(outcome.contentByteCount), "packed_bytes": .int(outcome.packedByteCount),
            "seconds": .double(outcome.duration / .seconds(1)),
        ]
        return JSONPrinter.print(.object(object), indent: 1) + "\n"
    }

    private static func share(_ part: Int, _ whole: Int) -> String {
        let thousandths = whole > 0 ? Int((Double(part) / Double(whole) * 1000).rounded()) : 1000
        return "\(thousandths / 10).\(thousandths % 10) %"
    }
}
