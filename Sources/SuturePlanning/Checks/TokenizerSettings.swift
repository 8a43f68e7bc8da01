import SutureArchitectures
import SutureDiagnostics
import SutureRecipes

/// Checks that the tokenizer that is written fits the embedding that is written, and that models whose
/// tokens are brought together mean the same by them.
enum TokenizerSettings: PlanCheck {
    static func findings(in composition: Composition) -> [Diagnostic] {
        let embed = composition.sources[composition.strip.ends.embed.owner]
        let donor = composition.sources[composition.tokenizerDonor]
        var findings: [Diagnostic] = []
        switch composition.graph.output.tokenizer?.source {
        case .union(let range):
            let models = composition.strip.sources.map { composition.sources[$0] }
            let odd = models.lazy.compactMap { model in
                TokenizerDifference(models[0], model).flatMap { $0.hasOtherTokens ? (model, $0) : nil }
            }.first
            if let (model, difference) = odd {
                findings.append(.vocabulariesNotMerged(models[0].name, model.name, difference, at: range))
            } else {
                findings.append(.unionIsAny(models[0].name, at: range))
            }
        case .input, .base, .ruled, nil:
            break
        }
        if let difference = TokenizerDifference(donor, embed), difference.hasOtherTokens {
            let range = composition.graph.output.tokenizer?.range
            findings.append(.tokenizerOfAnother(donor.name, embed.name, difference, at: range))
        }
        return findings + othersTokens(embed, in: composition)
    }

    /// Models whose tokens are others than those of the embedding, by what they give.
    private static func othersTokens(_ embed: ResolvedSource, in composition: Composition) -> [Diagnostic] {
        let strip = composition.strip
        let endLeaves = (strip.ends.embed.slots + strip.ends.head.slots).flatMap { $0.expression.leaves }
        let inEnds = Set(endLeaves.map(\.source))
        let isAccepted = composition.graph.output.accept.contains { $0.value == "vocabulary" }
        return strip.sources.compactMap { index in
            let source = composition.sources[index]
            guard index != embed.index, let difference = TokenizerDifference(embed, source) else { return nil }
            let range = strip.layers.first { layer in
                layer.slots.contains { slot in slot.expression.leaves.contains { $0.source == index } }
            }?.range
            guard difference.hasOtherTokens else {
                return .tokenizersDiffer(embed.name, source.name, difference, at: range)
            }
            let severity: Diagnostic.Severity =
                if isAccepted || !inEnds.contains(index) && !difference.reachesTrained {
                    .note
                } else {
                    inEnds.contains(index) && difference.reachesTrained ? .error : .warning
                }
            return .otherTokens(
                severity,
                embed.name,
                source.name,
                difference,
                isBlended: inEnds.contains(index),
                at: range ?? strip.ends.head.range
            )
        }
    }
}

extension OutputSettings.TokenizerSetting {
    /// Where the recipe says it.
    fileprivate var range: SourceRange? {
        switch self {
        case .input(let name): name.range
        case .base(let range), .union(let range): range
        case .ruled(let rules): rules.source.range
        }
    }
}

extension TokenizerDifference {
    /// The facts as lines below a message.
    fileprivate var notes: [Diagnostic.Note] { words.map { Diagnostic.Note($0, at: nil) } }
}

extension Diagnostic {
    /// A union of vocabularies that differ.
    static func vocabulariesNotMerged(
        _ a: String,
        _ b: String,
        _ difference: TokenizerDifference,
        at range: SourceRange?
    ) -> Diagnostic {
        Diagnostic(
            code: "tokenizer-unsupported",
            "a tokenizer made of several vocabularies is not built yet, and those of '\(a)' and '\(b)' differ: "
                + (difference.words.first ?? ""),
            at: range,
            fix: FixIt(
                "take tokenizer, embedding and head of one: 'output: {tokenizer: \(a), ends: {embed: \(a), head: \(a)}}'"
            ),
            notes: Array(difference.notes.dropFirst())
        )
    }

    /// A union of vocabularies that are all the same.
    static func unionIsAny(_ a: String, at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            .note,
            code: "union-is-any",
            "all vocabularies are the same: their union is the tokenizer of '\(a)'",
            at: range
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
                        ? "take embedding, head and tokenizer from one model: output: {ends: {embed: \(embed), head: \(embed)}}, "
                            + "or accept it: output: {accept: [vocabulary]}"
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
