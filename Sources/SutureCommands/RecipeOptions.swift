import ArgumentParser
import SutureDiagnostics
import SutureKit
import SuturePlanning
import SutureTensors

/// What `check`, `plan` and `build` add to a recipe.
struct RecipeOptions: ParsableArguments {
    @Option(
        name: .customLong("input"),
        help: ArgumentHelp("The model for an input of the recipe; may be repeated.", valueName: "name=ref")
    )
    var inputs: [NameAndValue] = []

    @Option(
        name: .customLong("param"),
        help: ArgumentHelp("A value for a parameter of the recipe; may be repeated.", valueName: "name=value")
    )
    var parameters: [NameAndValue] = []

    @Option(help: ArgumentHelp("The most bytes in a weight file, such as 5GB.", valueName: "size"))
    var shardSize: ByteCount?

    @Option(help: "The seed of random methods.")
    var seed: Int?

    @Flag(help: "Reproduce mergekit's numbers, defects and all.")
    var bugCompatible = false

    @Flag(help: "Round every stage of a mergekit file as if it had been written to disk.")
    var stageRounding = false

    @Flag(name: .customLong("allow-nonfinite"), help: "Let NaN and infinity in a source through.")
    var allowsNonFinite = false

    /// The options for the planner.
    func planningOptions() throws(ValidationError) -> PlanningOptions {
        var options = PlanningOptions()
        for input in inputs {
            guard options.inputs.updateValue(input.value, forKey: input.name) == nil else {
                throw ValidationError("--input \(input.name) is given twice")
            }
        }
        for parameter in parameters {
            guard options.parameters.updateValue(parameter.value, forKey: parameter.name) == nil else {
                throw ValidationError("--param \(parameter.name) is given twice")
            }
        }
        options.shardSize = shardSize?.bytes
        options.seed = seed
        options.isBugCompatible = bugCompatible
        options.roundsStages = stageRounding
        options.allowsNonFinite = allowsNonFinite
        options.environment = Terminal.environment
        return options
    }

    /// Reads a recipe; what is wrong with it is shown, and ends the command.
    func surgery(_ recipe: String) throws -> Surgery {
        let options = try planningOptions()
        do throws(Diagnostics) {
            return try Surgery(reading: recipe, options: options)
        } catch {
            Terminal.show(error.all)
            throw ExitCode(1)
        }
    }

    /// Plans a recipe.
    func plan(_ recipe: String) throws(ValidationError) -> PlanningResult {
        let options = try planningOptions()
        do throws(Diagnostics) {
            return try Surgery(reading: recipe, options: options).plan()
        } catch {
            return PlanningResult(plan: nil, diagnostics: error.all)
        }
    }
}

/// `name=value` on the command line.
struct NameAndValue: ExpressibleByArgument {
    let name: String
    let value: String

    init?(argument: String) {
        guard let equals = argument.firstIndex(of: "="), equals > argument.startIndex else { return nil }
        name = String(argument[..<equals])
        value = String(argument[argument.index(after: equals)...])
        guard !value.isEmpty else { return nil }
    }
}

/// A size on the command line: `5GB`, `500MB`, `4096`.
struct ByteCount: ExpressibleByArgument {
    let bytes: Int

    init?(argument: String) {
        guard let bytes = ByteSize.parse(argument), bytes > 0 else { return nil }
        self.bytes = bytes
    }
}
