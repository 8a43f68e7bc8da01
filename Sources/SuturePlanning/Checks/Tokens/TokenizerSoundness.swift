import SutureTokenizers
import SutureArchitectures
import SutureCheckpoints
import SutureDiagnostics
import SutureRecipes
import SutureTensors
import SystemPackage

/// Checks that the tokenizer that is written loads, gives every token a number of its own, and none for which the
/// embedding has no row.
struct TokenizerSoundness: CompositionCheck {
    private let composition: Composition
    private let facts: TokenizerFacts

    static func findings(in composition: Composition) -> [Diagnostic] {
        let check = TokenizerSoundness(composition, composition.tokenizerDonor)
        // Rows of the others are found by what their files say as well.
        let others = (composition.alignment?.members ?? []).map { TokenizerSoundness(composition, $0) }
        return check.onFiles() + check.onFaults()
            + (others.isEmpty ? check.onRows() : [])
            + others.flatMap { other in
                (other.donor.index == composition.tokenizerDonor ? [] : other.onFaults()) + other.onOwnRows()
            }
    }

    private init(_ composition: Composition, _ model: Int) {
        self.composition = composition
        facts = TokenizerFacts(composition.sources[model])
    }

    private var donor: ResolvedSource { facts.source }

    private var isAccepted: Bool { composition.graph.output.accept.contains { $0.value == "tokenizer" } }

    private func place(_ setting: SourceRange?) -> Diagnostic.Place? {
        facts.file.map { .file($0.path.string, tensor: nil) } ?? setting.map(Diagnostic.Place.source)
    }

    /// Whether there is a tokenizer at all, and one that can be read.
    private func onFiles() -> [Diagnostic] {
        guard composition.strip.ends.embed.slots.contains(where: \.isVocabularyMatrix),
            donor.checkpoint.gguf == nil
        else { return [] }
        guard let file = facts.file else {
            let other = composition.strip.sources.first { composition.sources[$0].vocabularyFile != nil }
            return [.noTokenizer(donor.name, other: other.map { composition.sources[$0].name })]
        }
        return facts.vocabulary == nil ? [.unreadableTokenizer(donor.name, file.name, at: place(nil))] : []
    }

    /// What is wrong in the file itself, faults of one kind told once.
    private func onFaults() -> [Diagnostic] {
        let faults = facts.vocabulary?.faults ?? []
        let kinds = Dictionary(grouping: faults, by: \.kind)
        return kinds.sorted { $0.key < $1.key }.compactMap { _, faults in
            faults.first.map { first in
                .brokenTokenizer(donor.name, first, more: faults.count - 1, isAccepted, at: place(nil))
            }
        }
    }

    /// Whether every token of a model has a row there, where rows are found by tokens.
    private func onOwnRows() -> [Diagnostic] {
        guard let vocabulary = facts.vocabulary, let rows = donor.anatomy.facts.embeddingRows,
            let first = vocabulary.tokens.indices.dropFirst(rows).first(where: { vocabulary.tokens[$0] != nil })
        else { return [] }
        return [
            .tokensWithoutRows(
                isAccepted ? .note : .error,
                donor.name,
                highest: vocabulary.tokens.count - 1,
                token: vocabulary.tokens[first],
                number: first,
                rows: rows,
                isOwn: true,
                at: place(nil)
            )
        ]
    }

    /// Whether every token has a row.
    private func onRows() -> [Diagnostic] {
        guard let vocabulary = facts.vocabulary,
            let embed = composition.strip.ends.embed.slots.first(where: \.isVocabularyMatrix),
            case let rows = embed.spec.shape.dimensions[0],
            let first = vocabulary.tokens.indices.dropFirst(rows).first(where: { vocabulary.tokens[$0] != nil })
        else { return [] }
        let isTrained = vocabulary.tokens.indices.dropFirst(rows).contains {
            vocabulary.tokens[$0] != nil && !vocabulary.added.contains($0)
        }
        // Some are sold so: an added token that no text has, such as the mark of an image.
        let isOwn =
            !isTrained && (donor.anatomy.facts.embeddingRows ?? 0) <= first && rows == donor.anatomy.facts.embeddingRows
        return [
            .tokensWithoutRows(
                isAccepted ? .note : isOwn ? .warning : .error,
                donor.name,
                highest: vocabulary.tokens.count - 1,
                token: vocabulary.tokens[first],
                number: first,
                rows: rows,
                at: composition.graph.output.tokenizer?.source.range.map(Diagnostic.Place.source) ?? place(nil)
            )
        ]
    }
}

