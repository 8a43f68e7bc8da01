import ArgumentParser
import SutureKit

/// `suture export`: prints a job file for a scheduler.
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Print a job file that runs a plan in parts and finishes it.",
        discussion: """
            Each part asks for the cores given and for the memory that so many threads make use of. Exit codes tell the \
            scheduler what to try again (3) and what not (1).

            Examples:
              suture export slurm plan.json -o /shared/solar --parts 8 > job.sh && bash job.sh
              suture export kubernetes plan.json -o /models/solar --parts 8 --image registry/suture:0.1.0 --claim models
              suture export snakemake plan.json -o solar --parts 8 > Snakefile && snakemake --cores 8
            """
    )

    @Argument(help: "The scheduler: slurm, kubernetes or snakemake.")
    var format: JobFormat

    @Argument(help: "The plan, as 'suture plan RECIPE -o FILE' writes it.", completion: .file(extensions: ["json"]))
    var plan: String

    @Option(name: .shortAndLong, help: "The folder to make, which all machines share.", completion: .directory)
    var output: String

    @Option(help: ArgumentHelp("How many parts; one for each 20 GB when left out.", valueName: "n"))
    var parts: Int?

    @Option(help: ArgumentHelp("The cores of a part.", valueName: "n"))
    var cores = 4

    @Option(
        help: ArgumentHelp(
            "The memory of a part's process; what its threads make use of when left out.",
            valueName: "size"
        )
    )
    var memory: ByteCount?

    @Option(help: ArgumentHelp("The program, where the jobs have it.", valueName: "path"))
    var program: String?

    @Option(help: "Kubernetes: the container image that holds the program.")
    var image: String?

    @Option(help: "Kubernetes: the volume claim that holds plan, sources and output.")
    var claim: String?

    @Option(help: ArgumentHelp("Kubernetes: where that volume is in the containers.", valueName: "path"))
    var mount: String?

    func validate() throws {
        if let parts, !(1...Part.mostParts).contains(parts) {
            throw ValidationError("--parts takes 1 to \(Part.mostParts)")
        }
        guard (1...512).contains(cores) else { throw ValidationError("--cores takes 1 to 512") }
    }

    func run() throws { try Reporting.run(json: false) { try work() } }

    private func work() throws {
        let read = try SavedPlan.read(plan)
        let request: JobRequest
        do throws(Surgery.BuildError) { request = try self.request(for: read) } catch {
            throw CommandFailure(error)
        }
        if let fault = request.fault {
            throw CommandFailure([fault])
        }
        Terminal.answer(format.text(request))
    }

    private func request(for read: Plan) throws(Surgery.BuildError) -> JobRequest {
        var request = try JobRequest(
            read,
            at: Terminal.absolute(plan),
            output: Terminal.absolute(output),
            parts: parts,
            cores: cores,
            memory: memory?.bytes
        )
        request.program = program ?? request.program
        request.image = image ?? request.image
        request.claim = claim ?? request.claim
        request.mount = mount ?? request.mount
        return request
    }
}

extension JobFormat: ExpressibleByArgument {}
