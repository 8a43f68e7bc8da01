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
    case whole(String)

    /// Something that is not built, by what people call it.
    case unsupported(String)

    private static let endings: [(ending: String, part: Part)] = [
        (".lora_A.weight", .a), (".lora_B.weight", .b), (".lora_B.bias", .bias),
        (".lora_magnitude_vector", .magnitude), (".lora_magnitude_vector.weight", .magnitude),
        (".lora_embedding_A", .embeddingA), (".lora_embedding_B", .embeddingB),
    ]

    /// Takes a name apart, such as `base_model.model.model.layers.0.mlp.up_proj.lora_A.weight`.
    init(_ name: String) {
        var path = name[...]
        for prefix in ["base_model.model.", "base_model."] where path.hasPrefix(prefix) {
            path = path.dropFirst(prefix.count)
            break
        }
        // Adapters saved as a state dict keep the adapter's own name.
        let plain = Self.withoutAdapterName(String(path))
        if let match = Self.endings.first(where: { plain.hasSuffix($0.ending) }) {
            let module = String(plain.dropLast(match.ending.count))
            self =
                module.hasSuffix(".experts") || module.contains(".base_layer")
                ? .unsupported("factors of fused experts") : .part(match.part, module: module)
            return
        }
        if plain.contains("lora_") {
            self = .unsupported("a part of LoRA that is not known")
        } else if plain.contains(".token_adapter.") || plain.contains("trainable_tokens_") {
            self = .unsupported("single rows of the embedding")
        } else {
            self = .whole(plain.replacing(".base_layer.", with: ".").replacing(".modules_to_save.", with: "."))
        }
    }

    private static func withoutAdapterName(_ path: String) -> String {
        path.replacing(".default.weight", with: ".weight")
            .replacing("lora_embedding_A.default", with: "lora_embedding_A")
            .replacing("lora_embedding_B.default", with: "lora_embedding_B")
            .replacing("lora_B.default.bias", with: "lora_B.bias")
            .replacing("lora_magnitude_vector.default", with: "lora_magnitude_vector")
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
