import ArgumentParser
import SutureKit

/// `suture run`: runs a plan that was kept, or one part of it.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a plan, or one part of it on one of many machines.",
        discussion: """
            Parts write to one shared folder and need nothing else of each other: in any order, side by side, each as \
            often as it takes. What is done is not done again, what was interrupted is gone on with, and \
            'suture finish' makes the model of it. Exit code 3 says that trying again may help.

            A machine that has the sources elsewhere, or sees them through another mount, is told where: \
            --input base=DIR. Files there must have the length and the time of change that the plan knows.

            Examples:
              suture plan solar.yml -o plan.json
              suture run plan.json -o /shared/solar --part 2/4
              suture run plan.json -o /shared/solar --part-env SLURM_ARRAY_TASK_ID
              suture run plan.json -o /shared/solar --part-env JOB_COMPLETION_INDEX --parts 8
              suture run plan.json -o solar                  all of it, like 'suture build'
            """
    )

    @OptionGroup var saved: SavedPlan

    @Option(name: .shortAndLong, help: "The folder to make; the same for all parts.", completion: .directory)
    var output: String

    @OptionGroup(title: "Part") var parts: PartOptions

    @OptionGroup(title: "Machine") var resources: ResourceOptions

    @Flag(help: "Replace an output that is there already, when all of the plan is run at once.")
    var force = false

    @Flag(help: "Print the outcome as JSON.")
    var json = false

    func run() throws { try Reporting.run(json: json) { try work() } }

    private func work() throws {
        let part = try parts.chosen()
        if force, part != nil {
            throw ValidationError("--force goes with 'suture finish', which gives the folder its name")
        }
        let plan = try saved.read()
        var options = resources.buildOptions
        options.sourceFolders = try saved.folders()
        options.replacesExisting = force
        options.resumes = true
        let (folder, buildOptions) = (output, options)
        let total = plan.outputByteCount
        try Writing.run(total: total, json: json, isPart: part != nil) { (onProgress) throws(Surgery.BuildError) in
            guard let part else {
                return try Surgery.build(
                    plan,
                    into: folder,
                    options: buildOptions,
                    isCancelled: { Interruption.isRequested },
                    onProgress: onProgress
                )
            }
            return try Surgery.run(
                plan,
                part: part,
                into: folder,
                options: buildOptions,
                isCancelled: { Interruption.isRequested },
                onProgress: onProgress
            )
        }
    }
}
