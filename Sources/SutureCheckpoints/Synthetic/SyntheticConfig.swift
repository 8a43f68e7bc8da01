import SutureJSON
import SutureTensors

extension SyntheticModel {
    /// What `config.json` says, as transformers would write it.
    var config: JSONObject {
        var config: JSONObject = [
            "architectures": [.string(family.architecture)], "model_type": .string(family.rawValue),
        ]
        switch family {
        case .bert: addBERT(to: &config)
        case .gpt2: addGPT2(to: &config)
        default: addDecoder(to: &config)
        }
        config["torch_dtype"] = .string(dtype.recipeNames.first ?? "float32")
        config["use_cache"] = family == .bert ? nil : true
        config["vocab_size"] = .int(vocabulary)
        return config
    }

    /// What `generation_config.json` says; an encoder has none.
    var generationConfig: JSONObject? {
        guard family != .bert else { return nil }
        return ["bos_token_id": .int(SyntheticTokenizer.begin), "eos_token_id": .int(SyntheticTokenizer.end)]
    }

    private func addDecoder(to config: inout JSONObject) {
        config["attention_bias"] = [.llama, .qwen3, .gemma, .gemma2, .gemma3, .olmo2].contains(family) ? false : nil
        config["attention_dropout"] = 0.0
        config["bos_token_id"] = .int(SyntheticTokenizer.begin)
        config["eos_token_id"] = .int(SyntheticTokenizer.end)
        config["pad_token_id"] = family == .phi3 || family == .gemma3 ? .int(SyntheticTokenizer.unknown) : nil
        config["head_dim"] = family.hasHeadSize ? .int(headSize) : nil
        let isGemma = [.gemma, .gemma2, .gemma3].contains(family)
        config[isGemma ? "hidden_activation" : "hidden_act"] = isGemma ? "gelu_pytorch_tanh" : "silu"
        config["hidden_size"] = .int(hidden)
        config["initializer_range"] = 0.02
        config["intermediate_size"] = .int(mlp)
        config["layer_types"] = layerTypes.map { .array($0.map(JSONValue.string)) }
        config["max_position_embeddings"] = .int(context)
        config["num_attention_heads"] = .int(heads)
        config["num_hidden_layers"] = .int(layers)
        config["num_key_value_heads"] = .int(keyValueHeads)
        config["rms_norm_eps"] = .number(isGemma || family == .qwen2 || family == .qwen3 ? "1e-06" : "1e-05")
        config["rope_scaling"] = family == .phi3 || family == .llama || family == .gemma3 ? .null : nil
        config["rope_theta"] = family == .gemma3 ? 1000000.0 : 10000.0
        config["tie_word_embeddings"] = .bool(isTied)
        switch family {
        case .mistral: config["sliding_window"] = .null
        case .mixtral:
            config["num_experts_per_tok"] = .int(min(2, experts))
            config["num_local_experts"] = .int(experts)
            config["output_router_logits"] = false
            config["router_aux_loss_coef"] = 0.02
            config["sliding_window"] = .null
        case .qwen2, .qwen3:
            config["max_window_layers"] = .int(layers)
            config["sliding_window"] = .null
            config["use_sliding_window"] = false
        case .gemma2:
            config["attn_logit_softcapping"] = 50.0
            config["final_logit_softcapping"] = 30.0
            config["query_pre_attn_scalar"] = .int(headSize)
            config["sliding_window"] = .int(window)
        case .gemma3:
            config["attn_logit_softcapping"] = .null
            config["final_logit_softcapping"] = .null
            config["query_pre_attn_scalar"] = .int(headSize)
            config["rope_local_base_freq"] = 10000.0
            config["sliding_window"] = .int(window)
            config["sliding_window_pattern"] = 6
        case .phi3:
            config["original_max_position_embeddings"] = .int(context)
            config["sliding_window"] = .null
        default: break
        }
    }

    /// What each layer attends to, in the families whose configs say so.
    private var layerTypes: [String]? {
        switch family {
        case .qwen2, .qwen3: Array(repeating: "full_attention", count: layers)
        case .gemma2: (0..<layers).map { $0 % 2 == 0 ? "sliding_attention" : "full_attention" }
        case .gemma3: (0..<layers).map { ($0 + 1) % 6 == 0 ? "full_attention" : "sliding_attention" }
        default: nil
        }
    }

    private func addGPT2(to config: inout JSONObject) {
        config["activation_function"] = "gelu_new"
        config["attn_pdrop"] = 0.1
        config["bos_token_id"] = .int(SyntheticTokenizer.begin)
        config["embd_pdrop"] = 0.1
        config["eos_token_id"] = .int(SyntheticTokenizer.end)
        config["layer_norm_epsilon"] = .number("1e-05")
        config["n_ctx"] = .int(context)
        config["n_embd"] = .int(hidden)
        config["n_head"] = .int(heads)
        config["n_inner"] = mlp == 4 * hidden ? .null : .int(mlp)
        config["n_layer"] = .int(layers)
        config["n_positions"] = .int(context)
        config["resid_pdrop"] = 0.1
        config["tie_word_embeddings"] = .bool(isTied)
    }

    private func addBERT(to config: inout JSONObject) {
        config["attention_probs_dropout_prob"] = 0.1
        config["hidden_act"] = "gelu"
        config["hidden_dropout_prob"] = 0.1
        config["hidden_size"] = .int(hidden)
        config["initializer_range"] = 0.02
        config["intermediate_size"] = .int(mlp)
        config["layer_norm_eps"] = .number("1e-12")
        config["max_position_embeddings"] = .int(context)
        config["num_attention_heads"] = .int(heads)
        config["num_hidden_layers"] = .int(layers)
        config["pad_token_id"] = 0
        config["position_embedding_type"] = "absolute"
        config["type_vocab_size"] = 2
    }
}
