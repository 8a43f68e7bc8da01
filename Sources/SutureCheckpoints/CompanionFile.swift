import SutureJSON
package import SystemPackage

/// A file that belongs to a checkpoint and holds no tensors of the model itself.
package struct CompanionFile: Hashable, Sendable {
    /// What a file is for, which says from which source it is taken.
    package enum Group: String, Hashable, Sendable, CaseIterable {
        case tokenizer, chat, generation, remoteCode, processor, retrieval, quantization, licence, other
    }

    /// Its name, relative to the checkpoint's folder.
    package let name: String

    /// Where it is.
    package let path: FilePath

    /// Its length in bytes.
    package let byteCount: Int

    /// What it is for.
    package let group: Group

    /// The companions in a folder, sorted by name; weights, their leftovers and other formats are none.
    package static func list(in folder: FilePath) throws(FileError) -> [CompanionFile] {
        var files: [CompanionFile] = []
        for name in try FileSystem.list(folder) {
            let path = folder.appending(name)
            switch try FileSystem.kind(of: path) {
            case .file:
                if let group = CompanionNames.group(of: name) { files.append(try CompanionFile(name, path, group)) }
            case .folder:
                guard let group = CompanionNames.group(ofFolder: name) else { continue }
                for inner in try FileSystem.list(path) {
                    let innerPath = path.appending(inner)
                    guard try FileSystem.kind(of: innerPath) == .file else { continue }
                    files.append(try CompanionFile(name + "/" + inner, innerPath, group))
                }
            default: continue
            }
        }
        return files
    }

    /// Whether a file of a name belongs to a checkpoint so.
    ///
    /// - Parameter name: The name, relative to the checkpoint's folder.
    /// - Returns: Whether it does.
    package static func isCompanion(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        switch parts.count {
        case 1: return CompanionNames.group(of: name) != nil
        case 2: return CompanionNames.group(ofFolder: parts[0]) != nil
        default: return false
        }
    }

    private init(_ name: String, _ path: FilePath, _ group: Group) throws(FileError) {
        self.name = name
        self.path = path
        self.group = group
        byteCount = try FileSystem.identity(of: path)?.byteCount ?? 0
    }
}

/// Which names mean which companion.
private enum CompanionNames {
    static func group(of name: String) -> CompanionFile.Group? {
        if isLeftBehind(name) { return nil }
        if let group = exact[name] { return group }
        let lower = name.lowercased()
        if lower.hasPrefix("licen") || lower.hasPrefix("notice") || lower.hasPrefix("use_policy") { return .licence }
        if lower.hasSuffix(".py") { return .remoteCode }
        if lower.hasSuffix(".jinja") { return .chat }
        if lower.hasPrefix("tokenizer") || lower.hasPrefix("vocab") || lower.hasSuffix(".tiktoken")
            || lower.hasSuffix(".model") || lower.hasSuffix(".spm")
        {
            return .tokenizer
        }
        return lower.hasSuffix(".json") || lower.hasSuffix(".txt") ? .other : nil
    }

    static func group(ofFolder name: String) -> CompanionFile.Group? {
        if name == "additional_chat_templates" { return .chat }
        // Sentence transformers number the stages after the model: 1_Pooling, 2_Dense, 3_Normalize.
        let digits = name.prefix { $0.isASCII && $0.isNumber }
        return !digits.isEmpty && name.dropFirst(digits.count).hasPrefix("_") ? .retrieval : nil
    }

    /// What is rewritten, is weights, or would be stale beside another stack of layers.
    private static func isLeftBehind(_ name: String) -> Bool {
        let lower = name.lowercased()
        if lower.hasPrefix(".") || lower.hasPrefix("readme") || lower.hasPrefix("consolidated") { return true }
        if lower == "config.json" || lower.hasSuffix(".index.json") || lower.contains(".safetensors") { return true }
        if lower.hasPrefix("rng_state") || lower.hasPrefix("adapter_") { return true }
        return [
            "mergekit_config.yml", "trainer_state.json", "all_results.json", "train_results.json", "eval_results.json",
        ]
        .contains(lower)
    }

    private static let exact: [String: CompanionFile.Group] = {
        var names: [String: CompanionFile.Group] = [:]
        for name in [
            "special_tokens_map.json", "added_tokens.json", "merges.txt", "spiece.model", "sentencepiece.bpe.model",
            "tekken.json", "params.json", "bpe.codes", "entity_vocab.json", "dict.txt", "byte_maps.json",
            "normalizer.json", "emoji.json", "tokenizer.model.v3",
        ] { names[name] = .tokenizer }
        for name in ["chat_template.json", "chat_template.jinja"] { names[name] = .chat }
        for name in [
            "preprocessor_config.json", "processor_config.json", "video_preprocessor_config.json",
            "audio_tokenizer_config.json", "feature_extractor_config.json", "image_processor_config.json",
        ] { names[name] = .processor }
        for name in [
            "quantize_config.json", "hf_quant_config.json", "quant_model_description.json", "quant_config.json",
        ] {
            names[name] = .quantization
        }
        for name in ["modules.json", "config_sentence_transformers.json"] { names[name] = .retrieval }
        for kind in ["bert", "roberta", "distilbert", "camembert", "xlm-roberta", "mpnet", "xlnet"] {
            names["sentence_\(kind)_config.json"] = .retrieval
        }
        names["generation_config.json"] = .generation
        return names
    }()
}
