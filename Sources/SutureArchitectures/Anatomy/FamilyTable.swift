/// What the general rules cannot know of a family.
enum FamilyTable {
    /// Whether a family ties the head to the embedding where its config does not say.
    static func isTiedByDefault(_ modelType: String) -> Bool { tied.contains(modelType) }

    /// Whether a class ties the head of the language model inside it, though that model's own class does not.
    static func tiesInnerHead(_ modelType: String) -> Bool { tyingInside.contains(modelType) }

    private static let tyingInside: Set<String> = [
        "mistral3", "deepseek_vl", "glmasr", "granite_speech_plus", "internvl", "kimi_k25", "minicpm_ocr",
        "moss_transcribe_diarize", "ovis2",
    ]

    private static let tied: Set<String> = Set(
        """
        albert aya_vision bart bert bert-generation big_bird bigbird_pegasus biogpt blenderbot blenderbot-small blip \
        blip-2 blip_text_model bloom camembert canary cohere cohere2 cohere2_moe cohere2_vision convbert cpmant csm \
        ctrl data2vec-text deberta deberta-v2 deepseek_vl_hybrid diffusion_gemma diffusion_gemma_text distilbert \
        electra encoder-decoder ernie ernie4_5 ernie4_5_moe ernie4_5_vl_moe ernie4_5_vl_moe_text esm falcon \
        falcon_mamba flaubert florence2 fnet fun_asr_nano funnel gemma gemma2 gemma3 gemma3_text gemma3n \
        gemma3n_text gemma4 gemma4_text gemma4_unified gemma4_unified_assistant gemma4_unified_text got_ocr2 gpt-sw3 \
        gpt2 gpt_bigcode gpt_neo gpt_neox_japanese granite_docling granite_docling_text granite_speech \
        granite_speech5_ctc granite_swa gte hunyuan_vl hunyuan_vl_text hyperclovax_vision_v2 ibert instructblip \
        instructblipvideo janus jetmoe jina_embeddings_v3 kosmos-2 kosmos-2.5 kosmos_2_5_text_model \
        kosmos_2_text_model lara_mini layoutlm led lfm2 lfm2_moe lfm2_vl lfm3 lfm3_vl lighton_ocr longformer longt5 \
        luke lxmert m2m_100 mamba marian mbart megatron-bert minicpm3 mobilebert modernbert modernbert-decoder \
        modernvbert moonshine mpnet mpt mra mt5 mvp neomme nllb-moe nomic_bert nystromformer openai-gpt opt \
        paddleocr_vl paddleocr_vl_text paligemma pegasus pegasus_x plbart pop2piano pp_chart2table prophetnet \
        qwen2_5_omni_thinker qwen3_asr recurrent_gemma roberta roberta-prelayernorm roc_bert roformer seamless_m4t \
        seamless_m4t_v2 shieldgemma2 smollm3 speech_to_text speecht5 squeezebert starcoder2 switch_transformers t5 \
        t5_gemma_module t5gemma t5gemma2 t5gemma2_decoder t5gemma2_encoder t5gemma2_text tapas trocr udop umt5 \
        vaultgemma vilt vision-encoder-decoder visual_bert voxtral_realtime whisper xglm xlm xlm-roberta \
        xlm-roberta-xl xlnet xmod yoso youtu zamba zamba2 zaya
        """.split(separator: " ").map(String.init)
    )

    /// Whether a family embeds more than the tokens it counts: prompts, images, several channels of sound.
    static func embedsMoreThanTokens(_ modelType: String) -> Bool { wideEmbeddings.contains(modelType) }

    private static let wideEmbeddings: Set<String> = [
        "cpmant", "dia", "kyutai_speech_to_text", "mllama", "mllama_text_model", "molmo2", "moshi",
    ]

    /// The module that is a family's head, where the rules take it for something else.
    static func head(_ modelType: String) -> String? { heads[modelType] }

