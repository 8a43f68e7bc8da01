/// What shapes cannot say of how families store gates and ups in one tensor.
enum ExpertTable {
    /// Whether gates and ups take turns in a tensor of both; `nil` for a family that is not known.
    static func isInterleaved(_ pattern: String, _ families: [String]) -> Bool? {
        if pattern.hasSuffix("w13_weight") { return families.contains { $0.hasPrefix("inkling") } ? true : nil }
        if families.contains("gpt_oss") { return true }
        let isKnown = families.contains { known.contains($0) || known.contains($0.replacingSuffix("_text")) }
        return isKnown ? false : nil
    }

    /// Families of transformers 5.24 whose tensors have all gates before all ups.
    private static let known: Set<String> = Set(
        """
        afmoe aria axk1 axk2 bailing_hybrid beam cohere2_moe deepseek_ocr2 deepseek_v2 deepseek_v3 deepseek_v32 \
        deepseek_v4 diffusion_gemma dots1 dots3_note ernie4_5_moe ernie4_5_vl_moe exaone_moe flex_olmo flint gemma4 \
        gemma4_unified glm4_moe glm4_moe_lite glm4v_moe glm5_next glm_moe_dsa granitemoe granitemoe_swa \
        granitemoehybrid granitemoeshared hunyuan_v1_moe hy_v3 hy_v4 hy_v4_vl inkling inkling_mm_model inkling2 \
        inkling2_loop jamba jetmoe kimi_k25 kimi_linear kolibri1 laguna lara_mini lfm2_moe llama4 longcat_flash \
        mellum mimo_v2_flash minimax minimax_m2 minimax_m3_vl mistral4 mistral_large4 mixtral muse_spark olmoe \
        openai_privacy_filter phimoe qwen2_moe qwen3_5_moe qwen3_moe qwen3_next qwen3_omni_moe \
        qwen3_omni_moe_thinker qwen3_vl_moe qwen4_exp sarvam_mla sarvam_moe solar_open step3p5 step3p7 unlimited_ocr zaya
        """.split(separator: " ").map(String.init)
    )
}

extension String {
    fileprivate func replacingSuffix(_ suffix: String) -> String {
        hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
    }
}
