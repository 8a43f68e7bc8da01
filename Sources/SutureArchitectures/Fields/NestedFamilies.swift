import SutureJSON

/// The family of the language model inside a model of several parts, where the nested config does not say it.
///
/// Where the file names no `model_type` in its `text_config`, the class of the whole chooses; whoever reads the
/// field table by the whole's name alone finds no rule and carries no pattern along.
enum NestedFamilies {
    /// The family of a nested config.
    ///
    /// - Parameters:
    ///   - modelType: The family of the whole.
    ///   - scope: The keys that lead to the nested config.
    /// - Returns: The family, or `nil` where the nested config names its own.
    static func family(_ modelType: String, scope: [String]) -> String? {
        guard let key = scope.last else { return nil }
        return byScope["\(modelType).\(key)"] ?? (key == "text_config" ? texts[modelType] : nil)
    }

    /// The names under which tables may know the family of a language model, the most telling first.
    ///
    /// - Parameters:
    ///   - modelType: The family of the whole.
    ///   - scope: The language model's own config.
    /// - Returns: The names, each once.
    static func names(_ modelType: String, in scope: ConfigScope) -> [String] {
        if GGUFFamily.of([modelType]) != nil { return [modelType] }
        let own = scope.object["model_type"]?.string ?? ""
        var names = own.isEmpty ? [] : [own]
        if own.isEmpty, let nested = family(modelType, scope: scope.path) { names.append(nested) }
        // A nested config without a family of its own is that of the whole, which its rules call `…_text`.
        if !modelType.isEmpty, own.isEmpty || own == modelType { names += ["\(modelType)_text", modelType] }
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }

    private static let byScope: [String: String] = [
        "t5gemma.decoder": "t5_gemma_module", "t5gemma.encoder": "t5_gemma_module",
        "t5gemma2.decoder": "t5gemma2_decoder", "encoder-decoder.decoder": "bert",
        "vision-encoder-decoder.decoder": "bert",
    ]

    private static let texts: [String: String] = [
        "audioflamingo3": "qwen2", "blip-2": "opt", "cohere2_vision": "cohere2", "deepseek_vl": "llama",
        "exaone4_5": "exaone4", "florence2": "bart", "fun_asr_nano": "qwen3", "glmasr": "llama", "got_ocr2": "qwen2",
        "granite_speech_plus": "granite", "idefics2": "mistral", "idefics3": "llama", "instructblip": "opt",
        "instructblipvideo": "opt", "internvl": "qwen2", "kimi_k25": "deepseek_v3", "lfm2_vl": "lfm2",
        "lfm3_vl": "lfm3", "llava": "llama", "llava_next": "llama", "llava_next_video": "llama",
        "llava_onevision": "qwen2", "minicpm_ocr": "qwen3_5_text", "minicpmv4_6": "qwen3_5_text",
        "minicpmv4_7": "qwen3_5_text", "mistral3": "mistral", "modernvbert": "modernbert",
        "moss_transcribe_diarize": "qwen3", "musicflamingo": "qwen2", "ovis2": "qwen2", "paligemma": "gemma",
        "pp_chart2table": "qwen2", "qianfan_ocr": "qwen3", "qwen2_5_omni_thinker": "qwen2_5_omni_text",
        "qwen2_audio": "qwen2", "qwen3_omni_moe_thinker": "qwen3_omni_moe_text", "shieldgemma2": "gemma3_text",
        "smolvlm": "llama", "vibevoice": "qwen2", "vibevoice_asr": "qwen2", "vipllava": "llama", "voxtral": "llama",
    ]
}
