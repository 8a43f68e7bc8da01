import ArgumentParser
import SutureKit

/// `suture identify`: of which models a model was made.
struct IdentifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "identify",
        abstract: "Find of which models a model was made, and write the recipe.",
        discussion: """
            Each layer is laid beside those that it is most like, and each tensor explained: a copy, one number, a \
            multiple, a sum by least squares. The recipe that was found is planned, and what it makes is compared with \
            the model byte for byte. Ends with 0 where that is equal, with 1 where tensors are of no model that was \
            named, and with 4 where all is explained but not to the last bit.

            Examples:
              suture identify ./frankenmerge --among base fine-tune
              suture identify ./mix --among base a b --recipe found.yml
              suture identify ./mix --among base a --json
            """
    )

    @Argument(help: "The model: a folder, owner/name[@revision] on the hub.", completion: .directory)
    var model: String

    @Option(parsing: .upToNextOption, help: "What it may be made of.", completion: .directory)
    var among: [String]

    @Option(help: "Write the recipe to a file.", completion: .file(extensions: ["yml"]))
    var recipe: String?

    @Option(help: "The number of threads; one a core when left out.")
    var threads: Int?

    @Flag(help: "Print as JSON.")
    var json = false

    /// The exit code where all is explained, but not to the last bit.
    private static let inconclusive: Int32 = 4

    func validate() throws {
        if among.isEmpty { throw ValidationError("name what it may be made of: --among base fine-tune") }
        if let threads, threads < 1 { throw ValidationError("--threads takes at least 1") }
    }

    func run() throws { try Reporting.run(json: json) { try work() } }

    private func work() throws {
        let progress = ProgressLine(total: 0)
        Interruption.watch()
        let report: OriginReport
        do throws(Surgery.BuildError) {
            defer { progress.finish() }
            report = try Surgery.identify(
                model,
                among: among,
                threads: threads,
                environment: Terminal.environment,
                readsHub: true,
                isCancelled: { Interruption.isRequested },
                onProgress: { progress.hear($0) }
            )
        } catch { throw CommandFailure(error) }
        Terminal.answer(json ? report.json : report.text)
        if let recipe {
            do throws(Diagnostics) { try report.writeRecipe(to: recipe) } catch {
                throw CommandFailure(error)
            }
        }
        switch report.verdict {
        case .equal: break
        case .differs: throw ExitCode(1)
        case .inconclusive: throw ExitCode(Self.inconclusive)
        }
    }
}
