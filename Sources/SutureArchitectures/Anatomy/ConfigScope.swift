import SutureJSON

/// One object inside a `config.json` that may describe a language model, and where it lies.
struct ConfigScope: Sendable {
    /// The keys that lead to it; none for the file's own object.
    let path: [String]

    /// The object.
    let object: JSONObject

    /// Keys under which families nest the config of their language model.
    static let textKeys = [
        "text_config", "llm_config", "language_config", "language_model_config", "text_model_config", "vlm_config",
        "thinker_config", "talker_config", "text_encoder_config", "global_config", "llm", "word_timestamp_config",
    ]

    /// Keys under which families nest a pair of language models; beside one of the others they are towers.
    static let pairKeys = ["encoder", "decoder", "encoder_config", "decoder_config", "global_config"]

    /// Keys that say how many layers there are, the usual ones first.
    static let countKeys = [
        "num_hidden_layers", "n_layer", "n_layers", "num_layers", "num_transformer_layers", "num_blocks", "layers",
        "encoder_layers", "num_encoder_layers", "encoder_num_hidden_layers", "decoder_layers", "num_decoder_layers",
        "decoder_num_hidden_layers", "n_block", "block_count",
    ]

    /// Keys that say how many draft layers follow the others.
    static let draftKeys = [
        "num_nextn_predict_layers", "num_mtp_layers", "mtp_num_hidden_layers", "num_mtp_modules",
        "nextn_predict_layers",
    ]

    /// Lists, and texts of a letter each, whose length is the number of layers where a family has no number for it.
    static let layerLists = [
        "layers_block_type", "layer_types", "attn_layers", "block_configs", "block_types", "hybrid_override_pattern",
    ]

    /// The whole config and the language models nested in it, outermost first.
    static func all(in config: JSONObject) -> [ConfigScope] {
        var scopes = [ConfigScope(path: [], object: config)]
        var next = 0
        while next < scopes.count {
            let scope = scopes[next]
            next += 1
            guard scope.path.count < 3 else { continue }
            let isNested = textKeys.contains { $0 != "global_config" && scope.object[$0]?.object != nil }
            for key in isNested ? textKeys : pairKeys {
                guard let object = scope.object[key]?.object else { continue }
                scopes.append(ConfigScope(path: scope.path + [key], object: object))
            }
        }
        return scopes
    }

    /// The objects that count layers and are no language model's, outermost first.
    static func others(in config: JSONObject, besides language: [ConfigScope]) -> [ConfigScope] {
        let known = Set(language.map(\.path))
        var found: [ConfigScope] = []
        var next = [ConfigScope(path: [], object: config)]
        while let scope = next.popLast() {
            if !known.contains(scope.path), scope.countsLayers { found.append(scope) }
            guard scope.path.count < 3 else { continue }
            for member in scope.object.members {
                guard let object = member.value.object else { continue }
                next.append(ConfigScope(path: scope.path + [member.key], object: object))
            }
        }
        return found.sorted { $0.path.count < $1.path.count }
    }

    /// Whether it says of something how many layers it has.
    private var countsLayers: Bool {
        (Self.countKeys + ["depth"]).contains { (object[$0]?.int ?? 0) > 0 }
            || Self.layerLists.contains { object[$0]?.array?.isEmpty == false }
    }

    /// Whether its key says that it is a language model's config, of whatever name its stack is.
    var isLanguage: Bool { path.last.map { Self.textKeys.contains($0) } ?? false }

    /// The word that the prefix of the stack it speaks of must have, if it speaks of a certain one.
    var word: String? { path.lazy.compactMap { FamilyTable.scopeWords[$0] }.first }

    /// Whether its key is in the prefix of a stack: `dit_config` speaks of `model.dit.layers`.
    func describes(_ prefix: String) -> Bool {
        guard let key = path.last?.lowercased() else { return false }
        let name = key.hasSuffix("_config") ? String(key.dropLast("_config".count)) : key
        return name.utf8.count > 2 && prefix.lowercased().split(separator: ".").contains { $0.contains(name) }
    }

    /// How many draft layers it announces.
    var draftCount: Int {
        for key in Self.draftKeys {
            if let count = object[key]?.int, count > 0, count < 1000 { return count }
        }
        return 0
    }
}

extension JSONObject {
    /// The value of a key, unless it is missing or `null`.
    func setting(_ key: String) -> JSONValue? {
        guard let value = self[key], value != .null else { return nil }
        return value
    }
}
