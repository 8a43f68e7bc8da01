package import SutureDiagnostics
package import SutureTensors

/// A recipe as it was written: which layers of which checkpoints make the new model.
///
/// Both dialects are read into this one syntax; nothing is resolved yet. Names stand as text,
/// numbers as ``Expression``s, and everything keeps the place where it was written, so that what the
/// planner finds later can still point at the line that asked for it.
package struct SliceGraph: Hashable, Sendable {
    /// The language the recipe was written in.
    package enum Dialect: String, Hashable, Sendable {
        /// `slicegraph: 1`.
        case native
        /// `merge_method: …`.
        case mergekit
    }

    /// The language the recipe was written in.
    package var dialect: Dialect

    /// The text it was read from.
    package var file: SourceFile

    /// The recipe's name, version and description, as far as given.
    package var title = Title()

    /// The checkpoints it takes layers from, in the order in which they are declared or first mentioned.
    package var inputs: [InputDeclaration] = []

    /// Its typed knobs.
    package var parameters: [ParameterDeclaration] = []

    /// Named expressions, each over those before it.
    package var definitions: [Definition] = []

    /// The nodes of the graph, in the order in which they are written.
    package var nodes: [Node] = []

    /// What is written, and how.
    package var output = OutputSettings()

    /// What the recipe promises of the result.
    package var expectations: [Expectation] = []

    /// Creates an empty graph.
    package init(dialect: Dialect, file: SourceFile) {
        self.dialect = dialect
        self.file = file
    }

    /// The words by which people know a recipe.
    package struct Title: Hashable, Sendable {
        /// A short name, such as `solar-style`.
        package var name: Marked<String>?
        /// The author's version of the recipe.
        package var version: Marked<String>?
        /// What it does, in a sentence or more.
        package var description: Marked<String>?

        /// Creates a title of nothing.
        package init() {}
    }

    /// A checkpoint the recipe takes layers from.
    package struct InputDeclaration: Hashable, Sendable {
        /// The name by which the graph calls it.
        package var name: Marked<String>
        /// Where it is: `owner/name[@revision][+adapter]` or a folder; `nil` when the caller gives it.
        package var reference: Marked<String>?
        /// An adapter given apart from the reference.
        package var adapter: Marked<String>?
        /// Whether a recipe may run without it.
        package var isOptional: Bool
        /// The architecture class to take it for, from mergekit's `override_architecture`.
        package var architecture: Marked<String>?

        /// Creates a declaration.
        package init(
            name: Marked<String>,
            reference: Marked<String>?,
            adapter: Marked<String>? = nil,
            isOptional: Bool = false,
            architecture: Marked<String>? = nil
        ) {
            self.name = name
            self.reference = reference
            self.adapter = adapter
            self.isOptional = isOptional
            self.architecture = architecture
        }
    }

    /// A typed knob that the caller may turn with `--param name=value`.
    package struct ParameterDeclaration: Hashable, Sendable {
        /// What values it takes.
        package enum Kind: String, CaseIterable, Hashable, Sendable {
            case int, float, bool, `enum`, curve
        }

        /// Its name.
        package var name: Marked<String>
        /// What values it takes.
        package var kind: Kind
        /// The value when the caller gives none; `nil` when the caller must.
        package var fallback: Value?
        /// The least value.
        package var minimum: Marked<Expression>?
        /// The greatest value.
        package var maximum: Marked<Expression>?
        /// The values of an enum.
        package var choices: [Marked<String>]
        /// What it does, in a sentence.
        package var description: String?

        /// Creates a declaration.
        package init(
            name: Marked<String>,
            kind: Kind,
            fallback: Value?,
            minimum: Marked<Expression>? = nil,
            maximum: Marked<Expression>? = nil,
            choices: [Marked<String>] = [],
            description: String? = nil
        ) {
            self.name = name
            self.kind = kind
            self.fallback = fallback
            self.minimum = minimum
            self.maximum = maximum
            self.choices = choices
            self.description = description
        }
    }

    /// One name under `let`.
    package struct Definition: Hashable, Sendable {
        /// The name.
        package var name: Marked<String>
        /// What it stands for.
        package var expression: Marked<Expression>

        /// Creates a definition.
        package init(name: Marked<String>, expression: Marked<Expression>) {
            self.name = name
            self.expression = expression
        }
    }

    /// A named strip of layers.
    package struct Node: Hashable, Sendable {
        /// The node's name.
        package var name: Marked<String>
        /// How it is made.
        package var operation: Operation
        /// Where its operator is written.
        package var range: SourceRange?
        /// How a tool that writes stages to disk would store it, where that is another matter than the output.
        package var storedDType: DType?

        /// Creates a node.
        package init(name: Marked<String>, operation: Operation, range: SourceRange?) {
            self.name = name
            self.operation = operation
            self.range = range
        }
    }

    /// One promise under `expect`.
    package struct Expectation: Hashable, Sendable {
        /// What is promised.
        package enum Subject: String, CaseIterable, Hashable, Sendable {
            case layers, architecture, hidden, vocab, parameters
            /// The result computes what the named input computes.
            case identityOf = "identity_of"
        }

        /// What is promised.
        package var subject: Subject
        /// The promised value; a text for `architecture` and `identity_of`.
        package var value: Marked<Expression>

        /// Creates an expectation.
        package init(subject: Subject, value: Marked<Expression>) {
            self.subject = subject
            self.value = value
        }
    }
}
