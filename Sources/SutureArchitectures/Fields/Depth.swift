import SutureDiagnostics
import SutureJSON

/// Where depth is part of the arithmetic or of a tensor's shape, and layers that differ by where they stand.
extension FieldTable {
    static let depth: [Field] = scales + numbers + loops + firstLayers + tensors

    private static let scales: [Field] = [
        Field("minicpm3", "scale_depth", ScaledByDepth(fallback: 1.4)),
        Field("minicpm", "scale_depth", ScaledByDepth(fallback: 1)),
        Field("neomme", "residual_multiplier", MadeFromDepth { 1 / (2 * Double(max(1, $0))).squareRoot() }),
        Field("esmc", "", ScaledByOwnDepth { (36 / Double(max(1, $0))).squareRoot() }),
    ]

    private static let numbers: [Field] = [
        Field(
            "gpt2 gpt-sw3 decision_transformer imagegpt",
            "scale_attn_by_inverse_layer_idx",
            NumberMatters(
                severity: .error,
                effect: "and attention is divided by the layer's number",
                fix: "set scale_attn_by_inverse_layer_idx to false in a model trained without it",
                applies: { $0.flag("scale_attn_by_inverse_layer_idx", false) }
            )
        ),
        Field(
            "diffllama",
            "lambda_init",
            NumberMatters(
                severity: .error,
                effect: "and its attention subtracts a share that depends on the layer's number",
                fix: "keep the layers' numbers"
            )
        ),
        Field(
            "beam",
            "residual_scaling",
            NumberMatters(
                severity: .error,
                effect: "and what it adds is scaled by the layer's number",
                fix: "keep the layers' numbers"
            )
        ),
        Field(
            "inkling2_text inkling2_loop_text",
            "n_layers_per_attn_res_block",
            NumberMatters(
                severity: .error,
                effect: "and every n_layers_per_attn_res_block layers a block of residual attention ends",
                fix: "move whole blocks, so that each layer keeps its place in its block",
                period: { $0.int("n_layers_per_attn_res_block", 6) }
            )
        ),
        Field(
            "neomme",
            "",
            ReachesLayers(what: "the value embeddings", which: "the first and the last full-attention layer") { layer in
                let isFull = { (i: Int) in
                    let other = LayerView(config: layer.config, i: i, n: layer.n)
                    return (other.entry("layer_types") ?? FieldTable.neommeKind(other)) == "full_attention"
                }
                return isFull(layer.i)
                    && (!(0..<layer.i).contains(where: isFull) || !((layer.i + 1)..<layer.n).contains(where: isFull))
            }
        ),
        Field(
            "granite_speech5_encoder",
            "",
            ReachesLayers(what: "what the head makes of it", which: "the layer in the middle") { $0.i + 1 == $0.n / 2 }
        ),
        Field(
            "mvp",
            "use_prompt",
            NumberMatters(
                severity: .error,
                effect: "and prompts are made for layers by number",
                fix: "keep all layers where they are",
                mindsDepth: true,
                applies: { $0.flag("use_prompt", false) }
            )
        ),
        Field(
            "minimax",
            "slope_rate",
            NumberMatters(
                severity: .warning,
                effect: "its decay travels in its buffers, programs that work it out from the number differ",
                fix: "load the output with transformers"
            )
        ),
        Field(
            "bailing_moe_linear ring_linear ling_linear",
            "slope_scaling",
            NumberMatters(
                severity: .warning,
                effect: "and its decay is worked out from the layer's number",
                fix: "keep the layers' numbers"
            )
        ),
        Field(
            "big_bird",
            "attention_type",
            NumberMatters(
                severity: .warning,
                effect: "and the blocks that its sparse attention looks at are drawn by the layer's number",
                fix: "load the output with attention_type: original_full",
                applies: { $0.value("attention_type")?.string != "original_full" }
            )
        ),
        Field(
            "zaya",
            "router_states",
            NumberMatters(
                severity: .warning,
                effect: "and its router mixes in the state of the layer before it",
                fix: "keep neighbours together"
            )
        ),
    ]

