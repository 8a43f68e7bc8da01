import SutureDiagnostics

// `where`: roles, layers, names, and what is taken away.

extension NativeParser {
    /// Reads a selector: a role, `{name: glob}`, or a list of such with `not:` among them.
    mutating func selector(_ node: YAMLNode, _ subject: String) -> Selector? {
        guard !findings.isSettled else { return nil }
        var selector = Selector(including: [], range: node.range)
        let items = node.elements ?? [node]
        var isSound = !items.isEmpty
        if items.isEmpty { findings.append(.wrongType(subject, needs: "a role such as attn.*", found: node)) }
        for item in items {
            isSound = add(item, to: &selector, subject) && isSound
        }
        guard isSound else { return nil }
        // A list of nothing but `not:` takes away from everything.
        if selector.including.isEmpty { selector.including = [.role(Marked("*", at: nil))] }
        return selector
    }

    private mutating func add(_ node: YAMLNode, to selector: inout Selector, _ subject: String) -> Bool {
        guard let pairs = node.pairs else {
            guard let term = term(node, subject) else { return false }
            selector.including.append(term)
            return true
        }
        if let slice = unquotedSlice(node) {
            findings.append(slice)
            return false
        }
        guard pairs.count == 1, let key = pairs.first?.key.scalar?.text, let value = pairs.first?.value else {
            findings.append(.badSelector(at: node.range, key: nil))
            return false
        }
        switch key {
        case "not":
            var isSound = true
            for item in value.elements ?? [value] {
                if let pairs = item.pairs, pairs.first?.key.scalar?.text == "not" {
                    findings.append(.badSelector(at: item.range, key: "not"))
                    isSound = false
                    continue
                }
                var inner = Selector(including: [], range: item.range)
                isSound = add(item, to: &inner, subject) && isSound
                selector.excluding += inner.including
            }
            return isSound
        case "name":
            guard let glob = text(value, "'name'") else { return false }
            selector.including.append(.name(glob))
            return true
        default:
            findings.append(.badSelector(at: pairs[0].key.range, key: key))
            return false
        }
    }

    private mutating func term(_ node: YAMLNode, _ subject: String) -> Selector.Term? {
        guard let word = text(node, subject), let scalar = node.scalar else { return nil }
        guard word.value.hasPrefix("layers[") else { return role(word).map(Selector.Term.role) }
        do throws(ExpressionSyntaxError) {
            var parser = SliceParser(scalar, at: node.range)
            let (pieces, name, uses) = try parser.layers()
            check(uses, in: node)
            warnOfPair(pieces, of: "layers", at: node.range)
            return role(name).map { .layers(pieces, role: $0) }
        } catch {
            report(error, "selector", code: "bad-selector", in: node, scalar)
            return nil
        }
    }

    private mutating func role(_ word: Marked<String>) -> Marked<String>? {
        guard let fault = vocabulary.roleFault(word.value) else { return word }
        findings.append(.unknownRole(word, fault))
        return nil
    }
}

extension Diagnostic {
    fileprivate static func unknownRole(_ word: Marked<String>, _ fault: RecipeVocabulary.RoleFault) -> Diagnostic {
        let quoted = fault.suggestions.prefix(3).map { "'\($0)'" }
        let fix: FixIt? =
            switch quoted.count {
            case 0: nil
            case 1: FixIt("did you mean \(quoted[0])?", replacing: fault.suggestions[0])
            default:
                FixIt(
                    "did you mean \(quoted.joined(separator: " or "))? {name: \"*\(word.value)*\"} takes all of that name"
                )
            }
        return Diagnostic(
            code: "unknown-role",
            fault.reason,
            at: word.range,
            fix: fix
                ?? FixIt(
                    "a role is attn.*, mlp.*, norm.* or a part such as attn.q; 'suture inspect MODEL' lists a model's, "
                        + "and {name: \"*\(word.value)*\"} selects by a tensor's name"
                )
        )
    }

    fileprivate static func badSelector(at range: SourceRange, key: String?) -> Diagnostic {
        Diagnostic(
            code: "bad-selector",
            key == "not"
                ? "'not' stands inside 'not'"
                : key.map { "a selector has 'not' or 'name', not '\($0)'" }
                    ?? "a selector has one key, 'not' or 'name'",
            at: range,
            fix: key.flatMap { .didYouMean($0, among: ["not", "name"]) }
                ?? FixIt("write a role, {not: role} or {name: \"*glob*\"}; several make a list")
        )
    }
}
