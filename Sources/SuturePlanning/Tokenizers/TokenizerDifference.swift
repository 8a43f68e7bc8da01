import SutureCheckpoints
import SutureTokenizers

/// What tells the tokens of two models apart.
struct TokenizerDifference: Sendable {
    /// Whether some number stands for different tokens, or for a token in only one of the models.
    let hasOtherTokens: Bool

    /// Whether the difference touches tokens that were trained, not only such as were added.
    let reachesTrained: Bool

    /// The numbers that stand for two different tokens.
    let clashes: [Int]

    /// The numbers that stand for a token in one of the models only, or for two different ones.
    let differing: [Int]

    /// What differs, one fact each.
    let words: [String]

    /// Compares two models; `nil` where nothing is known to differ.
    init?(_ mine: TokenizerFacts, _ theirs: TokenizerFacts) {
        let (a, b) = (mine.source, theirs.source)
        guard a.index != b.index else { return nil }
        // A tokenizer.model does not say which tokens were added to it.
        let isWhole = a.vocabularyFile?.name == "tokenizer.json" || mine.vocabulary == nil || theirs.vocabulary == nil
        let isSameFile = isWhole && Self.haveSameFile(a, b)
        var words: [String] = []
        var hasOtherTokens = false
        var reachesTrained = false
        var differing: [Int] = []
        if !isSameFile, let x = mine.vocabulary, let y = theirs.vocabulary {
            if x.count != y.count { words.append("\(x.count) tokens in '\(a.name)', \(y.count) in '\(b.name)'") }
            let longest = max(x.tokens.count, y.tokens.count)
            differing = (0..<longest).filter { Self.text($0, x) != Self.text($0, y) }
            if let first = differing.first {
                words.append(
                    "the first that differs is \(first): \(TokenizerFault.shown(Self.token(first, x))) in '\(a.name)', "
                        + "\(TokenizerFault.shown(Self.token(first, y))) in '\(b.name)'"
                )
            }
            hasOtherTokens = !differing.isEmpty
            reachesTrained = differing.contains { number in
                Self.isTrained(number, x) && Self.isTrained(number, y)
            }
            clashes = differing.filter { Self.token($0, x) != nil && Self.token($0, y) != nil }
        } else {
            clashes = []
            if !isSameFile, let x = mine.file, let y = theirs.file, x.name == y.name {
                words.append("\(x.name) differs, and it is not of a form that can be read")
                hasOtherTokens = true
            }
        }
        if let x = mine.rows, let y = theirs.rows, x != y {
            words.append("\(Self.rows(x, mine)) in '\(a.name)', \(Self.rows(y, theirs)) in '\(b.name)'")
            hasOtherTokens = hasOtherTokens || mine.vocabulary == nil || theirs.vocabulary == nil
        }
        for office in TokenizerFacts.offices where mine.special[office] != theirs.special[office] {
            guard !mine.special.isEmpty, !theirs.special.isEmpty else { break }
            words.append(
                "\(office) is \(TokenizerFault.shown(mine.special[office])) in '\(a.name)', "
                    + "\(TokenizerFault.shown(theirs.special[office])) in '\(b.name)'"
            )
        }
        if mine.chatTemplate != theirs.chatTemplate {
            let lack = [(a, mine), (b, theirs)].filter { $1.chatTemplate == nil }.map { "'\($0.0.name)'" }
            words.append(
                lack.isEmpty ? "their chat templates differ" : "\(lack.joined(separator: ", ")) has no chat template"
            )
        }
        guard !words.isEmpty else { return nil }
        self.hasOtherTokens = hasOtherTokens
        self.reachesTrained = reachesTrained
        self.differing = differing
        self.words = words
    }

    private static func haveSameFile(_ a: ResolvedSource, _ b: ResolvedSource) -> Bool {
        guard let mine = a.vocabularyFile, let theirs = b.vocabularyFile else { return true }
        guard mine.name == theirs.name, mine.byteCount == theirs.byteCount, mine.byteCount <= SmallFile.limit else {
            return false
        }
        return SmallFile.bytes(mine.path) == SmallFile.bytes(theirs.path)
    }

    private static func token(_ number: Int, _ vocabulary: TokenVocabulary) -> String? {
        number < vocabulary.tokens.count ? vocabulary.tokens[number] : nil
    }

    private static func text(_ number: Int, _ vocabulary: TokenVocabulary) -> TokenText? {
        token(number, vocabulary).map(TokenText.init)
    }

    private static func isTrained(_ number: Int, _ vocabulary: TokenVocabulary) -> Bool {
        token(number, vocabulary) != nil && !vocabulary.added.contains(number)
    }

    private static func rows(_ rows: Int, _ facts: TokenizerFacts) -> String {
        guard let count = facts.vocabulary?.tokens.count, count < rows else { return "\(rows) rows" }
        return "\(rows) rows (\(rows - count) of padding)"
    }
}
