/// Families whose blocks add to the residual stream and do nothing else to it.
///
/// Norms before a branch and between a branch and the sum are a part of the branch; so are constants that what a
/// branch puts out is multiplied by (`residual_multiplier`), which keep zeros zero.
extension ResidualTable {
    static let sums: [ResidualEntry] = [
        // Decoders: a norm, attention, a sum; a norm, an MLP or experts, a sum. In parallel blocks one sum.
        ResidualEntry(
            """
            afmoe apertus apertus1p5_text arcee aria_text axk1 bailing_hybrid bamba biogpt bitnet \
            blt blt_global_transformer blt_local_decoder blt_local_encoder blt_patcher chameleon codegen cohere cohere2 \
            cohere2_moe cohere_compass_text cosmos3_edge_text csm csm_depth_decoder_model cwm dbrx decision_transformer \
            deepseek_ocr2_text deepseek_v2 deepseek_v3 deepseek_v32 diffllama dots1 dots3_note_text emu3 emu3_text_model \
            ernie4_5 ernie4_5_moe ernie4_5_vl_moe_text exaone exaone4 exaone4_5 exaone_moe falcon falcon_h1 \
            falcon_mamba flex_olmo flint gemma gemma2 gemma3 gemma3_text glm glm4 glm4_moe glm4_moe_lite glm4v_moe_text \
            glm4v_text glm_image_text glm_moe_dsa glm_ocr_text gpt-sw3 gpt2 gpt_bigcode gpt_neo gpt_neox \
            gpt_neox_japanese gpt_oss gptj gradium_phonon_tts granite granite_docling_text granite_swa granitemoe \
            granitemoe_swa granitemoehybrid granitemoeshared helium higgs_audio_v2 hunyuan_v1_dense hunyuan_v1_moe \
            hunyuan_vl_text hy_v3 hyperclovax imagegpt internlm3 iquestcoder jais2 jamba kimi_linear kolibri1 \
            kyutai_speech_to_text laguna lara_mini lfm2 lfm2_moe lfm3 llama llama4_text mamba mamba2 \
            mellum mimo_v2_flash minicpm3 minimax_m2 minimax_m3_vl_text ministral ministral3 mistral mistral4 \
            mistral_large4_text mixtral modernbert modernbert-decoder molmo2_text moshi moshi_depth mpt muse_glimmer_text \
            nanochat nemotron nemotron_h nemotron_h_omni olmo olmo2 olmo3 olmo_hybrid olmoe openai_privacy_filter paddleocr_vl_text \
            persimmon fuyu phi phi3 phi4_multimodal phimoe pocket_tts qwen2 qwen2_5_omni_text qwen2_5_omni_talker \
            qwen2_5_vl qwen2_5_vl_text qwen2_moe qwen2_vl qwen2_vl_text qwen3 qwen3_5_moe_text qwen3_5_text qwen3_moe \
            qwen3_next qwen3_omni_moe_talker_code_predictor qwen3_omni_moe_talker_text qwen3_omni_moe_text \
            qwen3_vl_moe_text qwen3_vl_text recurrent_gemma sarvam_mla sarvam_moe seed_oss smollm3 solar_open stablelm \
            starcoder2 step3p5 ultrabert unlimited_ocr_text vaultgemma xglm xlstm youtu
            """,
            .sum
        ),
        // Encoders with a norm before each branch.
        ResidualEntry("clip_text_model eurobert omniasr_audio tipsv2_text_model", .sum),
        // Encoders with decoders: the same with attention to the encoder between the two.
        ResidualEntry(
            """
            bigbird_pegasus blenderbot dia dia_decoder longt5 m2m_100 mbart mt5 musicgen_decoder musicgen_melody_decoder \
            nllb-moe pegasus pegasus_x pop2piano pp_formulanet_text seamless_m4t seamless_m4t_v2 speech_to_text \
            switch_transformers t5 t5_gemma_module t5gemma t5gemma2_decoder t5gemma2_text udop umt5 whisper
            """,
            .sum
        ),
        // Families that bring their own code, looked at as vLLM and mlx have them.
        ResidualEntry("baichuan internlm2 minicpm openelm orion phi3small qwen stablelm_epoch", .sum),
    ]