extension TokenizerFault {
    /// What faults are alike.
    fileprivate var kind: Int {
        switch self {
        case .unloadable: 0
        case .sharedNumber: 1
        case .doubled: 2
        case .otherNumber: 3
        }
    }
}

extension Diagnostic {
    static func ggufTokens(_ name: String, _ tokens: Int, _ rows: Int) -> Diagnostic {
        Diagnostic(
            code: "tokens-without-rows",
            "the tokenizer of '\(name)' has \(tokens) tokens, and the embedding that is written has \(rows) rows",
            at: nil as SourceRange?,
            fix: FixIt("take tokenizer and embedding from one model")
        )
    }

    private static let acceptsTokenizer = "'output: {accept: [tokenizer]}' lets it pass"

    /// No tokenizer is written.
    fileprivate static func noTokenizer(_ name: String, other: String?) -> Diagnostic {
        Diagnostic(
            other == nil ? .note : .warning,
            code: "no-tokenizer",
            "'\(name)' has no tokenizer files, so the output has none",
            at: nil as SourceRange?,
            fix: FixIt(
                other.map { "take that of '\($0)': output: {tokenizer: \($0)}" } ?? "put them beside its weights"
            )
        )
    }

    /// A tokenizer's file that is none.
    fileprivate static func unreadableTokenizer(_ name: String, _ file: String, at place: Place?) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "tokenizer-unread",
            "\(file) of '\(name)' is none that can be read, and it is copied as it is",
            at: place,
            fix: FixIt("repair it, or take another model's: output: {tokenizer: …}")
        )
    }

    /// A tokenizer's file that does not load, or gives numbers that nobody meant.
    fileprivate static func brokenTokenizer(
        _ name: String,
        _ fault: TokenizerFault,
        more: Int,
        _ isAccepted: Bool,
        at place: Place?
    ) -> Diagnostic {
        let effect =
            switch fault {
            case .unloadable: "does not load"
            case .sharedNumber, .doubled: "gives numbers twice"
            case .otherNumber: "numbers tokens otherwise than it is read"
            }
        let severity: Severity = isAccepted ? .note : fault.isFatal ? .error : .warning
        return Diagnostic(
            severity,
            code: "tokenizer-broken",
            "the tokenizer of '\(name)' \(effect): \(fault.words)" + (more > 0 ? ", and \(more) more are like it" : ""),
            at: place,
            fix: FixIt("repair the file" + (severity == .error ? "; \(acceptsTokenizer)" : ""))
        )
    }

    /// Tokens whose numbers are behind the embedding.
    fileprivate static func tokensWithoutRows(
        _ severity: Severity,
        _ name: String,
        highest: Int,
        token: String?,
        number: Int,
        rows: Int,
        isOwn: Bool = false,
        at place: Place?
    ) -> Diagnostic {
        Diagnostic(
            severity,
            code: "tokens-without-rows",
            "the tokenizer of '\(name)' goes to number \(highest), and \(isOwn ? "its embedding" : "the embedding that is written") has \(rows) rows: "
                + "\(TokenizerFault.shown(token)) (\(number)) has none",
            at: place,
            fix: FixIt(
                isOwn
                    ? "repair its tokenizer, or take away the tokens that were never trained"
                    : "take embedding, head and tokenizer from one model"
                        + (severity == .error ? "; \(acceptsTokenizer)" : "")
            )
        )
    }
}
