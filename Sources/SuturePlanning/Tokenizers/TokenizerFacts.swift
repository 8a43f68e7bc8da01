import SutureArchitectures
package import SutureCheckpoints
import SutureJSON
package import SutureTokenizers

/// What a model's small files say of its tokens.
package struct TokenizerFacts: Sendable {
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
        file = source.vocabularyFile
        vocabulary = source.vocabulary
        special = Self.special(in: source.checkpoint.companions)
        chatTemplate = Self.chatTemplate(in: source.checkpoint.companions)
        rows = source.anatomy.facts.embeddingRows
    }

    /// The offices in which tokens are asked for by programs.
    package static let offices = ["bos_token", "eos_token", "unk_token", "pad_token"]

    /// The tokens with an office, by it, as a model's small files have them.
    package static func special(in companions: [CompanionFile]) -> [String: String] {
        let file = companions.first { $0.name == "tokenizer_config.json" }
        let settings = file.flatMap { SmallFile.object($0.path) }
        var special: [String: String] = [:]
        for office in Self.offices {
            let value = settings?[office]
            special[office] = value?.string ?? value?.object?["content"]?.string
        }
        return special
    }

    /// The chat template of a model, from whichever of its small files has it.
    package static func chatTemplate(in companions: [CompanionFile]) -> String? {
        let named = { (name: String) in companions.first { $0.name == name } }
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
    package static func file(in companions: [CompanionFile]) -> CompanionFile? {
        fileNames.lazy.compactMap { name in companions.first { $0.name == name } }.first
    }

    /// Reads the vocabulary among a model's small files; `nil` where there is none.
    package static func read(in companions: [CompanionFile]) -> TokenVocabulary? {
        let added = companions.first { $0.name == "added_tokens.json" }
        let settings = companions.first { $0.name == "tokenizer_config.json" }
        return file(in: companions).flatMap { file in
            SmallFile.bytes(file.path).flatMap { bytes in
                read(
                    bytes,
                    ofFile: file.name,
                    addedTokens: added.flatMap { SmallFile.object($0.path) },
                    decoder: settings.flatMap { SmallFile.object($0.path) }?["added_tokens_decoder"]?.object
                )
            }
        }
    }
}
