/// Families whose configs were searched for fields that follow the layers; what the table lists of them is all.
extension FieldTable {
    static let knownFamilies: Set<String> = Set(
        """
        apertus arcee aria audioflamingo3 axk1 axk2 baichuan bailing_hybrid bamba bart beam bert big_bird biogpt bitnet \
        blenderbot blenderbot-small blip blip-2 bloom blt camembert chatglm codegen cohere cohere2 cohere2_moe \
        cohere2_vision cohere_asr convbert cosmos3_edge cpmant ctrl data2vec-text deberta deberta-v2 deepseek_v2 \
        deepseek_v3 deepseek_v32 deepseek_v4 deepseek_vl dia diffllama distilbert doge dots1 dots3_note electra emu3 \
        encoder-decoder ernie ernie4_5 ernie4_5_moe ernie4_5_vl_moe esm evolla exaone exaone4 exaone4_5 falcon \
        falcon_h1 falcon_mamba flex_olmo flint florence2 fnet fsmt fun_asr_nano gemma gemma2 gemma3 gemma3_text \
        gemma3n gemma3n_text gemma4 gemma4_text gemma4_unified git glm glm4 glm4_moe glm4_moe_lite glm4v glm_moe_dsa \
        glm_ocr glmasr got_ocr2 gpt-sw3 gpt2 gpt_bigcode gpt_neo gpt_neox gpt_oss gptj granite granite_docling \
        granite_speech_plus granite_swa granitemoe granitemoeshared helium hunyuan_v1_dense hunyuan_v1_moe hy_v3 hy_v4 \
        hyperclovax idefics idefics2 idefics3 instructblip instructblipvideo internlm2 internlm3 internvl iquestcoder \
        jais jais2 jamba jetmoe kimi_k25 kimi_linear kosmos-2 kosmos-2.5 kyutai_speech_to_text layoutlm led lfm2 \
        lfm2_moe lfm2_vl lfm3 lfm3_vl llama llama4 llama4_text llava llava_next llava_next_video llava_onevision \
        longcat_flash longt5 luke m2m_100 mamba mamba2 marian mbart mellum minicpm_ocr minicpmv4_6 minicpmv4_7 minimax \
        minimax_m2 minimax_m3_vl_text ministral ministral3 mistral mistral3 mistral4 mistral_large4 mixtral mllama \
        modernbert modernbert-decoder modernvbert molmo2 moonshine_streaming moshi moss_transcribe_diarize mpnet mpt \
        mra mt5 muse_glimmer musicflamingo mvp nanochat nemo_speechlm nemotron nemotron_h nemotron_h_omni nllb-moe \
        nomic_bert olmo olmo2 olmo3 olmo_hybrid olmoe openelm opt ovis2 paddleocr_vl paligemma pegasus pegasus_x \
        persimmon phi phi-msft phi3 phi3small phi4_multimodal phimoe plbart pp_chart2table pp_formulanet qianfan_ocr \
        qwen qwen2 qwen2_5_omni_thinker qwen2_5_vl qwen2_audio qwen2_moe qwen2_vl qwen3 qwen3_5 qwen3_5_moe \
        qwen3_5_text qwen3_moe qwen3_next qwen3_omni_moe_thinker qwen3_vl recurrent_gemma reformer rembert roberta \
        roberta-prelayernorm roformer seamless_m4t seed_oss shieldgemma2 smollm3 smolvlm solar solar_open speecht5 \
        stablelm stablelm_epoch starcoder2 switch_transformers t5 t5gemma t5gemma2 trocr umt5 unlimited_ocr vaultgemma \
        vibevoice vibevoice_asr vipllava vision-encoder-decoder voxtral voxtral_realtime whisper xglm xlm xlm-roberta \
        xlm-roberta-xl xlnet xlstm xmod yoso youtu zamba2
        """.split(separator: " ").map(String.init)
    )
}
