import SutureCheckpoints
import SystemPackage

/// Which token has which number, read from whatever file a tokenizer keeps it in.
struct TokenVocabulary: Sendable {
    /// The tokens by their numbers; `nil` where a number has none.
    private(set) var tokens: [String?] = []

    /// The numbers of tokens that were added to the vocabulary that was trained.
    private(set) var added: Set<Int> = []

    /// The number of tokens.
    var count: Int { tokens.count { $0 != nil } }

    /// More tokens than any vocabulary has; a file that numbers higher is no vocabulary.
    private static let mostTokens = 16_000_000

    /// The file of a model's that says which token has which number.
    static func file(in companions: [CompanionFile]) -> CompanionFile? {
        ["tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt"].lazy
            .compactMap { name in companions.first { $0.name == name } }.first
    }

    /// Reads the vocabulary among a model's small files; `nil` where there is none.
    static func read(in companions: [CompanionFile]) -> TokenVocabulary? {
        let added = companions.first { $0.name == "added_tokens.json" }
        return file(in: companions).flatMap { read($0, addedTokens: added) }
    }

    /// Reads a vocabulary from its file.
    ///
    /// - Parameters:
    ///   - file: `tokenizer.json`, `vocab.json`, `vocab.txt` or a `tokenizer.model` of SentencePiece.
    ///   - addedTokens: `added_tokens.json` beside it, where there is one.
    /// - Returns: The vocabulary, or `nil` where the file is none or too large.
    static func read(_ file: CompanionFile, addedTokens: CompanionFile? = nil) -> TokenVocabulary? {
        guard let bytes = try? FileSystem.read(file.path, limit: SmallFile.limit) else { return nil }
        var vocabulary = TokenVocabulary()
        let name = file.name
        let isRead =
            if name.hasSuffix(".json") {
                vocabulary.readJSON(bytes, isTokenizer: name == "tokenizer.json")
            } else if name.hasSuffix(".txt") {
                vocabulary.readLines(bytes)
            } else {
                vocabulary.readPieces(bytes)
            }
        guard isRead, !vocabulary.tokens.isEmpty else { return nil }
        if let addedTokens, name != "tokenizer.json", let extra = SmallFile.object(addedTokens.path) {
            for member in extra.members { vocabulary.add(member.key, member.value.int, isAdded: true) }
        }
        return vocabulary
    }

    private mutating func add(_ token: String, _ number: Int?, isAdded: Bool = false) {
        guard let number, (0..<Self.mostTokens).contains(number) else { return }
        if number >= tokens.count { tokens += Array(repeating: nil, count: number + 1 - tokens.count) }
        tokens[number] = token
        if isAdded { added.insert(number) }
    }

    // MARK: - Formats

    /// A map from tokens to numbers, at the top or, in `tokenizer.json`, under `model.vocab`.
    private mutating func readJSON(_ bytes: [UInt8], isTokenizer: Bool) -> Bool {
        do throws(JSONError) {
            var reader = try JSONReader(bytes)
            guard isTokenizer else {
                try readMap(&reader)
                return true
            }
            var extra: [JSONValue] = []
            var vocabulary = self
            try reader.object { (reader, key, _) throws(JSONError) in
                switch key {
                case "added_tokens": extra = try JSONParser.value(&reader).array ?? []
                case "model": try vocabulary.readModel(&reader)
                default: try reader.skipValue()
                }
            }
            self = vocabulary
            for token in extra {
                guard let token = token.object, let content = token["content"]?.string else { continue }
                add(content, token["id"]?.int, isAdded: true)
            }
            return true
        } catch { return false }
    }

    private mutating func readModel(_ reader: inout JSONReader) throws(JSONError) {
        var vocabulary = self
        try reader.object { (reader, key, _) throws(JSONError) in
            guard key == "vocab" else { return try reader.skipValue() }
            if try reader.peek() == UInt8(ascii: "[") {
                // Unigram: pairs of token and score, numbered by their places.
                var number = 0
                try reader.array { (reader) throws(JSONError) in
                    let pair = try JSONParser.value(&reader)
                    vocabulary.add(pair.array?.first?.string ?? "", number)
                    number += 1
                }
            } else {
                try vocabulary.readMap(&reader)
            }
        }
        self = vocabulary
    }

    private mutating func readMap(_ reader: inout JSONReader) throws(JSONError) {
        var vocabulary = self
        try reader.object { (reader, token, _) throws(JSONError) in
            vocabulary.add(token, try JSONParser.value(&reader).int)
        }
        self = vocabulary
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

/// Reads the fields of a protocol buffer from front to back; what is torn ends it.
struct ProtocolBufferReader {
    /// A field: its number and, where it has bytes, what they are.
    enum Field {
        case bytes(Int, ArraySlice<UInt8>)
        case other(Int)
    }

    private var rest: ArraySlice<UInt8>

    /// Whether all of it was read.
    var isAtEnd: Bool { rest.isEmpty }

    init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    /// The next field; `nil` at the end or where the bytes are no field.
    mutating func next() -> Field? {
        var reader = self
        guard let tag = reader.variableLength(), tag >> 3 > 0, tag >> 3 < 1 << 29 else { return nil }
        let number = Int(tag >> 3)
        var field = Field.other(number)
        switch tag & 7 {
        case 0: guard reader.variableLength() != nil else { return nil }
        case 1: guard reader.take(8) != nil else { return nil }
        case 2:
            guard let count = reader.variableLength(), count <= UInt64(reader.rest.count),
                let bytes = reader.take(Int(count))
            else { return nil }
            field = .bytes(number, bytes)
        case 5: guard reader.take(4) != nil else { return nil }
        default: return nil
        }
        self = reader
        return field
    }

    private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    private mutating func variableLength() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: 0, through: 63, by: 7) {
            guard let byte = rest.popFirst() else { return nil }
            value |= UInt64(byte & 0x7f) << UInt64(shift)
            if byte < 0x80 { return value }
        }
        return nil
    }
}
