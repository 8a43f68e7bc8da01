import SutureTokenizers
import SutureArchitectures
import SutureDiagnostics
import SutureRecipes
import SutureTensors

/// Checks that the tokenizer that is written fits the embedding that is written, and that models whose
/// tokens are brought together mean the same by them.
struct TokenizerSettings: CompositionCheck {
    private let composition: Composition
    private let facts: [Int: TokenizerFacts]
    /// The models that give rows of embedding or head.
    private let inEnds: Set<Int>
    /// The rows that are blended, from the first on; those after them are one model's.
    private let commonRows: Int

    static func findings(in composition: Composition) -> [Diagnostic] {
        let check = TokenizerSettings(composition)
        return check.onTheEmbedding() + check.onOthers()
    }

    private init(_ composition: Composition) {
        self.composition = composition
        let strip = composition.strip
        let models = Set(strip.sources + [strip.ends.embed.owner, composition.tokenizerDonor])
        facts = Dictionary(uniqueKeysWithValues: models.map { ($0, TokenizerFacts(composition.sources[$0])) })
        let slots = strip.ends.embed.slots + strip.ends.head.slots
        inEnds = Set(slots.flatMap { $0.expression.leaves.map(\.source) })
        let rows = slots.filter(\.isVocabularyMatrix).flatMap { slot in
            [slot.spec.shape.dimensions[0]] + slot.expression.leaves.map { $0.spec.shape.dimensions.first ?? 0 }
        }
        commonRows = rows.min() ?? .max
    }

    /// The model whose tokens the rows are of: the recipe's choice, else the embedding's owner.
    private var reference: Int {
        switch composition.graph.output.tokenizer?.source {
        case .input, .base: composition.tokenizerDonor
        case .union, nil: composition.alignment?.start ?? composition.strip.ends.embed.owner
        }
    }

    private func name(_ index: Int) -> String { composition.sources[index].name }

    private func difference(_ a: Int, _ b: Int) -> TokenizerDifference? {
        guard let mine = facts[a], let theirs = facts[b] else { return nil }
        return TokenizerDifference(mine, theirs)
    }

    // MARK: - Findings

    private func onTheEmbedding() -> [Diagnostic] {
        let (donor, embed) = (composition.tokenizerDonor, composition.strip.ends.embed.owner)
        // Where the tokenizer's model takes part in a blend, there are as many rows as it has.
        let ends = composition.strip.ends.embed.slots.filter(\.isVocabularyMatrix)
        let isBlended = ends.contains { slot in
            if case .gathered(let gathered) = slot.expression, let rest = gathered.joined?.rest {
                rest.leaves.allSatisfy { $0.source == donor }
            } else {
                false
            }
        }
        guard composition.alignment == nil, !isBlended, let difference = difference(donor, embed),
            difference.hasOtherTokens
        else { return [] }
        // What lies behind the rows that are written is nobody's.
        let written = composition.strip.ends.embed.slots.first(where: \.isVocabularyMatrix)?.spec.shape.dimensions[0]
        let isBehind = difference.differing.allSatisfy { $0 >= written ?? .max }
        guard difference.differing.isEmpty || !isBehind else { return [] }
        let range = composition.graph.output.tokenizer?.source.range
        return [.tokenizerOfAnother(name(donor), name(embed), difference, at: range)]
    }

    /// Models whose tokens are others than those of the embedding, by what they give.
    private func onOthers() -> [Diagnostic] {
        let strip = composition.strip
        let isAccepted = composition.graph.output.accept.contains { $0.value == "vocabulary" }
        return strip.sources.compactMap { index in
            guard index != reference else { return nil }
            let range =
                strip.layers.first { layer in
                    layer.slots.contains { slot in slot.expression.leaves.contains { $0.source == index } }
                }?.range
            let givesRows = composition.alignment == nil && inEnds.contains(index)
            if let unread = unread(index) {
                let place = range ?? strip.ends.head.range
                return .tokensNotCompared(name(reference), name(index), without: name(unread), isAccepted, at: place)
            }
            guard let difference = difference(reference, index) else { return nil }
            guard difference.hasOtherTokens else {
                return .tokenizersDiffer(name(reference), name(index), difference, at: range)
            }
            // Behind the rows that are blended nothing of two models meets.
            let isApart =
                givesRows && !difference.differing.isEmpty && difference.differing.allSatisfy { $0 >= commonRows }
            let isElsewhere = givesRows && meansRowsBehind(index)
            if isApart, !isElsewhere { return nil }
            // Where rows follow their tokens, what is left is that layers were trained on others.
            if composition.alignment != nil, !difference.reachesTrained { return nil }
            let clashes =
                difference.reachesTrained || isElsewhere || difference.clashes.contains { $0 < commonRows }
            let severity: Diagnostic.Severity =
                if isAccepted || !givesRows && !difference.reachesTrained {
                    .note
                } else {
                    givesRows && clashes ? .error : .warning
                }
            return .otherTokens(
                severity,
                name(reference),
                name(index),
                difference,
                isBlended: givesRows,
                isMergekit: composition.graph.dialect == .mergekit,
                at: range ?? strip.ends.head.range
            )
        }
    }

