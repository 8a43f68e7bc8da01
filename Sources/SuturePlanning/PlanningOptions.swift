package import SutureCheckpoints
public import SutureDiagnostics
public import SutureMerging

/// What the command line, or a program, adds to a recipe.
public struct PlanningOptions: Sendable {
    /// Models for inputs, by name; they win over the recipe's.
    public var inputs: [String: String] = [:]

    /// Commits that models on the hub are pinned to, by the references that name them.
    public var revisions: [String: String] = [:]

    /// Where relative paths of the recipe lead, by the recipe's words, where that is known; others are looked up.
    package var paths: [String: String] = [:]

    /// Values for parameters, by name, as text.
    public var parameters: [String: String] = [:]

    /// Differences between models that are accepted, by the names that messages give, beside those of the recipe.
    public var accepted: [String] = []

    /// The most bytes in a shard; `nil` for the recipe's word, or 5 GB.
    public var shardSize: Int?

    /// The seed of random methods; `nil` for the recipe's word, or 0.
    public var seed: Int?

    /// The release of another program whose numbers are reproduced; `nil` for the documented ones.
    public var compatibility: MergeRelease?

    /// The methods that recipes may name; `nil` for those that the front door knows.
    package var methods: MergeRegistry?

    /// Whether every stage's result is rounded as if it had been written to disk.
    public var roundsStages = false

    /// Whether weight files of sources are kept as they are, where all of their tensors are untouched in the output.
    public var keepsFiles = false

    /// Whether NaN and infinity in a source are let through.
    public var allowsNonFinite = false

    /// The environment, which says where the hub cache is.
    public var environment: [String: String] = [:]

    /// Where models are that are not on this machine; `nil` where nobody is asked.
    package var hub: (any ModelHub)?

    /// Creates options that add nothing.
    public init() {}

    /// What the names of methods mean.
    var registry: MergeRegistry { methods ?? .documented }
}

/// What planning gives: a plan unless something was wrong, and all that was found on the way.
public struct PlanningResult: Sendable {
    /// The plan, where no error was found.
    public var plan: Plan?

    /// Everything that was found: errors, warnings and notes.
    public var diagnostics: [Diagnostic]

    /// Creates a result.
    public init(plan: Plan?, diagnostics: [Diagnostic]) {
        self.plan = plan
        self.diagnostics = diagnostics
    }
}
