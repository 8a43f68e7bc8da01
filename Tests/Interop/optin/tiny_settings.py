"""What small sizes alone do not settle of a family: settings, classes, inputs, and what follows its layers."""

import torch

DEPTH = 13


def every(period: int, at: int, then: str, otherwise: str) -> list[str]:
    return [then if layer % period == at else otherwise for layer in range(DEPTH)]


def sections(*parts: int) -> dict:
    """A rotation of images, where the class itself has the sections of the released model."""
    return {"rope_type": "default", "rope_theta": 1e4, "mrope_section": list(parts)}


T5 = {"num_layers": 3, "num_decoder_layers": DEPTH}
CONV = {"layer_types": every(3, 2, "full_attention", "conv")}
WINDOW = {"use_sliding_window": True, "sliding_window": 4, "max_window_layers": 6}
EXPERTS = {"n_routed_experts": 4, "num_experts_per_tok": 2, "first_k_dense_replace": 2}
SPEECH = {"encoder_config.context_size": 8, "encoder_config.max_pos_emb": 16, "encoder_config.num_layers": 3}
NEMOTRON = (["linear_attention", "moe", "full_attention", "mlp", "linear_attention"] * DEPTH)[:DEPTH]


GEMMA = {
    "model_type": "gemma", "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": DEPTH, "num_attention_heads": 4,
    "num_key_value_heads": 2, "head_dim": 16, "vocab_size": 128,
}
EYES = {
    "model_type": "siglip_vision_model", "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2,
    "num_attention_heads": 4, "image_size": 16, "patch_size": 8, "projection_dim": 64, "vision_use_head": False,
}
GEMMA_WITH_EYES = {
    "model_type": "paligemma", "text_config": GEMMA, "vision_config": EYES, "projection_dim": 64, "image_token_index": 120,
    "hidden_size": 64,
}

