import ArgumentParser
import SutureKit

/// `suture finish`: makes an output of parts that have all been written.
struct FinishCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "finish",
        abstract: "Make a model of parts that have all been run.",
        discussion: """
            Checks that every part has left its receipt and was run of this very plan, adds the index, the config, the \
            tokenizer, the card and the manifest, and gives the folder its name. Parts that are missing are named, and \
            the exit code is then 3.

            Examples:
              suture finish plan.json -o /shared/solar
              suture finish plan.json -o /shared/solar --force      replaces an older model
              suture finish plan.json -o /shared/solar --compress zstd
            """
    )

    @OptionGroup var saved: SavedPlan

    @Option(name: .shortAndLong, help: "The folder that the parts were run for.", completion: .directory)
    var output: String

    @Flag(help: "Replace an output that is there already.")
    var force = false

    @OptionGroup var packing: CompressionOptions

    @Option(help: "The number of threads that pack; one a core when left out.")
    var threads: Int?

    @Flag(help: "Print the outcome as JSON.")
    var json = false

    func validate() throws {
        if let threads, threads < 1 { throw ValidationError("--threads takes at least 1") }
    }

    func run() throws { try Reporting.run(json: json) { try work() } }

    private func work() throws {
        let plan = try saved.read()
        var options = Surgery.BuildOptions()
        options.sourceFolders = try saved.folders()
        options.replacesExisting = force
        options.compression = packing.compression
        options.threads = threads
        let (folder, buildOptions) = (output, options)
        try Writing.run(total: plan.outputByteCount, json: json) { (onProgress) throws(Surgery.BuildError) in
            try Surgery.finish(
                plan,
                into: folder,
                options: buildOptions,
                isCancelled: { Interruption.isRequested },
                onProgress: onProgress
            )
        }
    }
}
