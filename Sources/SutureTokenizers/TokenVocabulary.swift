package import SutureJSON

/// Which token has which number, read from whatever file a tokenizer keeps it in.
///
/// Numbers are those that programs give: the library that reads a `tokenizer.json` numbers added tokens itself, and
/// takes no notice of what the file says.
package struct TokenVocabulary: Sendable {
    /// What kind it is, such as `BPE`, where its file says so.
    package private(set) var kind: String?

    /// The tokens by their numbers; `nil` where a number has none.
    package private(set) var tokens: [String?] = []

    /// The numbers of tokens that were added to the vocabulary that was trained.
    package private(set) var added: Set<Int> = []

    /// What files say of tokens that were added, such as whether they are special, by their numbers.
    package private(set) var definitions: [Int: JSONObject] = [:]

    /// The number that the library gives to the next token that is added.
    package private(set) var nextAdded = 0

    /// The numbers of tokens by their texts.
    package private(set) var numbers: [TokenText: Int] = [:]

    /// What is wrong with the file.
    package private(set) var faults: [TokenizerFault] = []

    /// The number of tokens.
    package var count: Int { tokens.count { $0 != nil } }

    /// More tokens than any vocabulary has; a file that numbers higher is no vocabulary.
    package static let mostTokens = 16_000_000

    /// The names of the files that say which token has which number; the first that a model has counts.
    package static let fileNames = ["tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt"]

    /// Reads a vocabulary from its file.
    ///
    /// - Parameters:
    ///   - bytes: The file.
    ///   - name: `tokenizer.json`, `vocab.json`, `vocab.txt`, or a `tokenizer.model` of SentencePiece.
    ///   - addedTokens: What `added_tokens.json` beside it says, where there is one.
    ///   - decoder: What `tokenizer_config.json` says of added tokens, by their numbers, where it does.
    /// - Returns: The vocabulary, or `nil` where the file is none.
    package static func read(
        _ bytes: [UInt8],
        ofFile name: String,
        addedTokens: JSONObject? = nil,
        decoder: JSONObject? = nil
    ) -> TokenVocabulary? {
        if name == "tokenizer.json" { return read(tokenizer: bytes) }
        var vocabulary = TokenVocabulary()
        let isRead =
            if name.hasSuffix(".json") {
                vocabulary.readMap(bytes)
            } else if name.hasSuffix(".txt") {
                vocabulary.readLines(bytes)
            } else {
                vocabulary.readPieces(bytes)
            }
        guard isRead, !vocabulary.tokens.isEmpty else { return nil }
        for member in addedTokens?.members ?? [] { vocabulary.add(member.key, member.value.int, isAdded: true) }
        for member in decoder?.members ?? [] {
            guard let number = Int(member.key), let definition = member.value.object,
                let content = definition["content"]?.string
            else { continue }
            vocabulary.add(content, number, isAdded: true)
            vocabulary.definitions[number] = definition
        }
        vocabulary.nextAdded = vocabulary.tokens.count
        return vocabulary
    }

    /// Reads a `tokenizer.json`.
    private static func read(tokenizer bytes: [UInt8]) -> TokenVocabulary? {
        guard let file = TokenizerFile(bytes), !file.pieces.isEmpty || !file.added.isEmpty || !file.faults.isEmpty
        else { return nil }
        var vocabulary = TokenVocabulary()
        vocabulary.faults = file.faults
        vocabulary.kind = file.kind
        for (token, number) in file.pieces { vocabulary.add(token, number) }
        let trained = vocabulary.numbers.count
        var highest: Int?
        for token in file.added where !token.content.isEmpty {
            let text = TokenText(token.content)
            let given = vocabulary.numbers[text] ?? max((highest ?? -1) + 1, trained)
            if let stated = token.number, stated != given {
                vocabulary.faults.append(.otherNumber(token.content, stated: stated, given: given))
            }
            highest = max(highest ?? given, given)
            vocabulary.add(token.content, given, isAdded: true)
            vocabulary.definitions[given] = token.definition
        }
        vocabulary.nextAdded = max((highest ?? -1) + 1, trained)
        return vocabulary
    }

    private mutating func add(_ token: String, _ number: Int?, isAdded: Bool = false) {
        guard let number, (0..<Self.mostTokens).contains(number) else { return }
        if number >= tokens.count { tokens += Array(repeating: nil, count: number + 1 - tokens.count) }
        let text = TokenText(token)
        if let known = tokens[number], TokenText(known) != text {
            faults.append(.sharedNumber(number, known, token))
        } else if let earlier = numbers[text], earlier != number {
            faults.append(.doubled(token, earlier, number))
        }
        tokens[number] = token
        numbers[text] = number
        if isAdded { added.insert(number) }
    }

    // MARK: - Formats

    /// A map from tokens to numbers.
    private mutating func readMap(_ bytes: [UInt8]) -> Bool {
        do throws(JSONError) {
            var reader = try JSONReader(bytes)
            for (token, number) in try TokenizerFile.map(&reader) { add(token, number) }
            return true
        } catch { return false }
    }

    /// One token a line, numbered by its place.
    private mutating func readLines(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            guard number < Self.mostTokens else { return false }
            // The last line break ends a line and begins none.
            if !line.isEmpty { add(String(line), number) }
        }
        return true
    }

    /// The pieces of a SentencePiece model: a protocol buffer whose field 1 repeats, each with its text in field 1.
    private mutating func readPieces(_ bytes: [UInt8]) -> Bool {
        var reader = ProtocolBufferReader(bytes[...])
        var number = 0
        while let field = reader.next() {
            guard case .bytes(1, let piece) = field else { continue }
            var inner = ProtocolBufferReader(piece)
            var token = ""
            while let part = inner.next() {
                if case .bytes(1, let text) = part { token = String(decoding: text, as: UTF8.self) }
            }
            add(token, number)
            number += 1
        }
        return reader.isAtEnd && number > 0
    }
}
