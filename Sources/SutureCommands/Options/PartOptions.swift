import ArgumentParser
import SutureKit

/// Which part of a plan is run.
struct PartOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The part to run, counted from 1, and how many there are: 2/4.", valueName: "k/n"))
    var part: PartArgument?

    @Option(
        help: ArgumentHelp(
            "The variable in which the scheduler says which part this is: SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX, …",
            valueName: "name"
        )
    )
    var partEnv: String?

    @Option(help: ArgumentHelp("How many parts there are, where the scheduler does not say.", valueName: "n"))
    var parts: Int?

    @Option(help: ArgumentHelp("From where the variable counts, 0 or 1, where that is not known.", valueName: "0|1"))
    var partBase: Int?

    func validate() throws {
        if part != nil, partEnv != nil { throw ValidationError("--part and --part-env both say which part this is") }
        if partEnv == nil, parts != nil || partBase != nil {
            throw ValidationError("--parts and --part-base go with --part-env; with --part, write --part k/n")
        }
        if let partBase, partBase != 0, partBase != 1 { throw ValidationError("--part-base takes 0 or 1") }
        if let parts, !(1...Part.mostParts).contains(parts) {
            throw ValidationError("--parts takes 1 to \(Part.mostParts)")
        }
    }

    /// The part; `nil` where all of the plan is run at once.
    func chosen() throws(ValidationError) -> Part? {
        if let part { return part.part }
        guard let partEnv else { return nil }
        do throws(PartVariableError) {
            return try PartVariable.part(partEnv, in: Terminal.environment, parts: parts, base: partBase)
        } catch { throw ValidationError(error.description) }
    }
}

/// `k/n` on the command line.
struct PartArgument: ExpressibleByArgument {
    let part: Part

    init?(argument: String) {
        guard let part = Part(argument) else { return nil }
        self.part = part
    }
}
