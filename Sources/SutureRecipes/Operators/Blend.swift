package import SutureDiagnostics

/// `blend`: strips of equal length merged layer by layer, tensor by tensor.
package struct Blend: Hashable, Sendable {
    /// The merge method.
    package var method: Marked<Expression>
    /// What is merged, in order.
    package var inputs: [Input]
    /// The strip that task vectors are taken against, or the first end of an interpolation.
    package var base: SliceExpression?
    /// Parameters of the whole blend.
    package var parameters: [Argument]

    /// Creates a blend.
    package init(
        method: Marked<Expression>,
        inputs: [Input],
        base: SliceExpression? = nil,
        parameters: [Argument] = []
    ) {
        self.method = method
        self.inputs = inputs
        self.base = base
        self.parameters = parameters
    }

    /// One strip that goes into a blend.
    package struct Input: Hashable, Sendable {
        /// Which layers.
        package var from: SliceExpression
        /// Its own parameters, such as `weight` and `density`.
        package var parameters: [Argument]

        /// Creates an input.
        package init(from: SliceExpression, parameters: [Argument] = []) {
            self.from = from
            self.parameters = parameters
        }
    }
}

extension Blend: GraphOperator {
    static var declaration: KeyDeclaration {
        KeyDeclaration("blend", .mapping(.blend), "strips of equal length merged layer by layer")
    }

    static func read(_ node: YAMLNode, by parser: inout NativeParser) -> Operation? {
        parser.blend(node).map(Operation.blend)
    }

    var leader: SliceExpression? { base ?? inputs.first?.from }

    static var isMerge: Bool { true }

    func mergekitBody(in printer: inout MergekitPrinter, node: String) -> [(String, PrintedYAML)] {
        printer.blend(self)
    }
}

extension RecipeMapping {
    static let blend = RecipeMapping("blend", "'blend'") {
        [
            KeyDeclaration("method", .method, isRequired: true, "the merge method"),
            KeyDeclaration(
                "inputs",
                .list(.either([.slice, .mapping(.blendInput)])),
                isRequired: true,
                "what is merged, in order; each may have parameters of its own"
            ),
            KeyDeclaration("base", .slice, "the strip that differences are taken against"),
            KeyDeclaration("params", .methodParameters, "parameters of the whole blend"),
        ]
    }

    static let blendInput = RecipeMapping("blendInput", "an input of a blend", isOpen: true) {
        [
            KeyDeclaration("from", .slice, isRequired: true, "which layers")
        ]
    }
}

extension NativeParser {
    fileprivate mutating func blend(_ node: YAMLNode) -> Blend? {
        guard let fields = fields(of: node, as: .blend) else { return nil }
        let method = fields["method"].flatMap { self.method($0) }
        let known = method?.known
        let elements = fields["inputs"].map { list($0, "'inputs'", of: "strips") } ?? []
        let inputs = elements.compactMap { node in
            blendInput(node, of: known).map { (input: $0, given: names(in: node.pairs ?? [])) }
        }
        if let list = fields["inputs"], list.elements?.isEmpty == true {
            findings.append(.wrongType("'inputs'", needs: "at least one strip", found: list))
        }
        let base = fields["base"].flatMap { slice($0, "'base'") }
        let pairs = fields["params"].map { parameterPairs($0) } ?? []
        let parameters = methodParameters(pairs, of: known, isPerInput: false)
        guard let method else { return nil }
        if let known {
            let given = inputs.map { (from: $0.input.from, given: $0.given) }
            checkRequired(known, names(in: pairs), given, method: method.name)
        }
        if known?.base == .required, fields["base"] == nil {
            findings.append(.missingBase(method.name, at: method.name.range))
        }
        return Blend(method: method.name, inputs: inputs.map(\.input), base: base, parameters: parameters)
    }

    private mutating func blendInput(_ node: YAMLNode, of method: RecipeVocabulary.Method?) -> Blend.Input? {
        guard node.pairs != nil else { return slice(node, "an input of a blend").map { Blend.Input(from: $0) } }
        guard let fields = fields(of: node, as: .blendInput) else { return nil }
        let from = fields["from"].flatMap { slice($0, "'from'") }
        let parameters = methodParameters(fields.others, of: method, isPerInput: true)
        return from.map { Blend.Input(from: $0, parameters: parameters) }
    }
}

extension Blend {
    var printed: PrintedYAML {
        var pairs = [("method", method.value.scalar)]
        if let base { pairs.append(("base", base.printed)) }
        let inputs = inputs.map { input -> PrintedYAML in
            guard !input.parameters.isEmpty else { return input.from.printed }
            return .mapping([("from", input.from.printed)] + input.parameters.map { ($0.name.value, $0.value.printed) })
        }
        pairs.append(("inputs", .list(inputs)))
        if !parameters.isEmpty { pairs.append(("params", parameters.printed)) }
        return .mapping(pairs)
    }
}

extension Diagnostic {
    fileprivate static func missingBase(_ name: Marked<Expression>, at range: SourceRange?) -> Diagnostic {
        var word: String?
        if case .text(let text) = name.value { word = text }
        return missingBase(word, at: range)
    }
}
