import SutureTensors

/// The families of made-up models, by the `model_type` of their configs.
enum SyntheticFamily: String, CaseIterable, Hashable {
    case llama, mistral, mixtral, qwen2, qwen3, gemma, gemma2
    case gemma3 = "gemma3_text"
    case phi3, olmo2, gpt2, bert

    /// Whether keys and values have fewer heads than queries.
    var groupsHeads: Bool { self != .bert && self != .gpt2 }

    /// Whether the config says how large a head is, apart from the hidden size.
    var hasHeadSize: Bool {
        switch self {
        case .bert, .gpt2, .phi3, .olmo2: false
        default: true
        }
    }

    /// Whether positions turn queries and keys.
    var isRotary: Bool { self != .bert && self != .gpt2 }

    /// Whether the MLP is dealt to experts.
    var hasExperts: Bool { self == .mixtral }

    /// Whether the head is usually the embedding.
    var isUsuallyTied: Bool {
        switch self {
        case .gemma, .gemma2, .gemma3, .gpt2: true
        default: false
        }
    }

    /// The class that transformers loads it with.
    var architecture: String {
        switch self {
        case .llama: "LlamaForCausalLM"
        case .mistral: "MistralForCausalLM"
        case .mixtral: "MixtralForCausalLM"
        case .qwen2: "Qwen2ForCausalLM"
        case .qwen3: "Qwen3ForCausalLM"
        case .gemma: "GemmaForCausalLM"
        case .gemma2: "Gemma2ForCausalLM"
        case .gemma3: "Gemma3ForCausalLM"
        case .phi3: "Phi3ForCausalLM"
        case .olmo2: "Olmo2ForCausalLM"
        case .gpt2: "GPT2LMHeadModel"
        case .bert: "BertModel"
        }
    }

    /// The inner size of the MLP where nobody says: about 8/3 of the hidden size with a gate, 4 without.
    func usualMLP(hidden: Int) -> Int {
        switch self {
        case .bert, .gpt2: 4 * hidden
        default: (hidden * 8 / 3 + 31) / 32 * 32
        }
    }
}

extension SyntheticFamily {
    /// What the numbers of a tensor are like.
    enum Kind: Hashable {
        /// Near 0, with a spread of 1 over the square root of the inputs they are summed over.
        case weight(inputs: Int)

        /// Near 1.
        case norm

        /// Near 0.
        case small
    }

    /// A tensor to make.
    struct Tensor: Hashable {
        let name: String
        let shape: Shape
        let kind: Kind
    }

    /// A number of tensors that a model does not exceed, known without listing them.
    static func tensorLimit(_ model: SyntheticModel) -> Int {
        let layer = 32 + (model.family.hasExperts ? 3 * model.experts : 0)
        return 16 + model.layers * layer
    }

    /// The tensors of a model in the order in which they are stored.
    func tensors(_ model: SyntheticModel) -> [Tensor] {
        switch self {
        case .bert: bert(model)
        case .gpt2: gpt2(model)
        default: decoder(model)
        }
    }

    private func decoder(_ model: SyntheticModel) -> [Tensor] {
        let (hidden, mlp) = (model.hidden, model.mlp)
        let queries = model.heads * model.headSize
        let keys = model.keyValueHeads * model.headSize
        var list = TensorList()
        // Gemma multiplies by 1 + weight, so its norms lie near 0.
        let norm: Kind = [.gemma, .gemma2, .gemma3].contains(self) ? .small : .norm
        list.matrix("model.embed_tokens", model.vocabulary, hidden)
        for layer in 0..<model.layers {
            list.prefix = "model.layers.\(layer)."
            if self != .olmo2 { list.vector("input_layernorm.weight", hidden, norm) }
            if self == .phi3 {
                list.matrix("self_attn.qkv_proj", queries + 2 * keys, hidden)
            } else {
                for (name, rows) in [("q", queries), ("k", keys), ("v", keys)] {
                    list.matrix("self_attn.\(name)_proj", rows, hidden, bias: self == .qwen2)
                }
            }
            list.matrix("self_attn.o_proj", hidden, queries)
            switch self {
            case .qwen3, .gemma3:
                list.vector("self_attn.q_norm.weight", model.headSize, norm)
                list.vector("self_attn.k_norm.weight", model.headSize, norm)
            case .olmo2:
                list.vector("self_attn.q_norm.weight", queries, norm)
                list.vector("self_attn.k_norm.weight", keys, norm)
            default: break
            }
            list.vector("post_attention_layernorm.weight", hidden, norm)
            if self == .gemma2 || self == .gemma3 { list.vector("pre_feedforward_layernorm.weight", hidden, norm) }
            switch self {
            case .phi3:
                list.matrix("mlp.gate_up_proj", 2 * mlp, hidden)
                list.matrix("mlp.down_proj", hidden, mlp)
            case .mixtral:
                list.matrix("block_sparse_moe.gate", model.experts, hidden)
                for expert in 0..<model.experts {
                    list.matrix("block_sparse_moe.experts.\(expert).w1", mlp, hidden)
                    list.matrix("block_sparse_moe.experts.\(expert).w2", hidden, mlp)
                    list.matrix("block_sparse_moe.experts.\(expert).w3", mlp, hidden)
                }
            default:
                list.matrix("mlp.gate_proj", mlp, hidden)
                list.matrix("mlp.up_proj", mlp, hidden)
                list.matrix("mlp.down_proj", hidden, mlp)
            }
            if [.gemma2, .gemma3, .olmo2].contains(self) {
                list.vector("post_feedforward_layernorm.weight", hidden, norm)
            }
        }
        list.prefix = ""
        list.vector("model.norm.weight", hidden, norm)
        if !model.isTied { list.matrix("lm_head", model.vocabulary, hidden) }
        return list.tensors
    }

