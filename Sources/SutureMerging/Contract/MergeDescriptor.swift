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

    /// What is decided on embeddings of which not all have the same number of rows.
    package var rowsDecision: MergeDecision? { decisions.first { $0.subject == .rows } }

    /// Whether a release of mergekit cuts such embeddings to the rows that all inputs have.
    package func cutsRows(in version: MergekitVersion) -> Bool {
        rowsDecision?.departure(in: version)?.isReproducible ?? false
    }

    /// Its decisions but those that follow from dtypes and rows, which a method never sees.
    package var ownDecisions: [MergeDecision] {
        decisions.filter { $0.subject == .numbers || $0.subject == .draws }
    }

    /// The parameter of that name.
    package func parameter(named name: String) -> MergeParameter? { parameters.first { $0.name == name } }
}
