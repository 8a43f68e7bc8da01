import SutureJSON
import SutureTokenizers
import Testing

@Suite("A tokenizer.json that gets more tokens")
struct TokenizerEditTests {
    private static let pairs = """
        {"version": "1.0",
          "added_tokens": [
            {"id": 3, "content": "<|end|>", "single_word": false, "special": true}
          ],
          "model": {"type": "BPE", "vocab": {"b": 1, "a": 0, "ab": 2}, "merges": [["a", "b"]]}, "kept": [1,2 , 3] }
        """

    private static let unigram = """
        {"added_tokens": [{"id": 2, "content": "<s>"}],
         "model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0], ["▁a", -2.5]]}}
        """

    private static let end = TokenizerEdit.Token(text: "<|im_end|>", number: 4, definition: ["special": true, "x": 1])
    private static let piece = TokenizerEdit.Token(text: "Ġthe \"é\"", number: 4, definition: nil)

    private func edited(
        _ file: String,
        _ tokens: [TokenizerEdit.Token],
        raw: Bool = false
    ) throws -> (text: String, vocabulary: TokenVocabulary) {
        let bytes = try TokenizerEdit(Array(file.utf8)).adding(tokens, rawPieces: raw)
        let vocabulary = try #require(TokenVocabulary.read(bytes, ofFile: "tokenizer.json"))
        return (String(decoding: bytes, as: UTF8.self), vocabulary)
    }

    @Test("keeps all that was in it, in its order and byte for byte")
    func keeps() throws {
        let (text, vocabulary) = try edited(Self.pairs, [Self.end])
        let start = try #require(text.firstRange(of: ",\n    {\"id\":4")).lowerBound
        let end = try #require(text[start...].firstRange(of: "}")).upperBound
        #expect(text[..<start] + text[end...] == Self.pairs)
        #expect(vocabulary.tokens == ["a", "b", "ab", "<|end|>", "<|im_end|>"])
        #expect(vocabulary.definitions[4]?["special"] == true)
        #expect(vocabulary.faults.isEmpty)
    }

    @Test("gives pieces rows and lets no text be cut into them: they are in the vocabulary, and in no merge")
    func pieces() throws {
        let more = TokenizerEdit.Token(text: "<|im_end|>", number: 5, definition: ["special": true])
        let (text, vocabulary) = try edited(Self.pairs, [Self.piece, more])
        #expect(vocabulary.tokens == ["a", "b", "ab", "<|end|>", "Ġthe \"é\"", "<|im_end|>"])
        // A piece moves the numbers of added tokens, unless they are in the vocabulary as well.
        #expect(vocabulary.faults.isEmpty)
        #expect(vocabulary.added == [3, 5])
        #expect(text.contains(#""merges": [["a", "b"]]"#))
    }

    @Test("has pieces as added tokens where mergekit's own file is wanted")
    func raw() throws {
        let (_, vocabulary) = try edited(Self.pairs, [Self.piece], raw: true)
        #expect(vocabulary.added == [3, 4])
        #expect(vocabulary.definitions[4]?["normalized"] == true)
        #expect(vocabulary.definitions[4]?["special"] == false)
    }

    @Test("numbers pieces of a Unigram by their places, with a score below all others")
    func unigram() throws {
        let piece = TokenizerEdit.Token(text: "▁b", number: 3, definition: nil)
        let (text, vocabulary) = try edited(Self.unigram, [piece])
        #expect(vocabulary.tokens == ["<unk>", "▁a", "<s>", "▁b"])
        #expect(text.contains(#"["▁b", -12.5]"#))
        #expect(vocabulary.faults.isEmpty)
    }

    @Test("may have had no list of added tokens, or an empty one", arguments: ["", #""added_tokens": [],"#])
    func noList(list: String) throws {
        let file = "{\(list)\"model\": {\"type\": \"WordPiece\", \"vocab\": {\"a\": 0}}}"
        let (_, vocabulary) = try edited(file, [.init(text: "<x>", number: 1, definition: [:])])
        #expect(vocabulary.tokens == ["a", "<x>"])
    }

    @Test("has an added token in the vocabulary too, where the library would number it otherwise")
    func gap() throws {
        let file = #"{"model": {"type": "BPE", "vocab": {"a": 0, "z": 5}, "merges": []}}"#
        let (_, vocabulary) = try edited(file, [.init(text: "<x>", number: 6, definition: [:])])
        #expect(vocabulary.numbers[TokenText("<x>")] == 6)
        #expect(vocabulary.faults.isEmpty)
    }

    @Test("is refused where it is none, or numbers cannot be had", arguments: ["[]", "{}", "{\"model\": 1}", "\u{7b}"])
    func refused(file: String) {
        #expect(throws: TokenizerEdit.Refusal.self) { try TokenizerEdit(Array(file.utf8)) }
        #expect(throws: TokenizerEdit.Refusal.self) {
            try TokenizerEdit(Array(Self.unigram.utf8)).adding([.init(text: "▁b", number: 9, definition: nil)])
        }
    }
}
