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

        /// The first of its inputs plays the base.
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

    /// Parameters that other programs take and that change nothing.
    package let ignored: [String]

    /// What a base is to it.
    package let base: BaseRole

    /// How many inputs it takes.
    ///
    /// The base is not counted, but with ``BaseRole/firstInput`` the first input is.
    package let inputs: ClosedRange<Int>

    /// What is decided here on its numbers where its definition is silent, or programs disagree.
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

    /// The parameter of that name.
    package func parameter(named name: String) -> MergeParameter? { parameters.first { $0.name == name } }
}
