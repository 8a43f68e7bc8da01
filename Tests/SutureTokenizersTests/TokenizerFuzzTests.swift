import SutureJSON
import SutureTestSupport
import SutureTokenizers
import Testing

@Suite("A mutated tokenizer file is read or refused, never more")
struct TokenizerFuzzTests {
    private static let files = [
        """
        {"added_tokens":[{"id":3,"content":"<|é|>","special":true}],"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},
        "merges":[["a","b"],"a b"],"continuing_subword_prefix":"##"}}
        """,
        #"{"added_tokens":[],"model":{"type":"Unigram","unk_id":1,"vocab":[["▁a",-1.5],["<unk>",0]]}}"#,
        #"{"model":{"type":"WordPiece","vocab":{"[UNK]":0,"a":1}},"added_tokens":[{"id":0,"content":"[UNK]"}]}"#,
    ]

    @Test("of the library tokenizers; what is added to it is found there again")
    func tokenizer() {
        let outcome = Fuzzing.run(Self.files, seed: 11) { bytes in
            guard let vocabulary = TokenVocabulary.read(bytes, ofFile: "tokenizer.json") else { return false }
            for (number, token) in vocabulary.tokens.enumerated() {
                #expect(token == nil || vocabulary.numbers[TokenText(token ?? "")] != nil, "\(number)")
            }
            let new = (text: "<|new|>", number: max(vocabulary.tokens.count, vocabulary.nextAdded))
            guard vocabulary.faults.isEmpty, vocabulary.numbers[TokenText(new.text)] == nil else { return true }
            for definition: JSONObject? in [[:], nil] {
                let token = TokenizerEdit.Token(text: new.text, number: new.number, definition: definition)
                guard let edited = try? TokenizerEdit(bytes).adding([token]) else { continue }
                let again = TokenVocabulary.read(edited, ofFile: "tokenizer.json")
                #expect(again?.numbers[TokenText(new.text)] == new.number, "\(String(decoding: edited, as: UTF8.self))")
            }
            return true
        }
        #expect(outcome.accepted > 0 && outcome.refused > 0)
    }

    @Test("of SentencePiece, of a list and of a map", arguments: ["tokenizer.model", "vocab.txt", "vocab.json"])
    func others(name: String) {
        let seeds = [
            "\u{0A}\u{0B}\u{0A}\u{04}\u{2581}a\u{15}\u{00}\u{00}\u{00}\u{01}\u{0A}\u{05}\u{0A}\u{03}<s>",
            "[PAD]\n[UNK]\na\n##b\n", #"{"a":0,"b":1,"é":2}"#,
        ]
        let outcome = Fuzzing.run(seeds, seed: 12) { bytes in
            let added: JSONObject = ["<x>": 7, "<y>": .number("-1"), "<z>": "no"]
            let decoder: JSONObject = ["8": ["content": "<d>"], "x": ["content": "<e>"], "9": 1]
            let read = TokenVocabulary.read(bytes, ofFile: name, addedTokens: added, decoder: decoder)
            guard let read else { return false }
            #expect(read.numbers[TokenText("<x>")] == 7 && read.numbers[TokenText("<d>")] == 8)
            #expect(read.tokens.count <= TokenVocabulary.mostTokens)
            return true
        }
        #expect(outcome.accepted > 0)
    }
}
