import ArgumentParser
import SutureKit

/// `suture build`: checks, plans and makes the new model.
struct BuildCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Make the model that a recipe describes.",
        discussion: """
            Checks and plans first, and writes only when nothing is wrong. Of models on the hub, only the ranges that \
            the plan reads are fetched, and kept for a later build. The output is written beside its final \
            name and renamed when it is complete: a folder of that name is always whole.

            Examples:
              suture build solar.yml -o solar-10.7b
              suture build dus.yml -o up --input base=mistralai/Mistral-7B-v0.1 --param keep=24
              suture build mergekit_config.yml -o merged --shard-size 2GB --threads 4 --memory 500MB
            """
    )

    @Argument(help: "The recipe; '-' reads standard input.", completion: .file(extensions: ["yaml", "yml"]))
    var recipe: String

    @Argument(help: "The folder to make; -o says the same.", completion: .directory)
    var folder: String?

    @Option(name: .shortAndLong, help: "The folder to make.", completion: .directory)
    var output: String?

    @OptionGroup(title: "Recipe") var options: RecipeOptions

    @OptionGroup(title: "Machine") var resources: ResourceOptions

    @Flag(help: "Replace an output that is there already.")
    var force = false

    @Flag(help: "Go on with what an interrupted build left.")
    var resume = false

    @OptionGroup var packing: CompressionOptions

    @Flag(help: "Read tensors whose blocks are shared with a source too, so that the manifest has their hashes.")
    var hashAll = false

    @Flag(help: "Print the outcome as JSON.")
    var json = false

    func validate() throws {
        guard folder == nil || output == nil else {
            throw ValidationError("'\(folder ?? "")' and -o '\(output ?? "")' both name the folder to make")
        }
        guard folder ?? output != nil else { throw ValidationError("the folder to make is missing: add -o DIR") }
    }

    func run() throws { try Reporting.run(json: json) { try work() } }

    private func work() throws {
        let result = try options.plan(recipe)
        // What was compared by length is read below.
        let said = result.diagnostics.filter { $0.code != "compared-by-length" }
        guard let plan = result.plan else { throw CommandFailure(said) }
        Terminal.show(said)
        let table = PlanTable(plan)
        Terminal.say(([table.headline, ""] + table.picture + [""]).joined(separator: "\n"))

        var buildOptions = resources.buildOptions
        buildOptions.replacesExisting = force
        buildOptions.resumes = resume
        buildOptions.compression = packing.compression
        buildOptions.hashesShared = hashAll
        buildOptions.links = options.link
        buildOptions.environment = options.environment
        if let fetch = try FetchText.of(plan, options.environment) { Terminal.say(fetch) }
        let lock = options.locked ? try options.readLock(recipe) : nil
        let (folder, options) = (folder ?? output ?? "", buildOptions)
        if !resume, let left = Surgery.interruptedByteCount(folder) {
            let size = ByteSize.format(left)
            Terminal.say(
                "what an interrupted build left of \(folder) is thrown away (\(size)); --resume goes on with it"
            )
        }
        try Writing.run(total: plan.outputByteCount, json: json, said: said) {
            (onProgress) throws(Surgery.BuildError) in
            if let lock { try compare(plan, with: lock, onProgress) }
            return try Surgery.build(
                plan,
                into: folder,
                options: options,
                isCancelled: { Interruption.isRequested },
                onProgress: onProgress
            )
        }
    }

    /// Reads the weights that no hub cache names by their hash, and refuses what differs from the lock.
    private func compare(
        _ plan: Plan,
        with lock: Surgery.Lock,
        _ onProgress: @escaping @Sendable (Surgery.Progress) -> Void
    ) throws(Surgery.BuildError) {
        var reading = Surgery.Lock.Reading()
        reading.threads = resources.threads
        let found = try lock.differences(
            from: plan,
            reading,
            isCancelled: { Interruption.isRequested },
            onProgress: onProgress
        )
        if !found.isEmpty { throw Surgery.BuildError(diagnostics: found, exitCode: 1) }
    }
}
