package import SutureTensors

/// What a recipe, a planner and a reader must know of a merge method before it is used.
package struct MergeDescriptor: Sendable {
    /// What a base model is to the method.
    package enum BaseRole: String, Hashable, Sendable, Codable {
        /// It has none: a base that a recipe gives is one more input, or nothing.
        case unused

        /// With one, the method works on the differences from it.
        case optional

        /// It works on the differences from a base only.
        case required

        /// The first of its inputs plays the base. mergekit wants `base_model` to be one of the two.
        case firstInput
    }

    /// Where a method was first described.
    package struct Paper: Hashable, Sendable {
        /// The title.
        package let title: String

        /// Where to read it.
        package let url: String
    }

    /// The name in recipes.
    package let name: String

    /// The name for a model card.
    package let title: String

    /// What it does, in one line.
    package let summary: String

    /// Where it was first described.
    package let paper: Paper?

    /// Its parameters, the most telling first.
    package let parameters: [MergeParameter]

    /// Parameters that mergekit takes and that change nothing.
    package let ignored: [String]

    /// What a base is to it.
    package let base: BaseRole

    /// How many inputs it takes.
    ///
    /// The base is not counted, but with ``BaseRole/firstInput`` the first input is.
    package let inputs: ClosedRange<Int>

    /// Where what it computes departs from mergekit, and why.
    package let decisions: [MergeDecision]

    /// A recipe fragment that uses it.
    package let fragment: String

    /// Creates a descriptor.
    package init(
        name: String,
        title: String,
        summary: String,
        paper: Paper? = nil,
        parameters: [MergeParameter] = [],
        ignored: [String] = [],
        base: BaseRole = .unused,
        inputs: ClosedRange<Int>,
        decisions: [MergeDecision] = [],
        fragment: String
    ) {
        self.name = name
        self.title = title
        self.summary = summary
        self.paper = paper
        self.parameters = parameters
        self.ignored = ignored
        self.base = base
        self.inputs = inputs
        self.decisions = decisions
        self.fragment = fragment
    }

    /// Whether a blend must be given a base beside its inputs.
    package var needsBase: Bool { base == .required }

    /// Whether a blend may be given a base beside its inputs.
    package var takesBase: Bool { base == .required || base == .optional }

    /// Whether mergekit writes float32 whatever the dtype of the inputs, where `out_dtype` does not say otherwise.
    package var mergekitWritesFloat32: Bool { decisions.contains(.float32Output) }

    /// Whether mergekit cuts embeddings with different numbers of rows to those that all inputs have.
    package var mergekitCutsRows: Bool { decisions.contains(.rowsCut) }

    /// Its decisions but those that follow from dtypes and rows, which a method never sees.
    package var ownDecisions: [MergeDecision] { decisions.filter { $0 != .float32Output && $0 != .rowsCut } }

    /// The parameter of that name.
    package func parameter(named name: String) -> MergeParameter? { parameters.first { $0.name == name } }
}

/// One place where a method's documented meaning is not what mergekit computes.
package struct MergeDecision: Hashable, Sendable {
    /// A short stable name, such as `dare-rescale`.
    package let id: String

    /// What mergekit computes.
    package let mergekit: String

    /// What is computed here.
    package let documented: String

    /// Whether `--bug-compatible` gives mergekit's numbers.
    package let isReproducible: Bool

    /// The only dtype of a merge in which mergekit does otherwise; `nil` where it is all of them.
    package let dtype: DType?

    /// Creates a decision.
    package init(
        _ id: String,
        mergekit: String,
        documented: String,
        isReproducible: Bool = true,
        onlyIn dtype: DType? = nil
    ) {
        self.id = id
        self.mergekit = mergekit
        self.documented = documented
        self.isReproducible = isReproducible
        self.dtype = dtype
    }
}

extension MergeDecision {
    /// What dtype a method writes that mergekit computes in float32.
    package static let float32Output = MergeDecision(
        "float32-output",
        mergekit: "the result of 16-bit inputs is written as float32, unless `out_dtype` is given",
        documented: "the result has the dtype of the output"
    )

    /// What becomes of rows that only some embeddings have.
    package static let rowsCut = MergeDecision(
        "rows-cut",
        mergekit: "embeddings with different numbers of rows are cut to those that all have; the config is not told",
        documented: "rows that all have are blended, the base's (or the first input's) others kept; the config follows"
    )
}
