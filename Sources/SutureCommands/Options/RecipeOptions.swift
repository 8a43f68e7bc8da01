import ArgumentParser
import SutureKit

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

    @Option(
        name: .customLong("accept"),
        help: ArgumentHelp(
            "A difference between models that is meant, by the name that its message gives; may be repeated.",
            valueName: "name"
        )
    )
    var accepted: [String] = []

    @Option(help: ArgumentHelp("The most bytes in a weight file, such as 5GB.", valueName: "size"))
    var shardSize: ByteCount?

    @Option(help: "The seed of random methods.")
    var seed: Int?

    @Option(help: "The mergekit whose numbers to reproduce, defects and all.")
    var compat: Compatibility?

    @Flag(help: ArgumentHelp("The same as --compat \(Compatibility.newestName), the newest that is known."))
    var bugCompatible = false

    @Flag(help: "Round every stage of a mergekit file as if it had been written to disk.")
    var stageRounding = false

    @Flag(name: .customLong("allow-nonfinite"), help: "Let NaN and infinity in a source through.")
    var allowsNonFinite = false

    @Flag(help: "Keep weight files whose tensors are all untouched as they are; 'build' links them.")
    var link = false

    @Flag(help: "Take the models that RECIPE.lock pins, and refuse others.")
    var locked = false

    @Flag(help: "Ask no hub: take models that are on this machine, as HF_HUB_OFFLINE=1 does.")
    var offline = false

    /// The environment, in which the network is forbidden where the command line says so.
    var environment: [String: String] {
        Terminal.environment.merging(offline ? ["HF_HUB_OFFLINE": "1"] : [:]) { $1 }
    }

    /// The options for the planner.
    func planningOptions() throws(ValidationError) -> PlanningOptions {
        var options = PlanningOptions()
        for input in inputs {
            let (name, model) = try input.parts(of: "--input", example: "base=owner/name")
            guard options.inputs.updateValue(model, forKey: name) == nil else {
                throw ValidationError("--input \(name) is given twice")
            }
        }
        for parameter in parameters {
            let (name, value) = try parameter.parts(of: "--param", example: "keep=24")
            guard options.parameters.updateValue(value, forKey: name) == nil else {
                throw ValidationError("--param \(name) is given twice")
            }
        }
        options.accepted = accepted
        options.shardSize = shardSize?.bytes
        options.seed = seed
        guard !bugCompatible || compat == nil || compat?.release == Compatibility.newest else {
            throw ValidationError("--bug-compatible means --compat \(Compatibility.newestName); give one of them")
        }
        options.compatibility = compat?.release ?? (bugCompatible ? Compatibility.newest : nil)
        options.roundsStages = stageRounding
        options.allowsNonFinite = allowsNonFinite
        options.keepsFiles = link
        options.environment = environment
        options.readsHub()
        return options
    }

    /// Reads a recipe; what is wrong with it is shown, and ends the command.
    func surgery(_ recipe: String) throws -> Surgery {
        var options = try planningOptions()
        if locked { options.revisions = try readLock(recipe).revisions }
        do throws(Diagnostics) {
            return try Surgery(reading: recipe, options: options)
        } catch {
            throw CommandFailure(error)
        }
    }

    /// Plans a recipe; with `--locked` by the models that are pinned, of which no weights are read here.
    func plan(_ recipe: String) throws -> PlanningResult {
        guard locked else { return try plan(recipe, pinnedBy: nil) }
        let lock = try readLock(recipe)
        var result = try plan(recipe, pinnedBy: lock)
        guard let plan = result.plan else { return result }
        var reading = Surgery.Lock.Reading()
        reading.readsWeights = false
        do throws(Surgery.BuildError) {
            let found = try lock.differences(from: plan, reading)
            if found.contains(where: { $0.severity == .error }) { result.plan = nil }
            result.diagnostics += found
        } catch {
            throw CommandFailure(error)
        }
        return result
    }

    /// Plans a recipe by the revisions of a lock.
    func plan(_ recipe: String, pinnedBy lock: Surgery.Lock?) throws -> PlanningResult {
        var options = try planningOptions()
        options.revisions = lock?.revisions ?? [:]
        do throws(Diagnostics) {
            return try Surgery(reading: recipe, options: options).plan()
        } catch {
            return PlanningResult(plan: nil, diagnostics: error.all)
        }
    }

    /// Where a recipe's lock is.
    func lockPath(_ recipe: String) -> String {
        Surgery.Lock.path(ofRecipe: recipe, environment: Terminal.environment)
    }

    /// Reads a recipe's lock; where there is none that is said, and ends the command.
    func readLock(_ recipe: String) throws -> Surgery.Lock {
        do throws(Diagnostics) { return try Surgery.Lock(reading: lockPath(recipe)) } catch {
            throw CommandFailure(error)
        }
    }
}

/// A tool whose numbers are reproduced, on the command line: `mergekit-0.1.4`.
struct Compatibility: ExpressibleByArgument {
    let release: MergeRelease

    init?(argument: String) {
        guard let release = MergeRelease.all.first(where: { $0.name == argument }) else { return nil }
        self.release = release
    }

    /// The newest that is known.
    static let newest = MergeRelease.all.last
    static let newestName = newest?.name ?? ""

    static var allValueStrings: [String] { MergeRelease.all.map(\.name) }
}

/// `name=value` on the command line.
struct NameAndValue: ExpressibleByArgument {
    private let text: String

    init?(argument: String) {
        text = argument
    }

    /// The two parts.
    ///
    /// - Parameters:
    ///   - option: The option that was given it, for the message.
    ///   - example: How it is given.
    /// - Returns: The name and the value.
    /// - Throws: `ValidationError` that says what is missing.
    func parts(of option: String, example: String) throws(ValidationError) -> (name: String, value: String) {
        guard let equals = text.firstIndex(of: "=") else {
            throw ValidationError("\(option) '\(text)' names nothing: write \(option) NAME=\(text), such as \(example)")
        }
        let (name, value) = (String(text[..<equals]), String(text[text.index(after: equals)...]))
        guard !name.isEmpty, !value.isEmpty else {
            throw ValidationError(
                "\(option) '\(text)' has no \(name.isEmpty ? "name" : "value"): write it as \(example)"
            )
        }
        return (name, value)
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
