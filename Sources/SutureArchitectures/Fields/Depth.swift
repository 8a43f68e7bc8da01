import SutureCheckpoints
import SutureDiagnostics

/// Where depth is part of the arithmetic or of a tensor's shape, and layers that differ by where they stand.
extension FieldTable {
    static let depth: [Field] = scales + numbers + tensors

    private static let scales: [Field] = [
        Field("minicpm3", "scale_depth", ScaledByDepth(fallback: 1.4)),
        Field("minicpm", "scale_depth", ScaledByDepth(fallback: 1)),
        Field("neomme", "residual_multiplier", MadeFromDepth { 1 / (2 * Double(max(1, $0))).squareRoot() }),
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
            "inkling2_text",
            "n_layers_per_attn_res_block",
            NumberMatters(
                severity: .error,
                effect: "and residual attention has a second stack that goes by number",
                fix: "keep all layers where they are",
                mindsDepth: true
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
        Field("modernbert modernbert-decoder", "", FirstLayerDiffers(difference: "has no norm before its attention")),
        Field("zaya", "", FirstLayerDiffers(difference: "has no router state to mix in")),
        Field("inkling2_text", "", FirstLayerDiffers(difference: "has no attention_input")),
        Field("rwkv", "", FirstLayerDiffers(difference: "has a norm (pre_ln) that no other has")),
        Field("gpt_neox_japanese", "", OnlyInLastLayer(suffix: "attention.dense_bias")),
    ]
}
