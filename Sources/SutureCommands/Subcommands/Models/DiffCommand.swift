import ArgumentParser
import SutureKit

/// `suture diff`: how models differ, tensor by tensor.
struct DiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Compare models: every tensor, the config, the tokens.",
        discussion: """
            The first model is what the others are held against. Each number of the table is a relative change, \
            |b - a| / |a|, of all tensors of a layer that play one kind of role; '=' is equal byte for byte. Layers are \
            laid side by side by number, or where the depths differ, by what is alike: a stack shows where each of its \
            layers is from. Weights are read once, in bounded memory.

            Examples:
              suture diff base fine-tune
              suture diff base a b --tensors
              suture diff mistralai/Mistral-7B-v0.1 ./solar --json
              suture diff a b --exit-code && echo the same
            """
    )

    @Argument(help: "Two models or more: folders, owner/name[@revision] on the hub.", completion: .directory)
    var models: [String]

    @Flag(help: "A line for every tensor.")
    var tensors = false

    @Option(help: ArgumentHelp("How many of the tensors that changed most are named.", valueName: "count"))
    var most = 5

    @Flag(help: "End with 1 where models differ.")
    var exitCode = false

    @Option(help: "The number of threads; one a core when left out.")
    var threads: Int?

    @Flag(help: "Print as JSON: a list with one report for each model behind the first.")
    var json = false

    func validate() throws {
        if models.count < 2 { throw ValidationError("name two models at least") }
        if let threads, threads < 1 { throw ValidationError("--threads takes at least 1") }
        if most < 0 { throw ValidationError("--most takes 0 or more") }
    }

    func run() throws { try Reporting.run(json: json) { try work() } }

    private func work() throws {
        let progress = ProgressLine(total: 0)
        Interruption.watch()
        let reports: [DifferenceReport]
        do throws(Surgery.BuildError) {
            defer { progress.finish() }
            reports = try Surgery.compare(
                models,
                threads: threads,
                environment: Terminal.environment,
                readsHub: true,
                isCancelled: { Interruption.isRequested },
                onProgress: { progress.hear($0) }
            )
        } catch { throw CommandFailure(error) }
        if json {
            Terminal.answer("[" + reports.map(\.json).joined(separator: ",") + "]\n")
        } else {
            Terminal.answer(reports.map { $0.text(listsTensors: tensors, mostChanged: most) }.joined(separator: "\n"))
        }
        if exitCode, reports.contains(where: { !$0.isEqual }) { throw ExitCode(1) }
    }
}
