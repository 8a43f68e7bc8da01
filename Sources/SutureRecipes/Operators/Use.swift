package import SutureDiagnostics

/// `use`: a node of an imported recipe, with inputs, parameters and overrides of the caller's.
package struct Use: Hashable, Sendable {
    /// The alias under `imports`.
    package var recipe: Marked<String>
    /// What the imported recipe's inputs stand for.
    package var inputs: [Binding]
    /// Values for the imported recipe's parameters, written over the caller's names.
    package var parameters: [Argument]
    /// The node that is used; `nil` for the one the imported recipe writes.
    package var node: Marked<String>?
    /// The imported recipe, overrides applied.
    ///
    /// In what was overridden, `caller.x` is the caller's `x`.
    package var graph: SliceGraph

    /// Creates a use.
    package init(
        recipe: Marked<String>,
        inputs: [Binding],
        parameters: [Argument],
        node: Marked<String>?,
        graph: SliceGraph
    ) {
        self.recipe = recipe
        self.inputs = inputs
        self.parameters = parameters
        self.node = node
        self.graph = graph
    }

    /// An input of the imported recipe and the caller's input or node that it stands for.
    package struct Binding: Hashable, Sendable {
        /// The input of the imported recipe.
        package var name: Marked<String>
        /// The caller's input or node.
        package var value: SliceExpression

        /// Creates a binding.
        package init(name: Marked<String>, value: SliceExpression) {
            self.name = name
            self.value = value
        }
    }
}

extension Use: GraphOperator {
    static var declaration: KeyDeclaration { KeyDeclaration("use", .mapping(.use), "a node of an imported recipe") }

    static func read(_ node: YAMLNode, by parser: inout NativeParser) -> Operation? {
        parser.use(node).map(Operation.use)
    }

    var leader: SliceExpression? { nil }

    static var isMerge: Bool { true }

    func mergekitBody(in printer: inout MergekitPrinter, node: String) -> [(String, PrintedYAML)] {
        printer.refuse("imported recipes in node '\(node)'; expand the recipe first")
        return []
    }
}

extension RecipeMapping {
    static let use = RecipeMapping("use", "'use'") {
        [
            KeyDeclaration("recipe", .text, isRequired: true, "an alias under 'imports'"),
            KeyDeclaration("inputs", .names(.slice), "what the recipe's inputs stand for"),
            KeyDeclaration("params", .names(.value), "values for the recipe's params"),
            KeyDeclaration(
                "override",
                .paths,
                "values by path, such as graph.upper.slice, in place of the recipe's"
            ),
            KeyDeclaration("node", .name, "the node that is used; the one the recipe writes unless given"),
        ]
    }
}

extension Use {
    var printed: PrintedYAML {
        var pairs: [(String, PrintedYAML)] = [("recipe", .text(recipe.value))]
        if !inputs.isEmpty { pairs.append(("inputs", .mapping(inputs.map { ($0.name.value, $0.value.printed) }))) }
        if !parameters.isEmpty { pairs.append(("params", parameters.printed)) }
        if let node { pairs.append(("node", .text(node.value))) }
        return .mapping(pairs)
    }
}
