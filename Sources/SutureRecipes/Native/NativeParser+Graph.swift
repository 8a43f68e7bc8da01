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
        return Operation.operators.first { $0.declaration.name == key }?.read(value, by: &self)
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
                    ? "one of " + Operation.operators.map { $0.declaration.name }.joined(separator: ", ")
                    : "make a node of its own of each"
            )
        )
    }

}
