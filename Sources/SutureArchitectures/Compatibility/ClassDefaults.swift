import SutureJSON

/// What the classes of families have where a config says nothing, as transformers 5.24 has it.
///
/// Only what differs from the default of the setting is listed. Families that transformers does not have are missing.
enum ClassDefaults {
    /// The value of a setting in the class of the first of these families that is listed; `nil` where none is.
    static func value(_ setting: String, of families: [String]) -> JSONValue? {
        guard let table = tables[setting] else { return nil }
        return Kinship.classes(of: families).lazy.compactMap { table[$0] }.first
    }

    /// Keys of rotation beyond the usual ones, and what the classes of these families have for them.
    static func rotaryKeys(of families: [String]) -> [String: JSONValue] {
        var found: [String: JSONValue] = [:]
        for key in ["rope_interleave", "rotary_dim", "use_mem_rope", "rotary_value"] {
            found[key] = value(key, of: families)
        }
        return found
    }

    private static let tables: [String: [String: JSONValue]] = common.merging(rare) { common, _ in common }.mapValues {
        groups in
        var table: [String: JSONValue] = [:]
        for (value, families) in groups {
            for family in families.split(separator: " ") { table[String(family)] = value }
        }
        return table
    }

    private static let common: [String: [(JSONValue, String)]] = [
        "num_key_value_heads": [
            (
                8,
                """
                bamba beam canary_decoder cosmos3_edge_text csm cwm emu3_text_model evolla exaone falcon_h1 glm4_moe \
                glm4v_moe_text glm_ocr_text gpt_oss hy_v3 inkling2_loop_text inkling2_text inkling_text iquestcoder \
                jamba laguna lfm2 lfm2_moe llama4_text minimax minimax_m2 ministral ministral3 mistral mixtral \
                mllama_text_model molmo2_text phi4_multimodal phimoe qwen2_5_vl_text qwen2_vl_text \
                qwen3_omni_moe_talker_code_predictor seed_oss solar_open step3p5 voxtral_realtime_text
                """
            ),
            (
                4,
                """
                diffusion_gemma_text dory ernie4_5_moe ernie4_5_vl_moe_text flint gemma2 gemma3_text gemma4_text \
                gemma4_unified_text granite_docling_text granite_swa kolibri1 lara_mini lfm3 mellum mimo_v2_flash \
                minimax_m3_vl_text neomme qwen2_5_omni_talker qwen2_5_omni_text qwen3_5_text qwen3_moe \
                qwen3_omni_moe_text sarvam_moe smollm3 t5_gemma_module t5gemma2_decoder t5gemma2_text vaultgemma
                """
            ),
            (
                2,
                """
                csm_depth_decoder_model embedding_gemma2_text ernie4_5 gemma3n_text glm glm4 glm4v_text \
                glm_image_text internlm3 muse_glimmer_text openai_privacy_filter paddleocr_vl_text qwen3_5_moe_text \
                qwen3_next qwen3_omni_moe_talker_text qwen4_exp_text starcoder2 zaya
                """
            ),
            (
                32,
                """
                axk2 bailing_hybrid chameleon deepseek_ocr2_encoder dots1 exaone4 exaone_moe hy_v4 hy_v4_vl_text \
                kimi_linear mistral4 qwen2 qwen3 qwen3_vl_text stablelm
                """
            ),
            (16, "gemma jetmoe muse_spark_text qwen2_moe qwen3_vl_moe_text youtu zamba"),
            (64, "axk1 glm5_next_text glm_moe_dsa mistral_large4_text"),
            (128, "deepseek_v3 deepseek_v32 dots3_note_text"),
            (20, "glm4_moe_lite helium"),
            (5, "bitnet"),
            (1, "deepseek_v4"),
            (40, "minicpm3"),
            (10, "unlimited_ocr_text"),
        ],
        "head_dim": [
            (
                128,
                """
                afmoe bailing_hybrid beam canary_decoder cohere2_moe cosmos3_edge_text cwm ernie4_5 flint glm glm4 \
                helium hrm_text hy_v3 inkling2_loop_text inkling2_text inkling_text internlm3 iquestcoder kolibri1 \
                laguna lara_mini lfm3 llama4_text mellum minimax_m2 minimax_m3_vl_text ministral3 molmo2_text \
                muse_glimmer_text paddleocr_vl_text qwen2_5_omni_talker qwen3 qwen3_omni_moe_talker_code_predictor \
                qwen3_vl_text seed_oss solar_open step3p5 zaya
                """
            ),
            (
                256,
                """
                diffusion_gemma_text dory dots3_note_text embedding_gemma2_text gemma gemma2 gemma3_text \
                gemma3n_text gemma4_text gemma4_unified_text hy_v4 hy_v4_vl_text qwen3_5_moe_text qwen3_5_text \
                qwen3_next qwen4_exp_text t5_gemma_module t5gemma2_decoder t5gemma2_text vaultgemma
                """
            ),
            (
                64,
                """
                axk2 deepseek_v32 glm_moe_dsa gpt_oss longcat_flash mamba2 mistral_large4_text muse_spark_text \
                neomme openai_privacy_filter sarvam_moe voxtral_realtime_encoder
                """
            ),
            (512, "deepseek_v4"),
            (192, "mimo_v2_flash"),
        ],
        "rms_norm_eps": [
            (
                1e-05,
                """
                afmoe aimv2_text_model apertus apertus1p5_text arcee bamba bitnet bloom blt_local_decoder \
                blt_local_encoder chameleon codegen cohere cohere2 cohere_compass_text cosmos3_edge_text csm \
                csm_depth_decoder_model cwm decision_transformer diffllama dots3_note_text emu3_text_model ernie4_5 \
                ernie4_5_moe ernie4_5_vl_moe_text eurobert evolla exaone exaone4 exaone_moe falcon falcon_h1 \
                falcon_mamba glm4_moe glm4_moe_lite glm4v_moe_text glm4v_text glm5_next_text glm_image_text \
                glm_moe_dsa glm_ocr_text gpt2 gpt_bigcode gpt_neo gpt_neox gpt_neox_japanese gpt_oss gptj \
                granite_docling_text granite_swa hunyuan_v1_dense hunyuan_v1_moe hunyuan_vl_text hy_v3 hy_v4 \
                hy_v4_vl_text imagegpt internlm3 iquestcoder jais2 jina_embeddings_v3 kimi_linear lfm2 lfm2_moe lfm3 \
                llama4_text longcat_flash mamba mamba2 mimo_v2_flash minicpm3 minimax ministral3 mistral_large4_text \
                mixtral mllama_text_model modernbert modernbert-decoder mpt mra muse_glimmer_text muse_spark_text \
                nemotron nystromformer olmo2 olmo3 olmoe openai-gpt openai_privacy_filter paddleocr_vl_text \
                persimmon phi phi3 phi4_multimodal phimoe qwen2_5_vl_text qwen2_vl_text rwkv solar_open stablelm \
                starcoder2 step3p5 tipsv2_text_model voxtral_realtime_encoder wavlm xlm-roberta-xl zamba zamba2 zaya
                """
            ),
            (
                1e-12,
                """
                albert bert bert-generation big_bird biogpt camembert convbert dpr electra ernie esm flaubert fnet \
                gte ibert layoutxlm longformer luke megatron-bert mobilebert mpnet nomic_bert reformer rembert \
                roberta roberta-prelayernorm roc_bert roformer splinter squeezebert tvp xlm xlm-roberta xlnet xmod \
                yoso
                """
            ),
            (1e-08, "helium moshi moshi_depth"),
            (1e-07, "deberta deberta-v2"),
            (1.5625e-07, "glm glm4"),
        ],
        "hidden_act": [
            (
                "silu",
                """
                afmoe aimv2_text_model aria_text axk1 axk2 bailing_hybrid bamba beam blt_local_decoder \
                blt_local_encoder chameleon cohere cohere2 cohere2_moe cohere_compass_text csm \
                csm_depth_decoder_model cwm deepseek_ocr2_encoder deepseek_ocr2_text deepseek_v2 deepseek_v3 \
                deepseek_v32 deepseek_v4 diffllama doge dory dots1 dots3_note_text emu3_text_model ernie4_5 \
                ernie4_5_moe ernie4_5_vl_moe_text esmc eurobert evolla exaone exaone4 exaone_moe falcon_h1 \
                falcon_mamba flex_olmo flint glm glm4 glm4_moe glm4_moe_lite glm4v_moe_text glm4v_text \
                glm5_next_text glm_image_text glm_moe_dsa glm_ocr_text gpt_oss granite granite_docling_text \
                granite_swa granitemoe granitemoe_swa granitemoehybrid granitemoeshared helium hrm_text \
                hunyuan_v1_dense hunyuan_v1_moe hunyuan_vl_text hy_v3 hy_v4 hy_v4_vl_text hyperclovax idefics \
                inkling2_loop_text inkling2_text inkling_text internlm3 iquestcoder jamba jetmoe kimi_linear \
                kolibri1 laguna lara_mini llama llama4_text longcat_flash mamba mamba2 mellum mimo_v2_flash minicpm3 \
                minimax minimax_m2 minimax_m3_vl_text ministral ministral3 mistral mistral4 mistral_large4_text \
                mixtral mllama_text_model molmo2_text moshi moshi_depth muse_glimmer_text muse_spark_text nomic_bert \
                olmo olmo2 olmo3 olmo_hybrid olmoe paddleocr_vl_text phi3 phi4_multimodal phimoe qwen2 \
                qwen2_5_omni_talker qwen2_5_omni_text qwen2_5_vl_text qwen2_moe qwen2_vl_text qwen3 qwen3_5_moe_text \
                qwen3_5_text qwen3_moe qwen3_next qwen3_omni_moe_talker_code_predictor qwen3_omni_moe_talker_text \
                qwen3_omni_moe_text qwen3_vl_moe_text qwen3_vl_text qwen4_exp_text sarvam_mla sarvam_moe seed_oss \
                smollm3 solar_open stablelm step3p5 ultrabert unlimited_ocr_text voxtral_realtime_encoder \
                voxtral_realtime_text youtu zaya
                """
            ),
            (
                "gelu",
                """
                bart bert bert-generation biogpt blenderbot blenderbot-small camembert convbert deberta deberta-v2 \
                distilbert dpr electra ernie falcon gpt_neox gpt_neox_japanese gte ibert jina_embeddings_v3 \
                layoutxlm led longformer luke marian mbart megatron-bert modernbert modernbert-decoder mpnet mra \
                musicgen_decoder musicgen_melody_decoder mvp nemotron3_5_transcribe_word_timestamp pegasus pegasus_x \
                plbart rembert roberta roberta-prelayernorm roc_bert roformer splinter squeezebert tvp \
                voxtral_encoder wavlm whisper xglm xlm-roberta xlm-roberta-xl xmod yoso zamba zamba2
                """
            ),
            (
                "gelu_pytorch_tanh",
                """
                diffusion_gemma_text embedding_gemma2_text gemma gemma2 gemma3_text gemma3n_text gemma4_text \
                gemma4_unified_text gpt_bigcode recurrent_gemma starcoder2 t5_gemma_module t5gemma2_decoder \
                t5gemma2_text vaultgemma
                """
            ),
            (
                "gelu_new",
                """
                albert big_bird bigbird_pegasus codegen fnet gpt2 gpt_neo gptj nystromformer phi
                """
            ),
            (
                "relu",
                """
                canary_decoder cohere_asr decision_transformer fsmt m2m_100 mobilebert nllb-moe opt reformer \
                tipsv2_text_model
                """
            ),
            (
                "relu2",
                """
                arcee bitnet cosmos3_edge_text jais2 nanochat nemotron neomme persimmon
                """
            ),
            ("xielu", "apertus apertus1p5_text"),
            ("quick_gelu", "imagegpt"),
        ],
    ]
}
