import SutureDiagnostics

extension TokenizerRules {
    /// The rules as either dialect has them.
    ///
    /// - Parameter reference: What the dialect calls an input.
    /// - Returns: A word, or a mapping where they say more.
    func printed(_ reference: (String) -> String) -> PrintedYAML {
        let source: PrintedYAML =
            switch self.source {
            case .input(let name): .text(reference(name.value))
            case .base: .text("base")
            case .union: .text("union")
            }
        guard !isPlain else { return source }
        var pairs = [("source", source)]
        if let base { pairs.append(("base", .text(reference(base.value)))) }
        if let special { pairs.append(("special", .text(reference(special.value)))) }
        if !tokens.isEmpty {
            pairs.append(("tokens", .mapping(tokens.map { ($0.token.value, $0.printed(reference)) })))
        }
        if let multiple { pairs.append(("pad_to_multiple_of", .literal("\(multiple.value)"))) }
        return .mapping(pairs)
    }
}

extension TokenizerRules.TokenRule {
    fileprivate func printed(_ reference: (String) -> String) -> PrintedYAML {
        var pairs: [(String, PrintedYAML)] = []
        if let row { pairs.append(("source", row.printed(reference))) }
        if isForced { pairs.append(("force", .literal("true"))) }
        return .compact(.mapping(pairs))
    }
}

extension TokenizerRules.Row {
    fileprivate func printed(_ reference: (String) -> String) -> PrintedYAML {
        func row(_ owner: Marked<String>, _ key: String, _ token: PrintedYAML) -> PrintedYAML {
            .mapping([("kind", .text("model_token")), ("model", .text(reference(owner.value))), (key, token)])
        }
        return switch self {
        case .own(let owner): .text(reference(owner.value))
        case .other(let owner, let token): row(owner, "token", .text(token.value))
        case .numbered(let owner, let number): row(owner, "token_id", .literal("\(number.value)"))
        case .zeros: .mapping([("kind", .text("zero"))])
        }
    }
}
