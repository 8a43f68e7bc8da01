package import SutureJSON

/// Puts tokens into a `tokenizer.json` by an edit: what is there stays, byte for byte, and in its order.
package struct TokenizerEdit {
    /// A token that is put in.
    package struct Token: Sendable {
        /// Its text.
        package let text: String
        /// Its number.
        package let number: Int
        /// What is said of a token that was added; `nil` for a piece that was trained, into which no text is cut.
        package let definition: JSONObject?

        /// Creates a token.
        package init(text: String, number: Int, definition: JSONObject?) {
            self.text = text
            self.number = number
            self.definition = definition
        }
    }

    /// Why a file cannot be edited.
    package struct Refusal: Error {
        /// The reason.
        package let words: String
    }

    /// Where the lists of a file end, and what has to be known of them.
    private struct Places {
        /// The end of the last of the added tokens, and whether there is one.
        var added: (end: Int, isEmpty: Bool)?
        /// The end of the last piece of the vocabulary, and whether there is one.
        var vocabulary: (end: Int, isEmpty: Bool, isList: Bool)?
        /// After the bracket that begins the file.
        var start = 0
        var lowestScore = 0.0
        var pieceCount = 0
    }

    private let bytes: [UInt8]
    private let vocabulary: TokenVocabulary
    private let places: Places

    /// Looks through a file.
    ///
    /// - Parameters:
    ///   - bytes: The file.
    ///   - vocabulary: What was read from it; it is read anew where that is not given.
    /// - Throws: ``Refusal`` where it is not of a kind that can be edited.
    package init(_ bytes: [UInt8], of vocabulary: TokenVocabulary? = nil) throws(Refusal) {
        guard let vocabulary = vocabulary ?? TokenVocabulary.read(bytes, ofFile: "tokenizer.json") else {
            throw Refusal(words: "it is no tokenizer.json with a model")
        }
        self.bytes = bytes
        self.vocabulary = vocabulary
        do throws(JSONError) { places = try Self.places(in: bytes) } catch { throw Refusal(words: "\(error)") }
    }

    private static func places(in bytes: [UInt8]) throws(JSONError) -> Places {
        var places = Places()
        var reader = try JSONReader(bytes)
        _ = try reader.peek()
        places.start = reader.position + 1
        try reader.object { (reader, key, _) throws(JSONError) in
            switch key {
            case "added_tokens" where try reader.peek() == UInt8(ascii: "["):
                var end: Int?
                try reader.array { (reader) throws(JSONError) in
                    try reader.skipValue()
                    end = reader.position
                }
                places.added = (end ?? reader.position - 1, end == nil)
            case "model":
                try reader.object { (reader, key, _) throws(JSONError) in
                    guard key == "vocab" else { return try reader.skipValue() }
                    var end: Int?
                    var count = 0
                    let isList = try reader.peek() == UInt8(ascii: "[")
                    if isList {
                        try reader.array { (reader) throws(JSONError) in
                            let pair = try JSONParser.value(&reader).array
                            places.lowestScore = min(places.lowestScore, pair?.last?.double ?? 0)
                            (end, count) = (reader.position, count + 1)
                        }
                    } else {
                        try reader.object { (reader, _, _) throws(JSONError) in
                            try reader.skipValue()
                            (end, count) = (reader.position, count + 1)
                        }
                    }
                    places.vocabulary = (end ?? reader.position - 1, end == nil, isList)
                    places.pieceCount = count
                }
            default: try reader.skipValue()
            }
        }
        return places
    }

    /// The file with more tokens.
    ///
    /// - Parameters:
    ///   - tokens: The tokens, by ascending numbers that are free, and texts that are new.
    ///   - rawPieces: Whether pieces become added tokens as they are spelled, as mergekit has it: text is then cut by
    ///     them.
    /// - Returns: Its bytes.
    /// - Throws: ``Refusal`` where the library that loads it would give the tokens other numbers.
    package func adding(_ tokens: [Token], rawPieces: Bool = false) throws(Refusal) -> [UInt8] {
        let hasPieces = !rawPieces && tokens.contains { $0.definition == nil }
        // The library numbers what is added itself, on from the last.
        let isOrdered = tokens.enumerated().allSatisfy { $1.number == vocabulary.nextAdded + $0 }
        guard hasPieces || !isOrdered else { return spliced(added: tokens, pieces: []) }
        guard let place = places.vocabulary else {
            throw Refusal(words: "its model has no vocabulary that can be added to")
        }
        // A piece moves the numbers of what is added behind the trained ones, unless those are in the vocabulary as well.
        let outside = vocabulary.added.filter { $0 >= places.pieceCount }.sorted().compactMap { number in
            vocabulary.tokens[number].map { Token(text: $0, number: number, definition: nil) }
        }
        let pieces = outside + tokens
        let isContiguous = pieces.enumerated().allSatisfy { $1.number == places.pieceCount + $0 }
        guard !place.isList || isContiguous else {
            throw Refusal(words: "its pieces are numbered by their places, and there are numbers without a token")
        }
        return spliced(added: tokens.filter { rawPieces || $0.definition != nil }, pieces: pieces)
    }

    private func spliced(added: [Token], pieces: [Token]) -> [UInt8] {
        var texts: [(place: Int, text: String)] = []
        if !added.isEmpty {
            let list = added.map { JSONPrinter.print(.object(Self.definition(of: $0))) }.joined(separator: ",\n    ")
            if let (end, isEmpty) = places.added {
                texts.append((end, (isEmpty ? "" : ",") + "\n    " + list))
            } else {
                texts.append((places.start, "\n  \"added_tokens\": [\n    \(list)\n  ],"))
            }
        }
        if !pieces.isEmpty, let (end, isEmpty, isList) = places.vocabulary {
            let score = JSONPrinter.print(.double(places.lowestScore - 10))
            let list = pieces.map { piece in
                let text = JSONPrinter.print(.string(piece.text))
                return isList ? "[\(text), \(score)]" : "\(text): \(piece.number)"
            }.joined(separator: ",\n      ")
            texts.append((end, (isEmpty ? "" : ",") + "\n      " + list))
        }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + texts.reduce(0) { $0 + $1.text.utf8.count })
        var start = 0
        for (place, text) in texts.sorted(by: { $0.place < $1.place }) {
            result += bytes[start..<place]
            result += text.utf8
            start = place
        }
        return result + bytes[start...]
    }

    /// What the file says of a token that is added.
    private static func definition(of token: Token) -> JSONObject {
        var definition: JSONObject = ["id": .int(token.number), "content": .string(token.text)]
        let isPiece = token.definition == nil
        for key in ["single_word", "lstrip", "rstrip", "normalized", "special"] {
            definition[key] = .bool(token.definition?[key]?.bool ?? (isPiece && key == "normalized"))
        }
        return definition
    }
}
