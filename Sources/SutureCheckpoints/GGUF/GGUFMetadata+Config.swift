package import SutureJSON

extension GGUFMetadata {
    /// The keys of the model's architecture as a config: `llama.attention.head_count` is `head_count` in `attention`.
    ///
    /// What has depth of its own counts layers without those that draft: `block_count` is that of the trunk.
    ///
    /// - Parameter hasTensor: Whether the model has a tensor of a name.
    /// - Returns: The config; the family is under `model_type`, with `gguf-` before it.
    package func config(hasTensor: (String) -> Bool) -> JSONObject {
        let architecture = architecture ?? ""
        var config: JSONObject = ["model_type": .string("gguf-" + architecture)]
        for entry in entries {
            guard let path = Self.configPath(of: entry.key, architecture: architecture), let value = entry.json else {
                continue
            }
            config[path] = value
        }
        if let drafts = config["nextn_predict_layers"]?.int, let count = config["block_count"]?.int,
            drafts > 0, count > drafts
        {
            config["block_count"] = .int(count - drafts)
        }
        config["tie_word_embeddings"] = .bool(!hasTensor("output.weight"))
        return config
    }

    /// Where in a config a key's value stands; `nil` for one that is not of the architecture.
    package static func configPath(of key: String, architecture: String) -> [String]? {
        if key.hasPrefix("xielu.") { return key.split(separator: ".").map(String.init) }
        guard key.hasPrefix(architecture + ".") else { return nil }
        let path = key.dropFirst(architecture.utf8.count + 1).split(separator: ".").map(String.init)
        return path.isEmpty || path == ["model_type"] || path == ["tie_word_embeddings"] ? nil : path
    }
}

extension GGUFMetadata.Entry {
    /// The value as JSON; `nil` for text and other long lists, which no rule reads.
    var json: JSONValue? {
        guard let list else { return kind == .string ? text.map(JSONValue.string) : Self.json(kind, bytes, at: 0) }
        guard let width = list.kind.byteCount, list.count <= 4096 else { return nil }
        let values = (0..<list.count).compactMap { Self.json(list.kind, bytes, at: $0 * width) }
        return values.count == list.count ? .array(values) : nil
    }

    private static func json(_ kind: GGUFMetadata.Kind, _ bytes: [UInt8], at place: Int) -> JSONValue? {
        if kind == .bool { return place < bytes.count ? .bool(bytes[place] != 0) : nil }
        return int(kind, bytes, at: place).map(JSONValue.int) ?? double(kind, bytes, at: place).map(JSONValue.double)
    }
}
