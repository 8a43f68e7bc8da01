import SutureArchitectures
import SutureCheckpoints
import SutureDiagnostics
import SutureRecipes
import SutureTensors

/// Checks that the tokenizer that is written fits the embedding that is written.
enum TokenizerSettings: PlanCheck {
    static func findings(in composition: Composition) -> [Diagnostic] {
        let embed = composition.sources[composition.strip.ends.embed.owner]
        let donor = composition.sources[composition.tokenizerDonor]
        var findings: [Diagnostic] = []
        switch composition.graph.output.tokenizer {
        case .union(let range), .perToken(let range):
            let models = composition.strip.sources.map { composition.sources[$0] }
            if let odd = models.first(where: { !$0.hasVocabulary(of: models[0]) }) {
                findings.append(.vocabulariesNotMerged(models[0].name, odd.name, at: range))
            } else {
                findings.append(.unionIsAny(models[0].name, at: range))
            }
        case .input(let name) where !donor.hasVocabulary(of: embed):
            findings.append(.tokenizerOfAnother(donor.name, embed.name, at: name.range))
        case .base(let range) where !donor.hasVocabulary(of: embed):
            findings.append(.tokenizerOfAnother(donor.name, embed.name, at: range))
        case .input, .base, nil:
            break
        }
        return findings
    }
}

extension ResolvedSource {
    /// Whether another model reads the same tokens, as far as rows and tokenizer files tell.
    fileprivate func hasVocabulary(of other: ResolvedSource) -> Bool {
        guard index != other.index else { return true }
        guard anatomy.facts.embeddingRows == other.anatomy.facts.embeddingRows else { return false }
        guard let mine = tokenizerFile, let theirs = other.tokenizerFile else { return true }
        return mine.byteCount == theirs.byteCount
            && (try? FileSystem.read(mine.path)) == (try? FileSystem.read(theirs.path))
    }

    /// The file that says which token has which number.
    private var tokenizerFile: CompanionFile? {
        ["tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt"].lazy
            .compactMap { name in checkpoint.companions.first { $0.name == name } }.first
    }
}

extension Diagnostic {
    /// A union of vocabularies that differ.
    static func vocabulariesNotMerged(_ a: String, _ b: String, at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            code: "tokenizer-unsupported",
            "a tokenizer made of several vocabularies is not built yet, and those of '\(a)' and '\(b)' differ",
            at: range,
            fix: FixIt("use one model's: 'tokenizer_source: base', or 'output: {tokenizer: \(a)}'")
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
    static func tokenizerOfAnother(_ tokenizer: String, _ embed: String, at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "tokenizer-of-another",
            "the tokenizer is that of '\(tokenizer)', the embedding that of '\(embed)', and their vocabularies differ",
            at: range,
            fix: FixIt("take both from one model")
        )
    }
}
