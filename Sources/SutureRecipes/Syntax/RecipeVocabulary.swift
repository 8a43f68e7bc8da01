/// The words a recipe may use that other rooms own: merge methods, their parameters, and roles.
///
/// The parser knows no method by itself; the planner hands it the registry's words, so a method is
/// known to recipes, their schema and their "did you mean" the moment it is registered.
package struct RecipeVocabulary: Sendable {
    /// The merge methods.
    package var methods: [Method]
    /// The roles that selectors may name, such as `attn.q` and `norm.mlp`.
    package var roles: [String]
    /// What is wrong with a role pattern; `nil` where it names at least one role, as `attn.*` or `expert[3].down` do.
    package var roleFault: @Sendable (String) -> RoleFault?

    /// A text that is no role pattern.
    package struct RoleFault: Hashable, Sendable {
        /// What is wrong with it, in words.
        package var reason: String
        /// The patterns it was probably meant to be, likeliest first.
        package var suggestions: [String]

        /// Creates a fault.
        package init(reason: String, suggestions: [String]) {
            self.reason = reason
            self.suggestions = suggestions
        }
    }

    /// Creates a vocabulary.
    package init(
        methods: [Method],
        roles: [String],
        roleFault: @escaping @Sendable (String) -> RoleFault?
    ) {
        self.methods = methods
        self.roles = roles
        self.roleFault = roleFault
    }

    /// The method of a name.
    package func method(_ name: String) -> Method? { methods.first { $0.name == name } }

    /// A merge method, as far as a recipe must know it.
    package struct Method: Sendable {
        /// Its name in recipes.
        package var name: String
        /// What it does, in a sentence.
        package var summary: String
        /// Its parameters.
        package var parameters: [Parameter]
        /// Whether it works against a base.
        package var base: Base
        /// How many inputs it takes; a base apart from them is not counted, one among them is.
        package var inputs: ClosedRange<Int>
        /// The parameter that nobody writes, since the planner knows it: how deep a tensor lies, from 0 to 1.
        package var layerPosition: String?
        /// Parameters that mergekit takes and that change nothing, there or here.
        package var inert: [String]

        /// Creates a method.
        package init(
            name: String,
            summary: String,
            parameters: [Parameter],
            base: Base,
            inputs: ClosedRange<Int> = 1...Int.max,
            layerPosition: String? = nil,
            inert: [String] = []
        ) {
            self.name = name
            self.summary = summary
            self.parameters = parameters
            self.base = base
            self.inputs = inputs
            self.layerPosition = layerPosition
            self.inert = inert
        }
    }

    /// Whether a method works against a base.
    package enum Base: Hashable, Sendable {
        /// The base has no part in it.
        case unused
        /// A base may be given.
        case optional
        /// A base must be given, apart from the inputs.
        case required
        /// A base must be given and is one of the inputs.
        case member
    }

    /// A parameter of a merge method.
    package struct Parameter: Sendable {
        /// Its name.
        package var name: String
        /// Whether each input has its own.
        package var isPerInput: Bool
        /// Whether it must be given.
        package var isRequired: Bool
        /// What values it takes.
        package var kind: SliceGraph.ParameterDeclaration.Kind
        /// The least value, where there is one.
        package var minimum: Double?
        /// The greatest value, where there is one.
        package var maximum: Double?
        /// The value when none is given.
        package var fallback: Double?
        /// Values beyond which a number is hardly meant as it stands; `nil` where all are usual.
        package var usual: ClosedRange<Double>?
        /// Whether a number out of the range is refused in mergekit's files too.
        package var isStrict: Bool
        /// What it does, in a sentence.
        package var summary: String

        /// Creates a parameter.
        package init(
            name: String,
            isPerInput: Bool,
            isRequired: Bool,
            kind: SliceGraph.ParameterDeclaration.Kind,
            minimum: Double? = nil,
            maximum: Double? = nil,
            fallback: Double? = nil,
            usual: ClosedRange<Double>? = nil,
            isStrict: Bool = false,
            summary: String
        ) {
            self.name = name
            self.isPerInput = isPerInput
            self.isRequired = isRequired
            self.kind = kind
            self.minimum = minimum
            self.maximum = maximum
            self.fallback = fallback
            self.usual = usual
            self.isStrict = isStrict
            self.summary = summary
        }
    }
}