    /// Some layers run several times.
    private static let loops: [Field] = [
        Field(
            "dory",
            "n_recurrent_layers",
            LoopedLayers(
                loop: { layer in
                    let start = min(max(0, layer.int("n_input_layers", 8)), layer.n)
                    let rest = layer.n - start - layer.int("n_output_layers", 8)
                    return start..<max(start, min(start + layer.int("n_recurrent_layers", rest), layer.n))
                },
                written: { loop, depth in
                    [
                        ("n_input_layers", loop.lowerBound), ("n_recurrent_layers", loop.count),
                        ("n_output_layers", depth - loop.upperBound),
                    ]
                },
                alongside: ["n_input_layers", "n_output_layers"]
            )
        ),
        Field(
            "inkling2_loop_text",
            "loop_layer_index_start",
            LoopedLayers(
                loop: { layer in
                    let start = layer.int("loop_config.core_start", layer.int("loop_layer_index_start", 6))
                    let end = layer.int("loop_config.core_end", layer.int("loop_layer_index_end", 18))
                    return max(0, start)..<max(0, start, end)
                },
                written: { loop, _ in
                    [
                        ("loop_layer_index_start", loop.lowerBound), ("loop_layer_index_end", loop.upperBound),
                        ("loop_config.core_start", loop.lowerBound), ("loop_config.core_end", loop.upperBound),
                    ]
                },
                mustBeWhole: true,
                alongside: ["loop_layer_index_end", "loop_config"]
            )
        ),
    ]

    private static let firstLayers: [Field] = [
        Field("modernbert modernbert-decoder", "", FirstLayerDiffers(difference: "has no norm before its attention")),
        Field("zaya", "", FirstLayerDiffers(difference: "has no router state to mix in")),
        Field("inkling2_text inkling2_loop_text", "", FirstLayerDiffers(difference: "has no attention_input")),
        Field("rwkv", "", FirstLayerDiffers(difference: "has a norm (pre_ln) that no other has")),
        Field(
            "deberta-v2 sew-d",
            "conv_kernel_size",
            FirstLayerDiffers(difference: "has a convolution behind it") { $0.int("conv_kernel_size", 0) > 0 }
        ),
    ]

    private static let tensors: [Field] = [
        Field(
            "gemma3n_text gemma4_text",
            "hidden_size_per_layer_input",
            BlocksPerLayer(
                fallback: 256,
                tensors: [("embed_tokens_per_layer", 1), ("per_layer_model_projection", 0)]
            )
        ),
        Field(
            "embedding_gemma2_text",
            "hidden_size_per_layer_input",
            BlocksPerLayer(
                fallback: 512,
                tensors: [("embed_tokens_per_layer", 1), ("per_layer_model_projection", 0)]
            )
        ),
        // What predicts contacts reads every head of every layer.
        Field("esm", "num_attention_heads", BlocksPerLayer(fallback: 12, tensors: [("regression", 1)])),
        Field(
            """
            wav2vec2 wav2vec2-bert wav2vec2-conformer hubert wavlm unispeech unispeech-sat sew sew-d data2vec-audio \
            whisper
            """,
            "use_weighted_layer_sum",
            WeightPerLayer(tensor: "layer_weights")
        ),
        Field(
            "t5 mt5 pop2piano switch_transformers udop longt5",
            "",
            OnlyInFirstLayer(suffix: "SelfAttention.relative_attention_bias.weight", what: "the position bias")
        ),
        Field(
            "pix2struct pix2struct_text_model",
            "",
            OnlyInFirstLayer(suffix: ".attention.relative_attention_bias.weight", what: "the position bias")
        ),
        Field("wavlm", "", OnlyInFirstLayer(suffix: "attention.rel_attn_embed.weight", what: "the position bias")),
        // Stored once, in the first hybrid layer; of one alone the class makes no tie and fails.
        Field(
            "zamba",
            "",
            StoredInFirst(
                module: "shared_transf.",
                what: "the shared transformer",
                has: { layer in
                    FieldTable.zambaKind(layer)?.string == "hybrid"
                },
                least: 2
            )
        ),
        // A weight for what each layer puts out, as folding reads them.
        Field("esm", "is_folding_model", WeightPerLayer(tensor: "esm_s_combine")),
        Field("gpt_neox_japanese", "", OnlyInLastLayer(suffix: "attention.dense_bias")),
    ]
}
