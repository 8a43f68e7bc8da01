import SutureJSON

/// The sizes and settings of a language model that its config states.
package struct ModelFacts: Sendable {
    /// One value and where the config says it.
    package struct Fact<Value: Hashable & Sendable>: Hashable, Sendable {
        /// The value.
        package let value: Value

        /// The keys that lead to it; none where it is a class default or comes from a tensor's shape.
        package let path: [String]
    }

    /// The family of the language model itself, which may be nested in another's config.
    package let family: String

    /// The width of the residual stream.
    package let hidden: Fact<Int>?

    /// The width inside a dense MLP.
    package let mlp: Fact<Int>?

    /// The number of attention heads.
    package let heads: Fact<Int>?

    /// The number of key and value heads.
    package let kvHeads: Fact<Int>?

    /// The width of one head; the class's, else `hidden / heads`, where the config leaves it out.
    package let headDim: Fact<Int>?

    /// The number of experts.
    package let experts: Fact<Int>?

    /// The number of tokens, as the config has it.
    package let vocab: Fact<Int>?

    /// The rows of the embedding, padding included.
    package let embeddingRows: Int?

    /// Whether the head is the embedding: the config's word, or the class default where it has none.
    package let isTied: Fact<Bool>

    /// The number of layers, as the config has it.
    package let layers: Fact<Int>?

    /// Reads the facts.
    ///
    /// - Parameters:
    ///   - scopes: Objects to look in, the language model's own first.
    ///   - modelType: The family, which knows what is meant where the config is silent.
    ///   - embeddingRows: The rows of the embedding tensor.
    ///   - layers: The number of layers and where the config says it.
    init(scopes: [ConfigScope], modelType: String, embeddingRows: Int?, layers: Fact<Int>?) {
        family = modelType
        func int(_ keys: [String]) -> Fact<Int>? {
            Self.first(keys, in: scopes) { $0.int.flatMap { $0 > 0 ? $0 : nil } }
        }
        hidden = int([
            "hidden_size", "n_embd", "d_model", "model_dim", "dim", "hidden_dim", "n_embed", "emb_dim",
            "embedding_length",
        ])
        heads = int([
            "num_attention_heads", "n_head", "n_heads", "num_heads", "decoder_attention_heads", "attention.head_count",
        ])
        mlp = int([
            "intermediate_size", "ffn_dim", "n_inner", "d_ff", "ffn_hidden_size", "hidden_dim", "decoder_ffn_dim",
            "feed_forward_length",
        ])
        kvHeads =
            int([
                "num_key_value_heads", "num_kv_heads", "multi_query_group_num", "n_head_kv", "num_key_value_groups",
                "attention.head_count_kv",
            ])
            ?? ClassDefaults.value("num_key_value_heads", of: [modelType])?.int.map { Fact(value: $0, path: []) }
            ?? heads.map { Fact(value: $0.value, path: []) }
        var headDim = int([
            "head_dim", "d_kv", "attention_head_dim", "kv_channels", "attention_head_size", "attention.key_length",
        ])
        if headDim == nil, let width = ClassDefaults.value("head_dim", of: [modelType])?.int {
            headDim = Fact(value: width, path: [])
        } else if headDim == nil, let hidden, let heads, hidden.value % heads.value == 0 {
            headDim = Fact(value: hidden.value / heads.value, path: [])
        }
        self.headDim = headDim
        let inBlock = Self.first(["ffn_config"], in: scopes) { $0.object?["moe_num_experts"]?.int }
        experts =
            int([
                "num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts", "num_moe_experts",
                "expert_count",
            ])
            ?? inBlock.map { Fact(value: $0.value, path: $0.path + ["moe_num_experts"]) }
        vocab = int(Self.vocabKeys)
        self.embeddingRows = embeddingRows
        self.layers = layers
        isTied = Self.isTied(in: scopes, modelType: modelType)
    }

    /// Whether the head is the embedding: the config's word, or the family's habit where it has none.
    static func isTied(in scopes: [ConfigScope], modelType: String) -> Fact<Bool> {
        first(["tie_word_embeddings", "share_input_output_layers"], in: scopes, read: \.bool)
            ?? Fact(value: FamilyTable.isTiedByDefault(modelType), path: [])
    }

    /// The number of tokens, as the config has it.
    static func vocabulary(in scopes: [ConfigScope]) -> Int? {
        first(vocabKeys, in: scopes) { $0.int.flatMap { $0 > 0 ? $0 : nil } }?.value
    }

    private static let vocabKeys = ["vocab_size", "n_vocab", "padded_vocab_size"]

    private static func first<Value>(
        _ keys: [String],
        in scopes: [ConfigScope],
        read: (JSONValue) -> Value?
    ) -> Fact<Value>? {
        for scope in scopes {
            for key in keys {
                let path = key.split(separator: ".").map(String.init)
                guard let value = scope.object[path].flatMap(read) else { continue }
                return Fact(value: value, path: scope.path + path)
            }
        }
        return nil
    }
}
