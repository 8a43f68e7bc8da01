import SutureTensors

/// What the name of an adapter's tensor means.
enum AdapterTensorName: Equatable {
    /// A part of what changes a module.
    enum Part: Hashable {
        case a, b, bias, magnitude, embeddingA, embeddingB
    }

    /// A part of what changes the module of that path.
    case part(Part, module: String)

    /// A tensor that takes the place of the one of that name.
    case whole(String, Standing)

    /// What a whole tensor is to its module.
    enum Standing: Equatable {
        /// The module's own, trained where the config says that the module was saved.
        case plain
        /// A copy of its own that the module was trained with.
        case trained
        /// What stands under a module's change.
        case base
    }

    /// Rows that take the place of some of that module's.
    case tokens(module: String)

    /// A copy of what the base model has, which says nothing new.
    case untouched

    /// Something that is not built, by what people call it.
    case unsupported(String)

    /// Takes a name apart, such as `base_model.model.model.layers.0.mlp.up_proj.lora_A.weight`.
    ///
    /// PEFT leaves the adapter's own name out; who saves the state dict himself keeps it: `lora_A.default.weight`.
    init(_ name: String) {
        var path = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        for prefix in [["base_model", "model"], ["base_model"]] where path.starts(with: prefix) {
            path.removeFirst(prefix.count)
            break
        }
        if let place = path.lastIndex(where: { $0.hasPrefix("lora_") }) {
            let module = path[..<place].joined(separator: ".")
            let part = Self.part(path[place], Array(path[(place + 1)...]))
            self = part.map { .part($0, module: module) } ?? .unsupported("a part of LoRA that is not known")
        } else if let place = path.firstIndex(of: "token_adapter") {
            let module = path[..<place].joined(separator: ".")
            switch path[(place + 1)...].first {
            case "trainable_tokens_delta": self = .tokens(module: module)
            case "base_layer": self = .whole(module + "." + (path.last ?? ""), .base)
            case "trainable_tokens_original": self = .untouched
            default: self = .unsupported("a part of trained rows that is not known")
            }
        } else {
            var standing = Standing.plain
            if let place = path.firstIndex(of: "modules_to_save") {
                path.removeSubrange(place..<(place + 2 < path.count ? place + 2 : place + 1))
                standing = .trained
            } else if path.contains("original_module") || path.contains("base_layer") {
                standing = .base
            }
            self = .whole(
                path.filter { $0 != "base_layer" && $0 != "original_module" }.joined(separator: "."),
                standing
            )
        }
    }

    /// The part that a word and what follows it mean.
    private static func part(_ word: String, _ rest: [String]) -> Part? {
        // Of two words the first is the adapter's name; of one, where a parameter has none of its own.
        let leaf = rest.count == 2 ? rest[1] : rest.first
        guard rest.count <= 2 else { return nil }
        switch (word, leaf) {
        case ("lora_A", "weight"): return .a
        case ("lora_B", "weight"): return .b
        case ("lora_B", "bias"): return .bias
        case ("lora_magnitude_vector", _): return .magnitude
        case ("lora_embedding_A", _) where rest.count < 2: return .embeddingA
        case ("lora_embedding_B", _) where rest.count < 2: return .embeddingB
        default: return nil
        }
    }
}

/// Finds tensors of a checkpoint by the names that their modules have in memory.
///
/// The name on disk comes first. Where there is none, what stands before the language model's own parts may
/// differ (`model.`, `language_model.model.`, `transformer.`): names are compared without it, where that is unique.
struct BaseNames {
    private let checkpoint: Checkpoint
    private let bare: [String: Int]

    init(_ checkpoint: Checkpoint) {
        self.checkpoint = checkpoint
        var bare: [String: Int] = [:]
        for (index, tensor) in checkpoint.tensors.enumerated() {
            let name = Self.withoutPrefix(tensor.spec.name)
            bare[name] = bare[name] == nil ? index : -1
        }
        self.bare = bare
    }

    /// The tensor that a name in memory means.
    func tensor(_ name: String) -> StoredTensor? {
        if let tensor = checkpoint[name] { return tensor }
        guard let index = bare[Self.withoutPrefix(name)], index >= 0 else { return nil }
        return checkpoint.tensors[index]
    }

    private static let prefixes: Set<Substring> = [
        "model", "language_model", "transformer", "text_model", "base_model", "backbone", "gpt_neox",
    ]

    private static func withoutPrefix(_ name: String) -> String {
        var rest = name[...]
        while let dot = rest.firstIndex(of: "."), prefixes.contains(rest[..<dot]) {
            rest = rest[rest.index(after: dot)...]
        }
        return String(rest)
    }
}
