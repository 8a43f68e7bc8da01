import ArgumentParser
import SutureKit

/// `suture verify`: whether a model is what was built.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Compare a model with its manifest, and with its sources.",
        discussion: """
            Headers, index, config and small files are compared with manifest.json and with each other, and every \
            tensor with its hash; packed files are read as what is in them. --recompute makes tensors again from the \
            sources, by the recipe in the folder. Exits with 1 when something is wrong, and says which file and tensor. \
            Without a manifest only the structure is looked at.

            Examples:
              suture verify out
              suture verify out --recompute 1%
              suture verify out --recompute all --input base=/models/base --json
            """
    )

    @Argument(help: "The model's folder.", completion: .directory)
    var folder: String

    @Option(help: ArgumentHelp("Make this share of the tensors again from the sources.", valueName: "1%|all"))
    var recompute: ShareName?

    @Option(help: "What the choice of tensors to make again hangs on.")
    var seed = 0

    @Option(
        name: .customLong("input"),
        help: ArgumentHelp("Where a source is now; may be repeated.", valueName: "name=ref")
    )
    var inputs: [NameAndValue] = []

    @Flag(help: "Read no tensors: compare headers, index, config and small files only.")
    var structure = false

    @Option(help: "The number of threads; one a core when left out.")
    var threads: Int?

    @Option(help: ArgumentHelp("The memory to take at most, such as 2GB.", valueName: "size"))
    var memory: ByteCount?

    @Flag(help: "Print the outcome as JSON.")
    var json = false

    func validate() throws {
        if let threads, threads < 1 { throw ValidationError("--threads takes at least 1") }
        if structure, recompute != nil { throw ValidationError("--structure reads no tensors to make again") }
    }

    func run() throws { try Reporting.run(json: json) { try work() } }

    private func work() throws {
        var options = Surgery.VerificationOptions()
        options.threads = threads
        options.memory = memory?.bytes
        options.readsTensors = !structure
        options.recomputedShare = recompute?.share
        options.seed = seed
        for input in inputs {
            let (name, model) = try input.parts(of: "--input", example: "base=/models/base")
            options.inputs[name] = model
        }
        options.environment = Terminal.environment
        options.readsHub = true
        let progress = ProgressLine(total: 0)
        Interruption.watch()
        let verified: Surgery.Verified
        do throws(Surgery.BuildError) {
            verified = try Surgery.verify(
                folder,
                options: options,
                isCancelled: { Interruption.isRequested },
                onProgress: { progress.hear($0) }
            )
            progress.finish()
        } catch {
            progress.finish()
            throw CommandFailure(error)
        }
        if !json { Terminal.show(verified.diagnostics) }
        Terminal.answer(json ? VerifiedText(verified).json : VerifiedText(verified).text)
        if !verified.isGood { throw ExitCode(1) }
    }
}

/// A share of the tensors on the command line: `1%` or `all`.
struct ShareName: ExpressibleByArgument {
    let share: Double

    init?(argument: String) {
        guard let share = Surgery.VerificationOptions.share(argument) else { return nil }
        self.share = share
    }
}