    /// Whether a model has tokens of the chosen tokenizer whose rows lie behind those that are blended: they would take
    /// part by their text, wherever that model has them.
    private func meansRowsBehind(_ index: Int) -> Bool {
        guard reference == composition.tokenizerDonor, composition.graph.output.tokenizer != nil,
            let chosen = facts[reference]?.vocabulary, let theirs = facts[index]?.vocabulary,
            chosen.tokens.count > commonRows
        else { return false }
        return chosen.tokens[commonRows...].contains { token in
            token.map { theirs.numbers[TokenText($0)] != nil } ?? false
        }
    }

    /// Which of the embedding's owner and another model has no vocabulary that can be read, where one of them has.
    private func unread(_ index: Int) -> Int? {
        switch (facts[reference]?.file, facts[index]?.file) {
        case (nil, .some): reference
        case (.some, nil): index
        default: nil
        }
    }
}

extension OutputSettings.TokenizerSetting {
    /// Where the recipe says it.
    var range: SourceRange? {
        switch self {
        case .input(let name): name.range
        case .base(let range), .union(let range): range
        }
    }
}

extension TokenizerDifference {
    /// The facts as lines below a message.
    fileprivate var notes: [Diagnostic.Note] { words.map { Diagnostic.Note($0, at: nil) } }
}

extension Diagnostic {
    /// Models of which one says nothing of its tokens.
    static func tokensNotCompared(
        _ a: String,
        _ b: String,
        without: String,
        _ isAccepted: Bool,
        at range: SourceRange?
    ) -> Diagnostic {
        Diagnostic(
            isAccepted ? .note : .warning,
            code: "tokens-not-compared",
            "the tokens of '\(a)' and '\(b)' could not be compared: '\(without)' has no tokenizer files",
            at: range,
            fix: FixIt(
                "put its tokenizer.json beside its weights"
                    + (isAccepted ? "" : ", or accept it: output: {accept: [vocabulary]}")
            )
        )
    }

    /// A tokenizer beside another model's embedding.
    static func tokenizerOfAnother(
        _ tokenizer: String,
        _ embed: String,
        _ difference: TokenizerDifference,
        at range: SourceRange?
    ) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "tokenizer-of-another",
            "the tokenizer is that of '\(tokenizer)', the embedding that of '\(embed)', and their vocabularies differ",
            at: range,
            fix: FixIt("take both from one model: output: {tokenizer: \(embed)}"),
            notes: difference.notes
        )
    }

    /// A model that gives layers or rows and was trained on other tokens.
    static func otherTokens(
        _ severity: Severity,
        _ embed: String,
        _ other: String,
        _ difference: TokenizerDifference,
        isBlended: Bool,
        isMergekit: Bool,
        at range: SourceRange?
    ) -> Diagnostic {
        Diagnostic(
            severity,
            code: "tokens-differ",
            isBlended
                ? "rows of '\(embed)' and '\(other)' are brought together, and their tokens differ"
                : "layers of '\(other)' were trained on other tokens than those of '\(embed)', whose embedding is written",
            at: range,
            fix: severity == .note
                ? nil
                : FixIt(
                    isBlended
                        ? "bring them together by their tokens: "
                            + (isMergekit ? "tokenizer_source: union" : "output: {tokenizer: union}")
                            + "; or take both from one model: output: {ends: {embed: \(embed), head: \(embed)}}"
                            + "; or accept it: output: {accept: [vocabulary]}"
                        : "use models of one tokenizer, or accept it: output: {accept: [vocabulary]}"
                ),
            notes: difference.notes
        )
    }

    /// Models of one vocabulary whose tokenizers differ otherwise.
    static func tokenizersDiffer(
        _ embed: String,
        _ other: String,
        _ difference: TokenizerDifference,
        at range: SourceRange?
    ) -> Diagnostic {
        Diagnostic(
            .note,
            code: "tokenizers-differ",
            "'\(other)' has the tokens of '\(embed)', whose tokenizer is written: " + (difference.words.first ?? ""),
            at: range,
            notes: Array(difference.notes.dropFirst())
        )
    }
}
