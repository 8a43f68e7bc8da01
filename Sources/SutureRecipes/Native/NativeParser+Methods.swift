import SutureDiagnostics

// Merge methods, as blends and splices name them.

extension NativeParser {
    mutating func parameterPairs(_ node: YAMLNode) -> [YAMLNode.Pair] {
        guard let pairs = node.pairs else {
            findings.append(.wrongType("'params'", needs: "a mapping from parameter to value", found: node))
            return []
        }
        return pairs
    }

    /// The method of a name: its expression, and what the vocabulary knows of it where it is a plain word.
    mutating func method(_ node: YAMLNode) -> (name: Marked<Expression>, known: RecipeVocabulary.Method?)? {
        guard let name = expression(node, "'method'", .text) else { return nil }
        guard case .text(let word) = name.value else { return (name, nil) }
        guard let method = vocabulary.method(word) else {
            findings.append(.unknownMergeMethod(word, at: node.range, known: vocabulary.methods.map(\.name)))
            return (name, nil)
        }
        return (name, method)
    }

    func names(in pairs: [YAMLNode.Pair]) -> Set<String> {
        Set(pairs.compactMap { $0.value.isNull ? nil : $0.key.scalar?.text })
    }

    /// Reports parameters that a method must have and that nobody gives.
    mutating func checkRequired(
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
}

extension Diagnostic {
    /// A parameter that a method must have.
    static func missingParameter(
        _ parameter: RecipeVocabulary.Parameter,
        of method: RecipeVocabulary.Method,
        input: SliceExpression?,
        at range: SourceRange?
    ) -> Diagnostic {
        missingParameter(
            "'\(method.name)' needs '\(parameter.name)': \(parameter.summary)"
                + (input.map { "; '\($0.target.value)' has none" } ?? ""),
            at: range,
            fix: FixIt(
                input.map { "write {from: \($0.target.value), \(parameter.name): …}, or give it to all under 'params'" }
                    ?? "add 'params: {\(parameter.name): …}'"
            )
        )
    }
}