    /// The same, with tensors whose names do not tell what they are.
    static let markedSums: [ResidualEntry] = [
        // What stands after self-attention is the norm before attention to the encoder.
        ResidualEntry(
            "canary canary_decoder cohere_asr moonshine moonshine_streaming",
            .sum,
            marks: [StreamMark("post_attention_layernorm", .norm)]
        ),
        ResidualEntry(
            "megatron-bert",
            .sum,
            marks: [StreamMark("attention.ln", .norm)]
        ),
        ResidualEntry(
            "esm roberta-prelayernorm",
            .sum,
            marks: [StreamMark("attention.LayerNorm", .norm), StreamMark("intermediate.LayerNorm", .norm)]
        ),
        // Norms with a gate of their own.
        ResidualEntry(
            "axk2",
            .sum,
            marks: [StreamMark("input_layernorm", .norm), StreamMark("post_attention_layernorm", .norm)]
        ),
        ResidualEntry(
            "idefics",
            .sum,
            marks: [StreamMark("alpha_cross_attn", .inside), StreamMark("alpha_dense", .inside)]
        ),
        ResidualEntry("jais", .sum, marks: [StreamMark("mlp.c_fc2", .inside)]),
        ResidualEntry("xlm-roberta-xl", .sum, marks: [StreamMark("attention.self_attn_layer_norm", .norm)]),
        // Norms of what attention and the MLP have worked out, before they project it.
        ResidualEntry(
            "kosmos-2 kosmos-2.5 kosmos_2_text_model kosmos_2_5_text_model",
            .sum,
            marks: [
                StreamMark("self_attn.inner_attn_ln", .inside), StreamMark("encoder_attn.inner_attn_ln", .inside),
                StreamMark("ffn.ffn_layernorm", .inside),
            ]
        ),
        ResidualEntry("ctrl", .sum, marks: [StreamMark("ffn.0", .inside), StreamMark("ffn.2", .wayOut)]),
        ResidualEntry(
            "cpmant",
            .sum,
            marks: [
                StreamMark("self_att.self_attention.attention_out", .wayOut), StreamMark("self_att", .inside),
                StreamMark("ffn.layernorm_before_ffn", .norm),
            ]
        ),
        ResidualEntry(
            "pix2struct pix2struct_text_model",
            .sum,
            marks: [
                StreamMark("self_attention.attention.output", .wayOut),
                StreamMark("encoder_decoder_attention.attention.output", .wayOut),
            ]
        ),
        // Both mixtures add a bias to the sum of their experts.
        ResidualEntry(
            "jetmoe",
            .sum,
            marks: [
                StreamMark("self_attention.experts.output_linear", .wayOut),
                StreamMark("self_attention.experts.bias", .wayOut), StreamMark("self_attention.experts", .inside),
                StreamMark("mlp.bias", .wayOut),
            ]
        ),
        // Short convolutions without a bias follow attention and the MLP.
        ResidualEntry(
            "inkling_text inkling_mm_model",
            .sum,
            marks: [
                StreamMark("attn_sconv", .inside), StreamMark("mlp_sconv", .inside),
                StreamMark("attn.wo_ud", .wayOut), StreamMark("mlp.experts.w2_weight", .wayOut),
                StreamMark("mlp.experts.w13_weight", .inside),
                StreamMark("mlp.shared_experts.shared_w2_weight", .wayOut),
                StreamMark("mlp.shared_experts.shared_w13_weight", .inside),
                StreamMark("attn.rel_logits_proj", .inside), StreamMark("self_attn.rel_logits_proj", .inside),
            ]
        ),
        // What is taken from the several streams depends on hyper-connections, what is added to each only on a branch.
        ResidualEntry(
            "hy_v4 hy_v4_vl_text",
            .sum,
            marks: [StreamMark("hc_pre", .inside), StreamMark("attn_hc", .inside), StreamMark("ffn_hc", .inside)]
        ),
        // The transformer that hybrid layers share feeds their mixer and nothing else.
        ResidualEntry(
            "zamba zamba2",
            .sum,
            marks: [
                StreamMark("shared_transf", .inside), StreamMark("shared_transformer", .inside),
                StreamMark("linear", .inside),
            ]
        ),
        // What attention reads is mixed with what the first layer read.
        ResidualEntry("neomme", .sum, marks: [StreamMark("lambdas", .inside)]),
        ResidualEntry("voxtral_realtime_text", .sum, marks: [StreamMark("ada_rms_norm", .inside)]),
        ResidualEntry(
            "mllama mllama_text_model",
            .sum,
            marks: [StreamMark("cross_attn_attn_gate", .inside), StreamMark("cross_attn_mlp_gate", .inside)]
        ),
        // Some layers look at a protein behind their MLP, and have one more MLP then.
        ResidualEntry(
            "evolla",
            .sum,
            marks: [
                StreamMark("adapter.out_proj", .wayOut), StreamMark("adapter.ff.fc2", .wayOut),
                StreamMark("adapter", .inside),
            ]
        ),
        // What a block has made of the stream is multiplied by a number of its own.
        ResidualEntry(
            "gemma4_text gemma4_unified_text embedding_gemma2_text diffusion_gemma_text",
            .sum,
            marks: [
                StreamMark("layer_scalar", .factor), StreamMark("per_layer_projection", .wayOut),
                StreamMark("per_layer_input_gate", .inside), StreamMark("post_per_layer_input_norm", .norm),
                StreamMark("ple_block.per_layer_projection", .wayOut),
                StreamMark("ple_block.per_layer_input_gate", .inside),
                StreamMark("ple_block.post_per_layer_input_norm", .norm),
            ]
        ),
        ResidualEntry(
            "doge",
            .sum,
            marks: [
                StreamMark("input_residual", .factor), StreamMark("post_attention_residual", .factor),
                StreamMark("self_attn.A", .inside), StreamMark("self_attn.dt_proj", .inside),
                StreamMark("mlp.up_embed", .wayOut), StreamMark("mlp.down_embed", .inside),
                StreamMark("mlp.router_gate", .inside),
            ]
        ),
    ]
}
