import SutureJSON

/// Tokenizers for made-up models: every byte, or every letter, is a token.
///
/// They are as small as a tokenizer can be that turns any text into numbers below the vocabulary's
/// size and back. A vocabulary too small for all bytes leaves the last ones unknown.
struct SyntheticTokenizer {
    /// The number of the token that begins a text.
    static let begin = 1

    /// The number of the token that ends a text.
    static let end = 2

    /// The number of the token for what has none.
    static let unknown = 0

    private let vocabularySize: Int
    private let isWordPiece: Bool
    private let context: Int

    /// Creates the tokenizer of a model.
    init(_ model: SyntheticModel) {
        vocabularySize = model.vocabulary
        isWordPiece = model.family == .bert
        context = model.context
    }

    /// The files it consists of: name and text.
    var files: [(name: String, text: String)] {
        let special = specialTokens.map { ($0.role, $0.token) }
        let map = JSONObject(special.map { JSONObject.Member($0.0, .string($0.1)) })
        var config: JSONObject = [
            "clean_up_tokenization_spaces": false, "model_max_length": .int(context),
            "tokenizer_class": isWordPiece ? "BertTokenizerFast" : "PreTrainedTokenizerFast",
        ]
        for member in map.members { config[member.key] = member.value }
        var files = [
            ("special_tokens_map.json", JSONPrinter.print(.object(map), indent: 2) + "\n"),
            ("tokenizer.json", JSONPrinter.print(.object(tokenizer), indent: 2) + "\n"),
            ("tokenizer_config.json", JSONPrinter.print(.object(config), indent: 2) + "\n"),
        ]
        if isWordPiece { files.append(("vocab.txt", tokens.map { $0 + "\n" }.joined())) }
        return files.map { (name: $0.0, text: $0.1) }
    }

    private var specialTokens: [(role: String, token: String)] {
        isWordPiece
            ? [
                ("pad_token", "[PAD]"), ("unk_token", "[UNK]"), ("cls_token", "[CLS]"), ("sep_token", "[SEP]"),
                ("mask_token", "[MASK]"),
            ]
            : [("unk_token", "<unk>"), ("bos_token", "<s>"), ("eos_token", "</s>")]
    }

    /// All tokens, by their numbers.
    private var tokens: [String] {
        let letters = isWordPiece ? Self.letters.map(String.init) + Self.letters.map { "##\($0)" } : Self.byteLetters
        return Array((specialTokens.map(\.token) + letters).prefix(vocabularySize))
    }

    private var tokenizer: JSONObject {
        let added = specialTokens.enumerated().map { id, special -> JSONValue in
            [
                "id": .int(id), "content": .string(special.token), "single_word": false, "lstrip": false,
                "rstrip": false,
                "normalized": false, "special": true,
            ]
        }
        let vocabulary = JSONObject(tokens.enumerated().map { JSONObject.Member($1, .int($0)) })
        var object: JSONObject = [
            "version": "1.0", "truncation": .null, "padding": .null, "added_tokens": .array(added),
        ]
        if isWordPiece {
            object["normalizer"] = [
                "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": .null,
                "lowercase": true,
            ]
            object["pre_tokenizer"] = ["type": "BertPreTokenizer"]
            object["post_processor"] = ["type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]]
            object["decoder"] = ["type": "WordPiece", "prefix": "##", "cleanup": true]
            object["model"] = [
                "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                "max_input_chars_per_word": 100, "vocab": .object(vocabulary),
            ]
        } else {
            let bytes: JSONValue = [
                "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true,
            ]
            object["normalizer"] = .null
            object["pre_tokenizer"] = bytes
            object["post_processor"] = bytes
            object["decoder"] = bytes
            object["model"] = [
                "type": "BPE", "dropout": .null, "unk_token": "<unk>", "continuing_subword_prefix": .null,
                "end_of_word_suffix": .null, "fuse_unk": false, "byte_fallback": false, "ignore_merges": false,
                "vocab": .object(vocabulary), "merges": [],
            ]
        }
        return object
    }

    private static let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789.,!?'-")

    /// The letters that stand for the bytes in GPT-2's byte-level tokenizers: printable bytes for
    /// themselves, the others for letters from U+0100 on, in order.
    private static let byteLetters: [String] = {
        let printable = Set(Array(0x21...0x7E) + Array(0xA1...0xAC) + Array(0xAE...0xFF))
        var next: UInt32 = 0x100
        let letters = (UInt32(0)..<256).map { byte -> (Bool, String) in
            let isPrintable = printable.contains(Int(byte))
            let code = isPrintable ? byte : next
            if !isPrintable { next += 1 }
            return (isPrintable, Unicode.Scalar(code).map(String.init) ?? "")
        }
        // The printable first, so that small vocabularies know what people type.
        return letters.filter(\.0).map(\.1) + letters.filter { !$0.0 }.map(\.1)
    }()
}