    private static let heads = ["fsmt": "model.decoder.embed_tokens"]

    /// The keys that count a family's layers, where one of the general keys would mislead.
    static func countKeys(_ modelType: String) -> [String]? { counts[modelType] }

    private static let counts: [String: [String]] = [
        "longcat_flash": ["num_layers"], "hrm_text": ["num_layers_per_stack", "num_hidden_layers"],
    ]

    /// Keys, with dots where nested, that hold a multiple of the number of layers, or the same under another name.
    static func derivedCounts(_ modelType: String) -> [String] {
        switch modelType {
        case "xlstm": ["num_hidden_layers", "num_blocks"]
        case "pi0": ["dit_config.num_hidden_layers"]
        case "hrm_text", "longcat_flash", "nemotron_h", "reformer", "chatglm", "trocr", "seamless_m4t",
            "seamless_m4t_v2":
            ["num_hidden_layers"]
        default: []
        }
    }

    /// Whether `num_layers` counts a family's encoder, and its decoder only where `num_decoder_layers` is missing.
    static func countsEncoderFirst(_ modelType: String) -> Bool { encoderFirst.contains(modelType) }

    private static let encoderFirst: Set<String> = [
        "t5", "mt5", "umt5", "longt5", "pop2piano", "switch_transformers", "udop",
    ]

    /// A nested config that speaks of the stacks alone whose prefix has this word.
    static let scopeWords = [
        "word_timestamp_config": "timestamp", "global_config": "global", "encoder_config": "encoder",
        "decoder_config": "decoder", "thinker_config": "thinker", "talker_config": "talker",
    ]

    /// A tensor's name parted at the number of its layer, as the family numbers.
    static func layeredName(_ name: String, modelType: String) -> LayeredName? {
        for list in sideLists(modelType) {
            if let name = list.layeredName(name) { return name }
        }
        guard let layered = LayeredName(name) else { return nil }
        guard let lists = sideBySide[modelType], let dot = layered.prefix.lastIndex(of: ".") else { return layered }
        let list = String(layered.prefix[layered.prefix.index(after: dot)...])
        guard lists.contains(list) else { return layered }
        let suffix = "\(list).{}.\(layered.suffix)"
        return LayeredName(prefix: String(layered.prefix[..<dot]), layer: layered.layer, suffix: suffix)
    }

    /// Families that keep the parts of a layer in lists of their own, numbered alike.
    private static let sideBySide: [String: Set<String>] = [
        "xlm": ["attentions", "layer_norm1", "ffns", "layer_norm2", "layer_norm15", "encoder_attn"],
        "flaubert": ["attentions", "layer_norm1", "ffns", "layer_norm2", "layer_norm15", "encoder_attn"],
    ]

    /// Whether a prefix names a tower and not a language model.
    static func isTower(_ prefix: String, modelType: String) -> Bool {
        let text = prefix.lowercased()
        return NameWords.towers.contains { text.contains($0) }
    }

    /// The tower that a tensor lies in: its name up to the part that says so.
    static func tower(of name: String, modelType: String, stack: String) -> String? {
        var prefix: [Substring] = []
        for part in name.split(separator: ".").dropLast() {
            prefix.append(part)
            let text = part.lowercased()
            if !text.hasPrefix("vocab"), NameWords.towers.contains(where: text.contains) {
                return prefix.joined(separator: ".")
            }
        }
        return nil
    }

    /// Why no layer of a family can be moved; `nil` where they can.
    static func refusal(_ modelType: String) -> String? {
        refusals[modelType] ?? GGUFFamily.refusal(modelType)
    }

    private static let refusals: [String: String] = [
        "albert": "its layers share one set of weights",
        "funnel": "its layers are nested in pooling stages",
        "perceiver": "its layers share one set of weights",
        "mixformer-sequential": "it numbers embedding, layers and head as one sequence",
    ]
}
