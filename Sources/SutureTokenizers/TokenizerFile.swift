import SutureJSON

/// A `tokenizer.json` as the library that loads it (tokenizers 0.23) reads it: its pieces, its added tokens, and what
/// keeps it from loading.
struct TokenizerFile {
    /// A token that was added to the vocabulary.
    struct Added {
        /// Its text.
        let content: String
        /// The number that the file gives it.
        let number: Int?
        /// All that the file says of it.
        let definition: JSONObject
    }

    /// The pieces that were trained, with their numbers.
    private(set) var pieces: [(token: String, number: Int)] = []

    /// The tokens that were added, in the order in which the library takes them.
    private(set) var added: [Added] = []

    /// What keeps it from loading.
    private(set) var faults: [TokenizerFault] = []

    /// The kind of model, such as `BPE`.
    private(set) var kind: String?
    private var unknown: JSONValue?
    private var prefix = ""
    private var hasMerges = false

    /// Reads the file; `nil` where it is no JSON object with a model.
    init?(_ bytes: [UInt8]) {
        do throws(JSONError) {
            var reader = try JSONReader(bytes)
            var file = self
            var hasModel = false
            try reader.object { (reader, key, _) throws(JSONError) in
                switch key {
                case "added_tokens": file.added = Self.added(try JSONParser.value(&reader))
                case "model":
                    hasModel = true
                    try file.readModel(&reader)
                default: try reader.skipValue()
                }
            }
            guard hasModel else { return nil }
            if file.hasMerges { try file.checkMerges(bytes) }
            file.checkUnknown()
            self = file
        } catch { return nil }
    }

    private static func added(_ list: JSONValue) -> [Added] {
        (list.array ?? []).compactMap { value in
            guard let token = value.object, let content = token["content"]?.string else { return nil }
            return Added(content: content, number: token["id"]?.int, definition: token)
        }
    }

    // MARK: - The model

    private mutating func readModel(_ reader: inout JSONReader) throws(JSONError) {
        var file = self
        try reader.object { (reader, key, _) throws(JSONError) in
            switch key {
            case "type": file.kind = try JSONParser.value(&reader).string
            case "unk_id": file.unknown = try JSONParser.value(&reader)
            case "continuing_subword_prefix": file.prefix = try JSONParser.value(&reader).string ?? ""
            case "vocab": try file.readPieces(&reader)
            case "merges":
                file.hasMerges = true
                try reader.skipValue()
            default: try reader.skipValue()
            }
        }
        self = file
    }

    private mutating func readPieces(_ reader: inout JSONReader) throws(JSONError) {
        guard try reader.peek() == UInt8(ascii: "[") else {
            let map = try Self.map(&reader)
            for (token, number) in map {
                guard let number, (0...0xFFFF_FFFF).contains(number) else {
                    faults.append(
                        .unloadable("the number of \(TokenizerFault.shown(token)) is none that a token can have")
                    )
                    continue
                }
                pieces.append((token, number))
            }
            return
        }
        // Unigram: pairs of token and score, numbered by their places.
        var list: [(String, Int)] = []
        try reader.array { (reader) throws(JSONError) in
            let pair = try JSONParser.value(&reader)
            list.append((pair.array?.first?.string ?? "", list.count))
        }
        pieces = list.map { (token: $0, number: $1) }
    }

    /// A map from tokens to numbers, each as it stands there.
    static func map(_ reader: inout JSONReader) throws(JSONError) -> [(String, Int?)] {
        var members: [(String, Int?)] = []
        try reader.object { (reader, token, _) throws(JSONError) in
            members.append((token, try JSONParser.value(&reader).int))
        }
        return members
    }

    private mutating func checkUnknown() {
        guard kind == "Unigram", let number = unknown?.int, !pieces.indices.contains(number) else { return }
        faults.append(.unloadable("unk_id is \(number), and there are \(pieces.count) pieces"))
    }

    // MARK: - Merges

    /// Looks for merges of tokens that are not in the vocabulary, or that make one that is not.
    private mutating func checkMerges(_ bytes: [UInt8]) throws(JSONError) {
        let known = Set(pieces.map { TokenText($0.token) })
        let prefixLength = prefix.utf8.count
        var first: (merge: String, absent: String)?
        var count = 0
        try Self.eachMerge(bytes) { a, b in
            let result = TokenText(joining: a, Substring(b).utf8.dropFirst(prefixLength))
            let absent: String?
            if !known.contains(TokenText(a)) {
                absent = a
            } else if !known.contains(TokenText(b)) {
                absent = b
            } else {
                absent = known.contains(result) ? nil : String(decoding: result.bytes, as: UTF8.self)
            }
            guard let absent else { return }
            count += 1
            if first == nil { first = ("\(a) \(b)", absent) }
        }
        guard let first else { return }
        let more = count > 1 ? ", and \(count - 1) more are like it" : ""
        faults.append(
            .unloadable(
                "the merge \(TokenizerFault.shown(first.merge)) needs \(TokenizerFault.shown(first.absent)), "
                    + "which is not in the vocabulary\(more)"
            )
        )
    }

    /// Goes through the merges, which are pairs, or texts of two words.
    private static func eachMerge(
        _ bytes: [UInt8],
        _ body: (String, String) -> Void
    ) throws(JSONError) {
        var reader = try JSONReader(bytes)
        try reader.object { (reader, key, _) throws(JSONError) in
            guard key == "model" else { return try reader.skipValue() }
            try reader.object { (reader, key, _) throws(JSONError) in
                guard key == "merges" else { return try reader.skipValue() }
                try reader.array { (reader) throws(JSONError) in
                    if try reader.peek() == UInt8(ascii: "\"") {
                        let words = try reader.string().split(separator: " ", omittingEmptySubsequences: false)
                        if words.count == 2 { body(String(words[0]), String(words[1])) }
                        return
                    }
                    var pair: [String] = []
                    try reader.array { (reader) throws(JSONError) in pair.append(try reader.string()) }
                    if pair.count == 2 { body(pair[0], pair[1]) }
                }
            }
        }
    }
}
