import SutureArchitectures
import SutureCheckpoints
import SutureJSON

/// What a model's small files say of its tokens.
struct TokenizerFacts: Sendable {
    /// The model.
    let source: ResolvedSource

    /// The file that says which token has which number, if one does.
    let file: CompanionFile?

    /// The tokens; `nil` where no file could be read.
    let vocabulary: TokenVocabulary?

    /// The tokens with an office, such as `eos_token`, by it.
    let special: [String: String]

    /// The chat template.
    let chatTemplate: String?

    /// The rows of the embedding, padding included.
    let rows: Int?

    /// Reads the files of a source.
    init(_ source: ResolvedSource) {
        self.source = source
        let companions = source.checkpoint.companions
        let named = { (name: String) in companions.first { $0.name == name } }
        file = source.vocabularyFile
        vocabulary = TokenVocabulary.read(in: companions)
        let settings = named("tokenizer_config.json").flatMap { SmallFile.object($0.path) }
        var special: [String: String] = [:]
        for office in Self.offices {
            let value = settings?[office]
            special[office] = value?.string ?? value?.object?["content"]?.string
        }
        self.special = special
        chatTemplate = Self.chatTemplate(of: source)
        rows = source.anatomy.facts.embeddingRows
    }

    /// The offices in which tokens are asked for by programs.
    static let offices = ["bos_token", "eos_token", "unk_token", "pad_token"]

    /// The chat template of a source, from whichever of its files has it.
    static func chatTemplate(of source: ResolvedSource) -> String? {
        let named = { (name: String) in source.checkpoint.companions.first { $0.name == name } }
        if let file = named("chat_template.jinja"), let bytes = try? FileSystem.read(file.path, limit: 1 << 20) {
            return String(decoding: bytes, as: UTF8.self)
        }
        for name in ["chat_template.json", "tokenizer_config.json"] {
            guard let value = named(name).flatMap({ SmallFile.object($0.path) })?["chat_template"] else { continue }
            if let text = value.string { return text }
            // Several templates by name: the one called `default` is meant.
            let entry = value.array?.lazy.compactMap(\.object).first { $0["name"]?.string == "default" }
            if let text = entry?["template"]?.string { return text }
        }
        return nil
    }
}

extension ResolvedSource {
    /// The file that says which token has which number.
    var vocabularyFile: CompanionFile? { TokenVocabulary.file(in: checkpoint.companions) }
}

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
        let isSameFile = Self.haveSameFile(a, b)
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
        return (try? FileSystem.read(mine.path)) == (try? FileSystem.read(theirs.path))
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