# Keys are paths into the config.
SETTINGS = {
    **{name: T5 for name in ("t5", "mt5", "umt5", "longt5", "pop2piano", "udop", "switch_transformers")},
    **{name: CONV for name in ("lfm2", "lfm2_moe")},
    **{
        name: {"text_config.rope_parameters": sections(2, 3, 3)}
        for name in ("glm46v", "glm4v", "glm_ocr", "glmga", "qwen2_vl", "qwen2_5_vl", "paddleocr_vl", "qwen2_5_omni_thinker")
    },
    **{
        name: {"rope_parameters": sections(2, 3, 3)}
        for name in ("glm4v_text", "glm_ocr_text", "qwen2_vl_text", "qwen2_5_vl_text")
    },
    "glm4v_moe": {"text_config.rope_parameters": sections(1, 1, 2) | {"partial_rotary_factor": 0.5}},
    "glm4v_moe_text": {"rope_parameters": sections(1, 1, 2) | {"partial_rotary_factor": 0.5}},
    "chameleon": {"vocabulary_map": {"<image>": 100, "IMGIMGA": 101, "IMGIMGB": 102}},
    "ernie4_5_vl_moe": {"text_config.rope_parameters": sections(3, 3, 2), "text_config.moe_k": 2},
    "hunyuan_vl": {"text_config.head_dim": 16},
    "molmo2": {"adapter_config.vision_feature_layer": [1, 0]},
    "hy_v4_vl": {"text_config.rope_parameters": sections(2, 1, 1)},
    "hy_v4_vl_text": {"rope_parameters": sections(2, 1, 1)},
    **{name: {"head_dim": 16} for name in ("hunyuan_v1_dense", "hunyuan_v1_moe", "hunyuan_vl_text", "ministral")},
    **{name: {"num_key_value_heads": 4} for name in ("esmc", "minicpm3", "glm5_next_text")},
    **{name: SPEECH for name in ("granite_speech", "granite_speech_plus")},
    "apertus1p5": {
        "image_token_offset": 64, "audio_token_offset": 128, "vision_config.codebook_size": 64,
        "audio_config.codebook_size": 64, "text_config.vocab_size": 256, "vision_config.base_channels": 32,
    },
    "bamba": {"attn_layer_indices": [2, 5, 6, 11]},
    "blt": {
        "patcher_config.num_hidden_layers": 2, "encoder_config.num_hidden_layers": 2,
        "decoder_config.num_hidden_layers": 3, "global_config.num_hidden_layers": DEPTH,
    },
    "granite_speech5_ctc": {"encoder_config.num_hidden_layers": DEPTH, "encoder_config.num_key_value_heads": 4},
    "canary": {"encoder_config.num_hidden_layers": 3},
    "codegen": {"rotary_dim": 8},
    "dbrx": {
        "attn_config": {"rope_theta": 1e4, "kv_n_heads": 2, "clip_qkv": 8.0},
        "ffn_config": {"ffn_hidden_size": 48, "moe_num_experts": 4, "moe_top_k": 2},
    },
    "deepseek_v2": EXPERTS,
    "dory": {"n_input_layers": 4, "n_output_layers": 4},
    "dots1": EXPERTS | {"n_shared_experts": 1},
    "ernie4_5_moe": {"moe_k": 2, "moe_num_experts": 4},
    "esm": {"vocab_size": 128, "pad_token_id": 1, "mask_token_id": 4},
    "gemma3n_text": {
        "num_kv_shared_layers": 3, "layer_types": every(5, 4, "full_attention", "sliding_attention"),
        "activation_sparsity_pattern": [0.95] * 6 + [0.0] * (DEPTH - 6),
    },
    "glm5_next": {"text_config.num_key_value_heads": 4},
    "gpt_neo": {
        "attention_types": [[["global", "local"], DEPTH // 2], [["global"], 1]],
        "attention_layers": (["global", "local"] * DEPTH)[:DEPTH],
    },
    "gptj": {"rotary_dim": 8},
    "granitemoehybrid": {"layer_types": every(4, 1, "full_attention", "linear_attention")},
    "inkling2_loop": {"text_config.loop_layer_index_start": 6, "text_config.loop_layer_index_end": 12},
    "inkling2_loop_text": {"loop_layer_index_start": 6, "loop_layer_index_end": 12},
    "janus": {"vq_config.base_channels": 32},
    "longcat_flash": {"head_dim": 8, "qk_head_dim": 24, "moe_topk": 2},
    "mamba2": {"num_heads": 8, "head_dim": 16},
    "mllama": {"text_config.cross_attention_layers": [3, 8]},
    "moonshine": {"encoder_num_key_value_heads": 4, "decoder_num_key_value_heads": 4},
    "muse_spark": {
        "audio_config.num_hidden_layers": 4, "audio_config.out_hidden_size": 64,
        "audio_config.hidden_sizes": [16, 32, 48, 64],
    },
    "nemotron": {"num_key_value_heads": 2, "head_dim": 16},
    "nemotron_h": {"layers_block_type": NEMOTRON},
    "nemotron_h_omni": {"text_config.layers_block_type": NEMOTRON},
    "nemo_speechlm": {"text_config.layers_block_type": NEMOTRON},
    "pi0": {
        "chunk_size": 8, "vlm_config": GEMMA_WITH_EYES, "dit_config": GEMMA | {"hidden_size": 32, "intermediate_size": 48},
    },
    "reformer": {"is_decoder": True, "attn_layers": (["local", "lsh"] * DEPTH)[:DEPTH]},
    **{name: {"conv_dim": [32] * 3, "conv_stride": [5, 2, 2], "conv_kernel": [10, 3, 3]} for name in ("sew", "sew-d")},
    "speech_to_text": {"vocab_size": 128},
    "step3p7": {"text_config.sliding_window": 4},
    "t5gemma2": {"encoder.text_config.num_hidden_layers": 3},
    "t5gemma": {"encoder.num_hidden_layers": 3},
    "xmod": {"default_language": "en_XX"},
    "zamba": {"attention_hidden_size": 128, "attention_head_dim": 32},
    "zamba2": {
        "layers_block_type": every(3, 2, "hybrid", "linear_attention"), "num_mem_blocks": 2,
        "attention_hidden_size": 128, "attention_head_dim": 32, "num_key_value_heads": 4, "mamba_ngroups": 1,
        "mamba_headdim": 16, "use_shared_attention_adapter": True,
    },
}

# Second settings of a family, for what its default does not show.
VARIANTS = {
    "qwen2#window": WINDOW,
    "qwen3#window": WINDOW,
    "qwen2_moe#mixed": WINDOW | {"mlp_only_layers": [0, 5, 6], "decoder_sparse_step": 2},
    "qwen3_moe#mixed": {"mlp_only_layers": [0, 5, 6], "decoder_sparse_step": 2},
    "gpt2#inverse": {"scale_attn_by_inverse_layer_idx": True},
    "opt#post_norm": {"do_layer_norm_before": False},
    "xlm#pre_norm": {"pre_norm": True},
    "laguna#mixed": {
        "layer_types": every(4, 1, "full_attention", "sliding_attention"),
        "num_attention_heads_per_layer": [4 + 2 * (layer % 3) for layer in range(DEPTH)],
        "mlp_layer_types": every(5, 0, "dense", "sparse"),
    },
    "granitemoe_swa#theta": {"layer_rope_theta": [1e4 * (1 + layer % 5) for layer in range(DEPTH)]},
    "step3p7#mixed": {"text_config.layer_types": every(4, 1, "full_attention", "sliding_attention")},
    "minicpm3#depth": {"scale_depth": 1.4},
    "granite_speech#same": {"encoder_config.num_layers": DEPTH},
    "zamba#mamba": {"layers_block_type": ["linear_attention"] * DEPTH},
    "gemma4#plain": {"text_config.hidden_size_per_layer_input": 0},
    "gemma4#moe": {
        "text_config.hidden_size_per_layer_input": 0, "text_config.enable_moe_block": True,
        "text_config.num_experts": 4, "text_config.top_k_experts": 2, "text_config.moe_intermediate_size": 32,
    },
}

# Where the first class that transformers maps is not the one to measure.
CLASSES = {
    "qwen3_5": "Qwen3_5ForConditionalGeneration",
    "qwen3_5_moe": "Qwen3_5MoeForConditionalGeneration",
    "qwen4_exp": "Qwen4ExpForConditionalGeneration",
    "emu3": "Emu3ForConditionalGeneration",
    "llama4": "Llama4ForConditionalGeneration",
    "seamless_m4t_v2": "SeamlessM4Tv2ForTextToText",
}


def noise(*shape, seed: int = 5):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def tokens(length: int = 22):
    return torch.randint(5, 95, (2, length), generator=torch.Generator().manual_seed(5))


# What a family is fed with: functions of the model that give settings to try.
INPUTS = {
    "pop2piano": lambda model: [{"inputs_embeds": noise(2, 22, 64), "decoder_input_ids": tokens(19)}],
    "pix2struct": lambda model: [{
        "decoder_input_ids": tokens(),
        "flattened_patches": torch.cat([
            torch.arange(1, 11).float().repeat(2, 1)[..., None] % 4, torch.ones(2, 10, 1),
            noise(2, 10, model.config.vision_config.patch_embed_hidden_size),
        ], -1),
    }],
    "udop": lambda model: [{
        "input_ids": tokens(), "decoder_input_ids": tokens(19), "bbox": torch.rand(2, 22, 4).sort(-1).values,
    }],
    "pi0": lambda model: [{
        "input_ids": torch.cat([torch.full((2, 4), model.config.vlm_config.image_token_id), tokens(8)], 1),
        "attention_mask": torch.ones(2, 12, dtype=torch.long), "state": noise(2, 32), "noise": noise(2, 8, 32),
        "timestep": torch.rand(2), "actions": noise(2, 8, 32), "pixel_values": noise(2, 1, 3, 16, 16),
        "pixel_attention_mask": torch.ones(2, 1, dtype=torch.bool),
    }],
    "granite_speech5_ctc": lambda model: [{"input_features": noise(2, 64, 320)}],
    "bros": lambda model: [{"input_ids": tokens(), "bbox": torch.rand(2, 22, 4)}],
}


# MARK: What else follows layers


def value_embeddings(model, layers: list[int]) -> None:
    inner = getattr(model, "model", model)
    if hasattr(inner, "value_embedding_layers"):
        inner.value_embedding_layers = {at for at, layer in enumerate(layers) if layer in inner.value_embedding_layers}


def three_parts(model, layers: list[int]) -> None:
    """Dory's layers stand before, in and behind a loop, and the config counts each."""
    config = model.config
    first, second = config.n_input_layers, config.n_input_layers + config.n_recurrent_layers
    parts = [0 if layer < first else 1 if layer < second else 2 for layer in layers]
    config.n_input_layers, config.n_recurrent_layers, config.n_output_layers = (parts.count(part) for part in range(3))
    config.num_hidden_layers = len(layers)


# Functions of (model, order), after its layers were moved.
AFTER = {"neomme": [value_embeddings], "dory": [three_parts]}

# Classes that write to a cache by a layer's number though asked for none.
NUMBERED = {"pi0", "flaubert", "xlm"}

# What of a layer is attention, with its norms, where names do not tell: patterns of names of parameters in memory.
HALVES = {
    **{
        name: r"SelfAttention|EncDecAttention|^layer\.[01]\.layer_norm"
        for name in ("t5", "mt5", "umt5", "longt5", "udop", "pop2piano", "switch_transformers")
    },
    "pix2struct": r"attention",
    "hyperclovax": r"self_attn|^(input_layernorm|post_norm1)",
    **{
        name: r"^(self_attn|[qkv_]*input_layernorm|post_attention_convolution|[qkv]_message_gate)"
        for name in ("inkling2", "inkling2_text", "inkling2_loop", "inkling2_loop_text")
    },
    "doge": r"self_attn|^input_(layernorm|residual)",
    "moonshine": r"self_attn|encoder_attn|^(input|post_attention)_layernorm",
    "zaya": r"attn|^input_(norm|layernorm)|post_attention_residual_scale",
    "cohere_asr": r"self_attn|encoder_attn|^(input|post_attention)_layernorm",
    "dory": r"self_attn|lambda_1",
    **{
        name: r"^(self_attn|conv|norm_self_att|norm_conv)\."
        for name in (
            "lasr_ctc", "lasr_encoder", "parakeet_ctc", "parakeet_encoder", "parakeet_rnnt", "parakeet_tdt",
            "granite_speech5_ctc", "granite_speech5_encoder", "nemotron_asr_streaming", "nemotron_asr_streaming_encoder",
        )
    },
    "cpmant": r"^self_att\.",
    "gemma4_audio": r"^(self_attn|lconv1d|norm_(pre|post)_attn)",
    "jetmoe": r"^self_attention|^input_layernorm",
    "nllb-moe": r"^(self_attn|cross_attention)",
    "t5gemma": r"(self|cross)_attn",
    "canary": r"self_attn|encoder_attn|^(input|post_attention)_layernorm",
    "recurrent_gemma": r"^temporal_",
    "distilbert": r"^(attention|sa_layer_norm)\.",
    "squeezebert": r"^(post_)?attention\.",
    "mobilebert": r"^attention\.",
    "mimi": r"^(self_attn|input_layernorm)",
    **{name: r"^(self_attn|conv|(post_)?operator_norm)" for name in ("lfm3", "lfm3_vl")},
    **{name: r"^(self_attn|attn_sconv|input_layernorm)" for name in ("inkling_text", "inkling_mm_model")},
    **{
        name: r"^(attention|layer_norm)\."
        for name in (
            "wav2vec2", "hubert", "unispeech", "unispeech-sat", "wavlm", "omniasr_audio", "sew", "sew-d", "data2vec-audio",
        )
    },
    **{
        name: r"^(attention|attn|layernorm_before|lambda_1|layer_scale1|rms_norm1|norm1)(\.|$)"
        for name in (
            "beit", "data2vec-vision", "deit", "dpt", "flava", "ijepa", "pixio", "sapiens2", "aimv2_vision_model",
            "audio-spectrogram-transformer", "internvl_vision", "qianfan_ocr_vision", "tipsv2_vision_model", "vit", "vit_msn",
        )
    },
    "hyperclovax_vision_v2": r"self_attn|^(input_layernorm|post_norm1)",
    **{name: r"self_attn|input_layernorm|laurel|post_attention" for name in ("gemma3n", "gemma3n_text")},
    **{name: r"self_attn|input_layernorm|post_attention_residual" for name in ("muse_spark", "muse_spark_text")},
    **{name: r"mamba|^input_layernorm" for name in ("zamba", "zamba2")},
    "dbrx": r"norm_attn_norm\.(attn|norm_1)\.",
    "seamless_m4t": r"attn|attention",
    "seamless_m4t_v2": r"attn|attention",
}
