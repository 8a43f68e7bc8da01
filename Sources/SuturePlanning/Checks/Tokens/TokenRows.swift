import SutureTokenizers
import SutureDiagnostics
import SutureRecipes
import SutureTensors

/// Refuses what a recipe wishes of single rows of the embedding and of their number, unless they are so already.
///
/// Rows are written as the models have them: a wish is met where every model has the token and nothing is forced, where
/// all rows come from the one model that the wish names, and where there are as many rows as it wants.
struct TokenRows: CompositionCheck {
    private let composition: Composition
    private let facts: [Int: TokenizerFacts]
    /// The one model that gives every row of embedding and head, where there is one.
    private let onlyGiver: Int?

    static func findings(in composition: Composition) -> [Diagnostic] {
        guard case .ruled(let rules)? = composition.graph.output.tokenizer else { return [] }
        let check = TokenRows(composition)
        return rules.tokens.compactMap(check.finding) + [check.finding(on: rules.multiple)].compactMap(\.self)
    }

    private init(_ composition: Composition) {
        self.composition = composition
        let models = Set(composition.strip.sources)
        facts = Dictionary(uniqueKeysWithValues: models.map { ($0, TokenizerFacts(composition.sources[$0])) })
        let ends = composition.strip.ends
        let givers = Set((ends.embed.slots + ends.head.slots).flatMap { $0.expression.leaves.map(\.source) })
        onlyGiver = givers.count == 1 ? givers.first : nil
    }

    private func finding(on rule: TokenizerRules.TokenRule) -> Diagnostic? {
        let token = rule.token
        var owner: Int?
        if let name = rule.row?.owner {
            guard let source = composition.sources.first(where: { $0.name == name.value || isAlso(name.value, $0) }),
                facts[source.index] != nil
            else { return .rowFromStranger(name, token.value, models: facts.keys.sorted().map(self.name)) }
            owner = source.index
        }
        let models = owner.map { [$0] } ?? facts.keys.sorted()
        if let unread = models.first(where: { facts[$0]?.vocabulary == nil }) {
            return .noVocabulary(name(unread), token)
        }
        if let first = models.first, !models.contains(where: { has(token.value, in: $0) }) {
            return .unknownToken(token, in: name(first), added: facts[first]?.vocabulary?.addedTokens ?? [])
        }
        if !rule.isForced {
            // What every model has, it keeps.
            let without = facts.keys.sorted().first { !has(token.value, in: $0) }
            return without.map { .rowNotMade(rule, because: "'\(name($0))' has no such token", at: token.range) }
        }
        switch rule.row {
        case .own, nil:
            if let onlyGiver, owner == nil || owner == onlyGiver { return nil }
            let givers = onlyGiver.map { "'\(name($0))'" } ?? "several models"
            return .rowNotMade(rule, because: "the rows that are written come from \(givers)", at: token.range)
        case .other(_, let other) where other.value == token.value && onlyGiver != nil && owner == onlyGiver: return nil
        case .other, .numbered: return .rowNotMade(rule, because: "tokens keep their own rows", at: token.range)
        case .zeros: return .rowNotMade(rule, because: "every model has that token", at: token.range)
        }
    }

    private func has(_ token: String, in model: Int) -> Bool {
        facts[model]?.vocabulary?.tokens.contains(token) ?? false
    }

    /// Whether an input of another name is that model too.
    private func isAlso(_ input: String, _ source: ResolvedSource) -> Bool {
        composition.graph.inputs.first { $0.name.value == input }?.sourceKey == source.reference
    }

    private func name(_ model: Int) -> String { composition.sources[model].name }

    private func finding(on multiple: Marked<Int>?) -> Diagnostic? {
        guard let multiple, multiple.value > 0,
            let embed = composition.strip.ends.embed.slots.first(where: \.isVocabularyMatrix)
        else { return nil }
        let rows = embed.spec.shape.dimensions[0]
        return rows.isMultiple(of: multiple.value) ? nil : .rowsNotPadded(rows, multiple)
    }
}

extension TokenVocabulary {
    /// The tokens that were added to those that were trained, in the order of their numbers.
    fileprivate var addedTokens: [String] { added.sorted().compactMap { tokens[$0] } }
}

extension Diagnostic {
    /// The row of a token is to be made, and is not.
    fileprivate static func rowNotMade(
        _ rule: TokenizerRules.TokenRule,
        because fact: String,
        at range: SourceRange?
    ) -> Diagnostic {
        let wish =
            switch rule.row {
            case .own(let owner): "that of '\(owner.value)'"
            case .other(let owner, let token): "that of '\(token.value)' in '\(owner.value)'"
            case .numbered(let owner, let number): "row \(number.value) of '\(owner.value)'"
            case .zeros: "zeros"
            case nil: "the base model's"
            }
        return Diagnostic(
            code: "tokenizer-unsupported",
            "the row of '\(rule.token.value)' is to be \(wish), and \(fact): rows of single tokens are not made yet",
            at: range,
            fix: FixIt("leave it out, or take the whole embedding of one model: 'output: {ends: {embed: …, head: …}}'")
        )
    }

    /// The owner of a row takes no part in the merge.
    fileprivate static func rowFromStranger(
        _ name: Marked<String>,
        _ token: String,
        models: [String]
    ) -> Diagnostic {
        let fact = "'\(name.value)' gives '\(token)' its row, and has no part in what is written"
        return unknownInput(name.value, fact, known: models, at: name.range)
    }

    /// A model whose tokens are not known.
    fileprivate static func noVocabulary(_ name: String, _ token: Marked<String>) -> Diagnostic {
        Diagnostic(
            code: "tokenizer-unsupported",
            "whether '\(name)' has a token '\(token.value)' is not known: no file of it that says so could be read",
            at: token.range,
            fix: FixIt("put its tokenizer.json beside its weights, or leave the rule out")
        )
    }

    /// A token that a model does not have.
    fileprivate static func unknownToken(_ token: Marked<String>, in name: String, added: [String]) -> Diagnostic {
        Diagnostic(
            code: "unknown-token",
            "'\(name)' has no token '\(token.value)'",
            at: token.range,
            fix: .didYouMean(token.value, among: added)
                ?? FixIt(
                    added.isEmpty
                        ? "leave the rule out" : "tokens added to it: " + added.prefix(8).joined(separator: ", ")
                )
        )
    }

    /// An embedding that is to have another number of rows.
    fileprivate static func rowsNotPadded(_ rows: Int, _ multiple: Marked<Int>) -> Diagnostic {
        Diagnostic(
            code: "tokenizer-unsupported",
            "the embedding has \(rows) rows, no multiple of \(multiple.value), and rows are not added or cut yet",
            at: multiple.range,
            fix: FixIt("leave 'pad_to_multiple_of' out")
        )
    }
}
