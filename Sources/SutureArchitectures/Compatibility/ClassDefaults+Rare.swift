import SutureJSON

/// Settings that few families have.
extension ClassDefaults {
    static let rare: [String: [(JSONValue, String)]] = [
        "query_pre_attn_scalar": [
            (
                256,
                """
                gemma2 gemma3_text t5_gemma_module t5gemma2_decoder t5gemma2_text vaultgemma
                """
            ),
            (128, "step3p5"),
        ],
        "attention_multiplier": [
            (
                1.0,
                """
                granite granite_swa granitemoe granitemoe_swa granitemoehybrid granitemoeshared
                """
            ),
            (0.015625, "granite_docling_text"),
            (0.08838834764831845, "hyperclovax"),
        ],
        "attn_logit_softcapping": [
            (50.0, "gemma2 t5_gemma_module vaultgemma")
        ],
        "residual_multiplier": [
            (0.263, "granite_docling_text"),
            (0.17149858514250885, "neomme"),
        ],
        "use_parallel_residual": [
            (true, "falcon gpt_neox"),
            (false, "stablelm"),
        ],
        "num_experts_per_tok": [
            (
                8,
                """
                axk1 axk2 bailing_hybrid beam deepseek_v3 deepseek_v32 dots3_note_text exaone_moe glm4_moe \
                glm4v_moe_text glm5_next_text glm_moe_dsa hy_v3 hy_v4 hy_v4_vl_text inkling2_loop_text inkling2_text \
                kimi_linear laguna mellum mimo_v2_flash minimax_m2 muse_spark_text olmoe qwen3_5_moe_text qwen3_moe \
                qwen3_omni_moe_talker_text qwen3_omni_moe_text sarvam_mla solar_open step3p5
                """
            ),
            (
                2,
                """
                aria_text cohere2_moe granitemoe granitemoe_swa granitemoehybrid granitemoeshared jamba jetmoe \
                minimax mixtral phimoe
                """
            ),
            (
                4,
                """
                glm4_moe_lite gpt_oss lara_mini lfm2_moe minimax_m3_vl_text mistral4 mistral_large4_text \
                openai_privacy_filter qwen2_moe qwen3_vl_moe_text
                """
            ),
            (
                6,
                """
                afmoe deepseek_v4 ernie4_5_moe ernie4_5_vl_moe_text flint inkling_text kolibri1 sarvam_moe \
                unlimited_ocr_text
                """
            ),
            (1, "hunyuan_v1_moe llama4_text zaya"),
            (10, "qwen3_next qwen4_exp_text"),
            (64, "doge"),
            (5, "flex_olmo"),
            (12, "longcat_flash"),
        ],
        "norm_topk_prob": [
            (
                true,
                """
                axk1 axk2 bailing_hybrid beam cohere2_moe deepseek_v3 deepseek_v32 deepseek_v4 dots3_note_text \
                exaone_moe flint glm4_moe glm4_moe_lite glm4v_moe_text glm5_next_text glm_moe_dsa hy_v4 \
                hy_v4_vl_text kimi_linear lara_mini lfm2_moe mellum mimo_v2_flash mistral4 qwen3_next \
                qwen3_omni_moe_text qwen4_exp_text sarvam_mla sarvam_moe solar_open
                """
            ),
            (
                false,
                """
                deepseek_v2 doge dots1 flex_olmo kolibri1 olmoe qwen2_moe qwen3_moe qwen3_omni_moe_talker_text
                """
            ),
        ],
        "routed_scaling_factor": [
            (
                1.0,
                """
                deepseek_ocr2_text deepseek_v2 dots1 dots3_note_text glm4_moe glm4v_moe_text lfm2_moe mimo_v2_flash \
                mistral4 mistral_large4_text muse_spark_text solar_open unlimited_ocr_text
                """
            ),
            (
                2.5,
                """
                axk1 axk2 bailing_hybrid beam deepseek_v3 deepseek_v32 exaone_moe glm5_next_text glm_moe_dsa \
                sarvam_mla sarvam_moe
                """
            ),
            (2.827, "hy_v4 hy_v4_vl_text"),
            (8.0, "inkling2_loop_text inkling2_text"),
            (1.5, "deepseek_v4"),
            (1.8, "glm4_moe_lite"),
            (2.446, "kimi_linear"),
            (6.0, "longcat_flash"),
            (2.0, "minimax_m3_vl_text"),
        ],
        "n_group": [
            (
                1,
                """
                dots1 dots3_note_text exaone_moe glm4_moe glm4_moe_lite glm4v_moe_text glm5_next_text glm_moe_dsa \
                hy_v4 hy_v4_vl_text kimi_linear mimo_v2_flash mistral4 mistral_large4_text sarvam_mla sarvam_moe \
                solar_open unlimited_ocr_text
                """
            ),
            (8, "axk1 bailing_hybrid beam deepseek_v3 deepseek_v32"),
        ],
        "topk_group": [
            (
                1,
                """
                dots1 dots3_note_text exaone_moe glm4_moe glm4_moe_lite glm4v_moe_text glm5_next_text glm_moe_dsa \
                hy_v4 hy_v4_vl_text kimi_linear mimo_v2_flash mistral4 mistral_large4_text sarvam_mla sarvam_moe \
                solar_open unlimited_ocr_text
                """
            ),
            (4, "axk1 bailing_hybrid beam deepseek_v3 deepseek_v32"),
        ],
        "scoring_func": [
            ("sigmoid", "inkling2_loop_text inkling2_text"),
            ("sqrtsoftplus", "deepseek_v4"),
        ],
        "final_logit_softcapping": [
            (
                30.0,
                """
                beam gemma2 gemma3n_text inkling2_loop_text inkling2_text mistral_large4_text t5_gemma_module \
                vaultgemma
                """
            ),
            (20.0, "muse_glimmer_text muse_spark_text"),
            (15.0, "nanochat"),
        ],
        "logits_scaling": [
            (0.0625, "cohere cohere2 cohere2_moe"),
            (4.0, "granite_docling_text"),
        ],
        "embedding_multiplier": [
            (12.0, "granite_docling_text"),
            (50.0, "hrm_text"),
            (24.0, "inkling_text"),
            (12, "minicpm3"),
        ],
        "mlp_bias": [
            (true, "jais2")
        ],
        "use_qk_norm": [
            (true, "llama4_text persimmon sarvam_moe")
        ],
        "sliding_window": [
            (
                4096,
                """
                cohere2 cohere2_moe cohere_compass_text dots1 exaone4 exaone_moe gemma2 gemma3_text ministral \
                mistral olmo3 t5_gemma_module t5gemma2_decoder t5gemma2_text vaultgemma voxtral_realtime_text
                """
            ),
            (
                512,
                """
                beam diffusion_gemma_text dots3_note_text embedding_gemma2_text gemma3n_text gemma4_text \
                inkling_text laguna lara_mini
                """
            ),
            (
                128,
                """
                deepseek_v4 gpt_oss granite_swa granitemoe_swa openai_privacy_filter ultrabert unlimited_ocr_text
                """
            ),
            (
                1024,
                """
                afmoe dory gemma4_unified_text inkling2_loop_text inkling2_text mellum
                """
            ),
            (2048, "muse_glimmer_text muse_spark_text recurrent_gemma"),
            (513, "flint kolibri1"),
            (256, "lfm3 neomme"),
            (8192, "cwm"),
            (129, "mimo_v2_flash"),
            (64, "modernbert-decoder"),
            (3000, "moshi"),
            (8, "moshi_depth"),
            (0, "qwen2_moe"),
            (750, "voxtral_realtime_encoder"),
        ],
        "attention_chunk_size": [
            (8192, "llama4_text")
        ],
        "rope_interleave": [(true, "axk1 deepseek_v3 glm4_moe_lite mistral4 sarvam_mla youtu")],
        "rotary_dim": [(64, "codegen gptj minimax_m3_vl_text")],
        "rotary_value": [(false, "roformer")],
        "use_mem_rope": [(false, "zamba2")],
    ]
}