    private func gpt2(_ model: SyntheticModel) -> [Tensor] {
        let hidden = model.hidden
        var list = TensorList()
        // The hub's files leave out the prefix `transformer.`, and some programs know them by no other name.
        list.matrix("wte", model.vocabulary, hidden)
        list.matrix("wpe", model.context, hidden)
        for layer in 0..<model.layers {
            list.prefix = "h.\(layer)."
            list.layerNorm("ln_1", hidden)
            // GPT-2 keeps its matrices as [inputs, outputs].
            list.matrix("attn.c_attn", hidden, 3 * hidden, bias: true, inputsFirst: true)
            list.matrix("attn.c_proj", hidden, hidden, bias: true, inputsFirst: true)
            list.layerNorm("ln_2", hidden)
            list.matrix("mlp.c_fc", hidden, model.mlp, bias: true, inputsFirst: true)
            list.matrix("mlp.c_proj", model.mlp, hidden, bias: true, inputsFirst: true)
        }
        list.prefix = ""
        list.layerNorm("ln_f", hidden)
        if !model.isTied { list.matrix("lm_head", model.vocabulary, hidden) }
        return list.tensors
    }

    private func bert(_ model: SyntheticModel) -> [Tensor] {
        let hidden = model.hidden
        var list = TensorList()
        list.matrix("embeddings.word_embeddings", model.vocabulary, hidden)
        list.matrix("embeddings.position_embeddings", model.context, hidden)
        list.matrix("embeddings.token_type_embeddings", 2, hidden)
        list.layerNorm("embeddings.LayerNorm", hidden)
        for layer in 0..<model.layers {
            list.prefix = "encoder.layer.\(layer)."
            for part in ["query", "key", "value"] { list.matrix("attention.self.\(part)", hidden, hidden, bias: true) }
            list.matrix("attention.output.dense", hidden, hidden, bias: true)
            list.layerNorm("attention.output.LayerNorm", hidden)
            list.matrix("intermediate.dense", model.mlp, hidden, bias: true)
            list.matrix("output.dense", hidden, model.mlp, bias: true)
            list.layerNorm("output.LayerNorm", hidden)
        }
        list.prefix = ""
        list.matrix("pooler.dense", hidden, hidden, bias: true)
        return list.tensors
    }
}

/// Gathers tensors under a prefix.
private struct TensorList {
    var tensors: [SyntheticFamily.Tensor] = []
    var prefix = ""

    mutating func matrix(
        _ name: String,
        _ rows: Int,
        _ columns: Int,
        bias: Bool = false,
        inputsFirst: Bool = false
    ) {
        let inputs = inputsFirst ? rows : columns
        add(name + ".weight", [rows, columns], .weight(inputs: inputs))
        if bias { add(name + ".bias", [inputsFirst ? columns : rows], .small) }
    }

    mutating func vector(_ name: String, _ length: Int, _ kind: SyntheticFamily.Kind) { add(name, [length], kind) }

    mutating func layerNorm(_ name: String, _ length: Int) {
        add(name + ".weight", [length], .norm)
        add(name + ".bias", [length], .small)
    }

    private mutating func add(_ name: String, _ shape: Shape, _ kind: SyntheticFamily.Kind) {
        tensors.append(SyntheticFamily.Tensor(name: prefix + name, shape: shape, kind: kind))
    }
}
