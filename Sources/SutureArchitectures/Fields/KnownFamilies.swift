/// Families whose configs were searched for fields that follow the layers; what the table lists of them is all.
extension FieldTable {
    static let knownFamilies: Set<String> = Set(
        """
        afmoe apertus apertus1p5 apertus1p5_text arcee aria aria_text audioflamingo3 axk1 axk2 aya_vision baichuan \
        bailing_hybrid bamba bart beam bert bert-generation big_bird bigbird_pegasus biogpt bitnet blenderbot \
        blenderbot-small blip blip-2 bloom blt camembert canary chatglm codegen cohere cohere2 cohere2_moe \
        cohere2_vision cohere_asr convbert cosmos3_edge cosmos3_omni cpmant ctrl cwm data2vec-text dbrx deberta \
        deberta-v2 deepseek_v2 deepseek_v3 deepseek_v32 deepseek_v4 deepseek_vl deepseek_vl_hybrid dia diffllama \
        distilbert doge dots1 dots3_note electra embedding_gemma2 emu3 encoder-decoder ernie ernie4_5 ernie4_5_moe \
        ernie4_5_vl_moe esm eurobert evolla exaone exaone4 exaone4_5 exaone_moe falcon falcon_h1 falcon_mamba \
        flaubert flex_olmo flint florence2 fnet fsmt fun_asr_nano fuyu gemma gemma2 gemma3 gemma3_text gemma3n \
        gemma3n_text gemma4 gemma4_text gemma4_unified git glm glm4 glm46v glm4_moe glm4_moe_lite glm4v glm4v_moe \
        glm5_next glm_moe_dsa glm_ocr glmasr glmga got_ocr2 gpt-sw3 gpt2 gpt_bigcode gpt_neo gpt_neox \
        gpt_neox_japanese gpt_oss gptj granite granite_docling granite_speech granite_speech5_ctc granite_speech_plus \
        granite_swa granitemoe granitemoe_swa granitemoehybrid granitemoeshared gte helium hrm_text hunyuan_v1_dense \
        hunyuan_v1_moe hy_v3 hy_v4 hy_v4_vl hyperclovax hyperclovax_vision_v2 ibert idefics idefics2 idefics3 \
        inkling2 inkling2_loop inkling_mm_model instructblip instructblipvideo internlm2 internlm3 internvl \
        iquestcoder jais jais2 jamba janus jetmoe jina_embeddings_v3 kimi_k25 kimi_linear kolibri1 kosmos-2 \
        kosmos-2.5 kyutai_speech_to_text laguna lara_mini lasr_ctc layoutlm led lfm2 lfm2_moe lfm2_vl lfm3 lfm3_vl \
        lighton_ocr llama llama4 llama4_text llava llava_next llava_next_video llava_onevision longcat_flash \
        longformer longt5 luke m2m_100 mamba mamba2 marian mbart megatron-bert mellum mimo_v2_flash minicpm3 \
        minicpm_ocr minicpmv4_6 minicpmv4_7 minimax minimax_m2 minimax_m3_vl minimax_m3_vl_text ministral ministral3 \
        mistral mistral3 mistral4 mistral_large4 mixtral mllama mobilebert modernbert modernbert-decoder modernvbert \
        molmo2 moonshine moonshine_streaming moshi moss_transcribe_diarize mpnet mpt mra mt5 muse_glimmer muse_spark \
        musicflamingo mvp nanochat nemo_speechlm nemotron nemotron_h nemotron_h_omni neomme nllb-moe nomic_bert \
        nystromformer olmo olmo2 olmo3 olmo_hybrid olmoe omniasr omniasr_ctc openai-gpt openelm opt ovis2 \
        paddleocr_vl paligemma parakeet_ctc pegasus pegasus_x persimmon phi phi-msft phi3 phi3small phi4_multimodal \
        phimoe pi0 pix2struct plbart pop2piano pp_chart2table pp_formulanet prophetnet qianfan_ocr qwen qwen2 \
        qwen2_5_omni qwen2_5_omni_thinker qwen2_5_vl qwen2_audio qwen2_moe qwen2_vl qwen3 qwen3_5 qwen3_5_moe \
        qwen3_5_text qwen3_asr qwen3_moe qwen3_next qwen3_omni_moe_thinker qwen3_vl recurrent_gemma reformer rembert \
        roberta roberta-prelayernorm roc_bert roformer sarvam_mla sarvam_moe seamless_m4t seamless_m4t_v2 seed_oss \
        shieldgemma2 smollm3 smolvlm solar solar_open speech-encoder-decoder speech_to_text speecht5 squeezebert \
        stablelm stablelm_epoch starcoder2 step3p7 switch_transformers t5 t5gemma t5gemma2 tapas trocr udop \
        ultravbert umt5 unlimited_ocr vaultgemma vibevoice vibevoice_asr video_llama_3 video_llava vipllava \
        vision-encoder-decoder voxtral voxtral_realtime whisper xglm xlm xlm-roberta xlm-roberta-xl xlnet xlstm xmod \
        yoso youtu zamba2
        """.split(separator: " ").map(String.init)
    )
}
