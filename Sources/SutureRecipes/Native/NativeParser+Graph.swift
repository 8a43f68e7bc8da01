import SutureDiagnostics

// `graph`: every node and its operator.

extension NativeParser {
    mutating func graphSection(_ node: YAMLNode) {
        for (name, value) in named(node, "graph") {
            currentNode = name.value
            if let input = inputNames[name.value] {
                findings.append(.nameClash(name, "a node", "an input", first: input.range))
            }
            if let operation = operation(name, value) {
                graph.nodes.append(SliceGraph.Node(name: name, operation: operation, range: value.range))
            }
        }
        currentNode = ""
        if node.pairs?.isEmpty == true {
            findings.append(.wrongType("'graph'", needs: "at least one node", found: node))
        }
    }

    private mutating func operation(_ name: Marked<String>, _ node: YAMLNode) -> Operation? {
        if let scalar = node.scalar, !scalar.isNull {
            findings.append(.nodeWithoutOperator(name, scalar.text, at: node.range))
            return nil
        }
        guard let fields = fields(of: node, as: .node) else { return nil }
        let present = fields.present
        guard present.count == 1, let key = present.first, let value = fields[key] else {
            // An unknown key has been reported; to ask for an operator as well would say it twice.
            let declared = RecipeMapping.node.keys.map(\.name)
            let hasUnknown = node.pairs?.contains { !declared.contains($0.key.scalar?.text ?? "") } ?? false
            if present.count > 1 || !hasUnknown {
                findings.append(.oneOperator(name, present, at: node.range))
            }
            return nil
        }
        switch key {
        case "slice": return slice(value, "'slice'").map(Operation.slice)
        case "stack": return stackItems(value, "'stack'").map(Operation.stack)
        case "splice": return splice(value).map(Operation.splice)
        case "blend": return blend(value).map(Operation.blend)
        case "expand": return expand(value).map(Operation.expand)
        case "edit": return edit(value).map(Operation.edit)
        default: return use(value).map(Operation.use)
        }
    }

    private mutating func splice(_ node: YAMLNode) -> Splice? {
        guard let fields = fields(of: node, as: .splice) else { return nil }
        let onto = fields["onto"].flatMap { slice($0, "'onto'") }
        let takes = fields["take"].map { take in
            list(take, "'take'", of: "{where:, from:}").compactMap { self.take($0) }
        }
        if fields["take"]?.elements?.isEmpty == true, let take = fields["take"] {
            findings.append(.wrongType("'take'", needs: "at least one {where:, from:}", found: take))
        }
        guard let onto, let takes else { return nil }
        return Splice(onto: onto, takes: takes)
    }

    private mutating func take(_ node: YAMLNode) -> Splice.Take? {
        guard let fields = fields(of: node, as: .take) else { return nil }
        let selector = fields["where"].flatMap { self.selector($0, "'where'") }
        let from = fields["from"].flatMap { slice($0, "'from'") }
        let blend = fields["blend"].flatMap { takeBlend($0) }
        guard let selector, let from else { return nil }
        return Splice.Take(selector: selector, from: from, blend: blend, range: node.range)
    }

    private mutating func takeBlend(_ node: YAMLNode) -> Splice.TakeBlend? {
        guard let fields = fields(of: node, as: .takeBlend),
            let (method, known) = fields["method"].flatMap({ self.method($0) })
        else { return nil }
        let pairs = fields["params"].map { parameterPairs($0) } ?? []
        let parameters = methodParameters(pairs, of: known, isPerInput: false)
        if let known { checkRequired(known, names(in: pairs), [], method: method) }
        return Splice.TakeBlend(method: method, parameters: parameters)
    }

