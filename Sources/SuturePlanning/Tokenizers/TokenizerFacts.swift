import SutureArchitectures
package import SutureCheckpoints
import SutureJSON
package import SutureTokenizers

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
        if let text = named("chat_template.jinja").flatMap({ SmallFile.text($0.path) }) { return text }
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

extension TokenVocabulary {
    /// The file of a model's that says which token has which number.
    static func file(in companions: [CompanionFile]) -> CompanionFile? {
        fileNames.lazy.compactMap { name in companions.first { $0.name == name } }.first
    }

    /// Reads the vocabulary among a model's small files; `nil` where there is none.
    package static func read(in companions: [CompanionFile]) -> TokenVocabulary? {
        let added = companions.first { $0.name == "added_tokens.json" }
        return file(in: companions).flatMap { file in
            SmallFile.bytes(file.path).flatMap { bytes in
                read(bytes, ofFile: file.name, addedTokens: added.flatMap { SmallFile.object($0.path) })
            }
        }
    }
}
