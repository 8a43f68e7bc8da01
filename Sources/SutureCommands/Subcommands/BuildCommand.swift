import ArgumentParser
import SutureDiagnostics
import SutureKit
import SuturePlanning
import SutureTensors

/// `suture build`: checks, plans and makes the new model.
struct BuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Make the model that a recipe describes.",
        discussion: """
            Checks and plans first, and writes only when nothing is wrong. The output is written beside its final \
            name and renamed when it is complete: a folder of that name is always whole.

            Examples:
              suture build solar.yml -o solar-10.7b
              suture build dus.yml -o up --input base=mistralai/Mistral-7B-v0.1 --param keep=24
              suture build mergekit_config.yml -o merged --shard-size 2GB --threads 4 --memory 500MB
            """
    )

    @Argument(help: "The recipe; '-' reads standard input.", completion: .file(extensions: ["yaml", "yml"]))
    var recipe: String

    @Option(name: .shortAndLong, help: "The folder to make.", completion: .directory)
    var output: String

    @OptionGroup(title: "Recipe") var options: RecipeOptions

    @Option(help: "The number of threads; one a core when left out.")
    var threads: Int?

    @Option(help: ArgumentHelp("The memory to take at most, such as 2GB.", valueName: "size"))
    var memory: ByteCount?

    @Flag(help: "Replace an output that is there already.")
    var force = false

    @Flag(help: "Go on with what an interrupted build left.")
    var resume = false

    @Option(help: ArgumentHelp("Pack the weight files: zstd, or zstd:LEVEL.", valueName: "how"))
    var compress: CompressionName?

    @Flag(help: "Take numbers of two bytes apart before they are packed; only 'suture unpack' restores such files.")
    var planes = false

    @Flag(help: "Read tensors whose blocks are shared with a source too, so that the manifest has their hashes.")
    var hashAll = false

    @Flag(help: "Print the outcome as JSON.")
    var json = false

    func validate() throws {
        if planes, compress == nil { throw ValidationError("--planes is a way to pack: add --compress zstd") }
        if let threads, threads < 1 { throw ValidationError("--threads takes at least 1") }
    }

    func run() async throws {
        let result = try options.plan(recipe)
        // What was compared by length is read below.
        Terminal.show(result.diagnostics.filter { $0.code != "compared-by-length" })
        guard let plan = result.plan else { throw ExitCode(1) }
        let table = PlanTable(plan)
        Terminal.say(([table.headline, ""] + table.picture + [""]).joined(separator: "\n"))

        var buildOptions = Surgery.BuildOptions()
        buildOptions.threads = threads
        buildOptions.memory = memory?.bytes
        buildOptions.replacesExisting = force
        buildOptions.resumes = resume
        buildOptions.compression = compress.map { Surgery.Compression(level: $0.level, splitsPlanes: planes) }
        buildOptions.hashesShared = hashAll
        buildOptions.links = options.link
        let progress = ProgressLine(total: plan.outputByteCount)
        Interruption.watch()
        let lock = options.locked ? try options.readLock(recipe) : nil
        do throws(Surgery.BuildError) {
            if let lock { try compare(plan, with: lock, progress) }
            let outcome = try Surgery.build(
                plan,
                into: output,
                options: buildOptions,
                isCancelled: { Interruption.isRequested },
                onProgress: { progress.hear($0) }
            )
            progress.finish()
            Terminal.show(outcome.notices)
            report(outcome)
        } catch {
            progress.finish()
            Terminal.show(error.diagnostics)
            throw ExitCode(error.exitCode)
        }
    }

    /// Reads the weights that no hub cache names by their hash, and refuses what differs from the lock.
    private func compare(
        _ plan: Plan,
        with lock: Surgery.Lock,
        _ progress: ProgressLine
    ) throws(Surgery.BuildError) {
        var reading = Surgery.Lock.Reading()
        reading.threads = threads
        let found = try lock.differences(
            from: plan,
            reading,
            isCancelled: { Interruption.isRequested },
            onProgress: { progress.hear($0) }
        )
        if !found.isEmpty { throw Surgery.BuildError(diagnostics: found, exitCode: 1) }
    }

    private func report(_ outcome: Surgery.Outcome) {
        let seconds = outcome.duration / .seconds(1)
        if json {
            Terminal.answer(OutcomeJSON(outcome).text)
            return
        }
        let rate = seconds > 0 ? ", \(ByteSize.format(Int(Double(outcome.byteCount) / seconds)))/s" : ""
        let memory = outcome.peakMemory.map { ", peak memory \(ByteSize.format($0))" } ?? ""
        Terminal.say("\(ByteSize.format(outcome.byteCount)) in \(tenths(seconds)) s\(rate)\(memory)")
        Terminal.answer(outcome.folder + "\n")
    }

    private func tenths(_ seconds: Double) -> String {
        let whole = Int((seconds * 10).rounded())
        return "\(whole / 10).\(whole % 10)"
    }
}