    private mutating func blend(_ node: YAMLNode) -> Blend? {
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

    private mutating func parameterPairs(_ node: YAMLNode) -> [YAMLNode.Pair] {
        guard let pairs = node.pairs else {
            findings.append(.wrongType("'params'", needs: "a mapping from parameter to value", found: node))
            return []
        }
        return pairs
    }

    /// The method of a name: its expression, and what the vocabulary knows of it where it is a plain word.
    private mutating func method(_ node: YAMLNode) -> (name: Marked<Expression>, known: RecipeVocabulary.Method?)? {
        guard let name = expression(node, "'method'", .text) else { return nil }
        guard case .text(let word) = name.value else { return (name, nil) }
        guard let method = vocabulary.method(word) else {
            findings.append(.unknownMergeMethod(Marked(word, at: node.range), known: vocabulary.methods.map(\.name)))
            return (name, nil)
        }
        return (name, method)
    }

    private func names(in pairs: [YAMLNode.Pair]) -> Set<String> {
        Set(pairs.compactMap { $0.value.isNull ? nil : $0.key.scalar?.text })
    }

    /// Reports parameters that a method must have and that nobody gives.
    private mutating func checkRequired(
        _ method: RecipeVocabulary.Method,
        _ given: Set<String>,
        _ inputs: [(from: SliceExpression, given: Set<String>)],
        method name: Marked<Expression>
    ) {
        for parameter in method.parameters where parameter.isRequired && !given.contains(parameter.name) {
            guard parameter.isPerInput else {
                findings.append(.missingParameter(parameter, of: method, input: nil, at: name.range))
                continue
            }
            for input in inputs where !input.given.contains(parameter.name) {
                findings.append(.missingParameter(parameter, of: method, input: input.from, at: input.from.range))
            }
        }
    }

    private mutating func expand(_ node: YAMLNode) -> Expansion? {
        guard let fields = fields(of: node, as: .expand) else { return nil }
        let from = fields["from"].flatMap { slice($0, "'from'") }
        let every = fields["every"].flatMap { expression($0, "'every'", .integer) }
        let after = fields["after"].map { after in
            list(after, "'after'", of: "layers").compactMap { expression($0, "a layer of 'after'", .integer) }
        }
        if fields["every"] == nil, fields["after"] == nil {
            findings.append(.expandPlaces(both: false, at: node.range))
        } else if let key = fields.keyRange("after"), fields["every"] != nil {
            findings.append(.expandPlaces(both: true, at: key))
        }
        let insert = fields["insert"].flatMap { self.fields(of: $0, as: .insert) }
        let donor: Expansion.Donor? = insert?["copy"].flatMap { choice($0, "'copy'") }
        let scale = insert?["scale"].flatMap { roleValues($0, "'scale'") }
        let set = insert?["set"].flatMap { roleValues($0, "'set'") }
        guard let from, let places = every.map(Expansion.Places.every) ?? after.map(Expansion.Places.after) else {
            return nil
        }
        return Expansion(from: from, places: places, donor: donor ?? .previous, scale: scale, set: set)
    }

    private mutating func edit(_ node: YAMLNode) -> Edit? {
        guard let fields = fields(of: node, as: .edit) else { return nil }
        let from = fields["from"].flatMap { slice($0, "'from'") }
        let scale = fields["scale"].flatMap { roleValues($0, "'scale'") }
        let set = fields["set"].flatMap { roleValues($0, "'set'") }
        if fields["scale"] == nil, fields["set"] == nil { findings.append(.emptyEdit(at: node.range)) }
        return from.map { Edit(from: $0, scale: scale, set: set) }
    }
}

extension Diagnostic {
    fileprivate static func nodeWithoutOperator(_ name: Marked<String>, _ text: String, at range: SourceRange)
        -> Diagnostic
    {
        Diagnostic(
            code: "missing-operator",
            "node '\(name.value)' is an operator and what it works on, found '\(text.prefix(80))'",
            at: range,
            fix: FixIt("write {slice: \"\(text)\"}", replacing: "{slice: \"\(text)\"}")
        )
    }

    fileprivate static func oneOperator(_ name: Marked<String>, _ found: [String], at range: SourceRange) -> Diagnostic
    {
        Diagnostic(
            code: found.isEmpty ? "missing-operator" : "several-operators",
            "node '\(name.value)' needs exactly one operator, "
                + (found.isEmpty ? "it has none" : "it has " + found.joined(separator: " and ")),
            at: found.isEmpty ? name.range : range,
            fix: FixIt(
                found.isEmpty
                    ? "one of slice, stack, splice, blend, expand, edit, use" : "make a node of its own of each"
            )
        )
    }

    /// A merge method that does not exist.
    static func unknownMergeMethod(_ name: Marked<String>, known: [String]) -> Diagnostic {
        Diagnostic(
            code: "unknown-merge-method",
            "no merge method is called '\(name.value)'",
            at: name.range,
            fix: .didYouMean(name.value, among: known) ?? FixIt("there are: " + known.sorted().joined(separator: ", "))
        )
    }

    fileprivate static func missingBase(_ name: Marked<Expression>, at range: SourceRange?) -> Diagnostic {
        var word = "the method"
        if case .text(let text) = name.value { word = "'\(text)'" }
        return Diagnostic(
            code: "missing-base",
            "\(word) works on differences from a base, and none is given",
            at: range,
            fix: FixIt("add 'base: …' with the model that the others were tuned from")
        )
    }

    /// A parameter that a method must have.
    static func missingParameter(
        _ parameter: RecipeVocabulary.Parameter,
        of method: RecipeVocabulary.Method,
        input: SliceExpression?,
        at range: SourceRange?
    ) -> Diagnostic {
        Diagnostic(
            code: "missing-parameter",
            "'\(method.name)' needs '\(parameter.name)': \(parameter.summary)"
                + (input.map { "; '\($0.target.value)' has none" } ?? ""),
            at: range,
            fix: FixIt(
                input.map { "write {from: \($0.target.value), \(parameter.name): …}, or give it to all under 'params'" }
                    ?? "add 'params: {\(parameter.name): …}'"
            )
        )
    }

    fileprivate static func expandPlaces(both: Bool, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: both ? "several-places" : "missing-key",
            both
                ? "'expand' has 'every' or 'after', not both"
                : "'expand' needs 'every: k' or 'after: [..]' to say where blocks are inserted",
            at: range,
            fix: FixIt(both ? "leave one of them out" : "add 'every: 4'")
        )
    }

    fileprivate static func emptyEdit(at range: SourceRange) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "empty-edit",
            "'edit' has neither 'scale' nor 'set', so it changes nothing",
            at: range,
            fix: FixIt("add 'scale: {attn.o: 0.5}', or use 'slice'")
        )
    }
}
