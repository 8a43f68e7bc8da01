/// Which keys of rotation a program reads of a family, and what it takes where they are missing.
struct LoaderRotation: Sendable {
    /// The form that it reads.
    enum Form: Sendable {
        /// `rope_theta`, `rope_scaling` and their like, beside each other.
        case older

        /// `rope_parameters`.
        case newer
    }

    /// The form that it reads.
    let form: Form

    /// The base that it takes where the key is missing; `nil` where it does not load.
    var theta: Double?

    /// The part of a head that it turns where the key is missing; `nil` where it does not load.
    var partial: Double? = 1

    /// Whether it does not load where `rope_scaling` is missing, be it `null`.
    var needsScaling = false
}

extension Loader {
    /// What mlx-lm's `ModelArgs` of each family read; families that it reads in both forms are left out.
    static let mlxRotations: [String: LoaderRotation] = {
        var table: [String: LoaderRotation] = [:]
        for (theta, families) in olderKeys {
            for family in families.split(separator: " ") {
                table[String(family)] = LoaderRotation(form: .older, theta: theta)
            }
        }
        for (partial, families) in partials {
            for family in families.split(separator: " ") { table[String(family)]?.partial = partial }
        }
        for family in ["exaone4", "glm4_moe", "llama4_text"] { table[family]?.needsScaling = true }
        for family in newerKeys.split(separator: " ") { table[String(family)] = LoaderRotation(form: .newer) }
        return table
    }()

    private static let olderKeys: [(Double?, String)] = [
        (
            nil,
            """
            apertus baichuan_m1 bailing_hybrid bailing_moe bailing_moe_linear dots1 ernie4_5 ernie4_5_moe exaone \
            exaone4 gemma3n_text glm4 glm4_moe gpt_neox granite granitemoe helium hunyuan kimi_linear llama4_text \
            longcat_flash minimax minimax_m2 olmo3 qwen3_moe qwen3_vl_moe_text qwen3_next recurrent_gemma solar_open \
            stablelm
            """
        ),
        (
            10000,
            """
            afmoe bitnet deepseek deepseek_v2 deepseek_v3 deepseek_v32 gemma gemma2 glm hunyuan_v1_dense internlm2 \
            internlm3 iquestcoder joyai_llm_flash kimi_k2 llama mimo mistral nanochat nemotron olmo2 olmoe phi phi3 \
            phimoe plamo seed_oss smollm3 xverse
            """
        ),
        (50000, "cohere2"), (100_000, "starcoder2"), (150_000, "gpt_oss"),
        (
            1_000_000,
            """
            exaone_moe gemma3_text glm4_moe_lite minicpm minicpm3 mixtral qwen2 qwen2_moe qwen2_vl qwen2_vl_text \
            qwen2_5_vl qwen2_5_vl_text
            """
        ),
        (8_000_000, "cohere"), (100_000_000_000, "falcon_h1"),
    ]

    private static let partials: [(Double?, String)] = [
        (nil, "glm4 glm4_moe gpt_neox qwen3_next solar_open stablelm"), (0.4, "phi"), (0.5, "bailing_hybrid nemotron"),
    ]

    private static let newerKeys =
        "gemma4_text glm_moe_dsa laguna mellum ministral3 muse_spark_text qwen3_5_text qwen3_5_moe_text"
}
