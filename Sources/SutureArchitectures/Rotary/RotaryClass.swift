import SutureJSON

/// What a family's class makes of the keys that say how queries and keys are turned, as transformers 5.24 has it.
struct RotaryClass: Sendable {
    /// How `rope_parameters` comes to be.
    enum Form: Sendable {
        /// `rope_scaling`, else `rope_parameters`, as a whole; what is missing in it comes from the keys beside it.
        case shared

        /// An object for each kind of layer, of which `rope_scaling` changes some.
        case perKind([Kind])

        /// `rope_scaling`, else `rope_parameters`, and nothing is filled in.
        case asWritten

        /// By rules of the family's own, which nothing here follows: keys are compared as they stand.
        case own
    }

    /// The layers of one kind.
    struct Kind: Sendable {
        /// What `layer_types` calls them.
        let name: String

        /// The older key of their base.
        let thetaKey: String?

        /// Their base where nothing says it.
        let theta: Double

        /// Whether `rope_scaling` is of them.
        let isScaled: Bool
    }

    /// How `rope_parameters` comes to be.
    var form = Form.shared

    /// The older key of the base.
    var thetaKey = "rope_theta"

    /// The base where nothing says it; `nil` where the family does not rotate.
    var theta: Double? = 10000

    /// The older key of the part of a head that is turned.
    var partialKey = "partial_rotary_factor"

    /// That part where nothing says it.
    var partial: Double?

    /// A key that has that part as a number of features.
    var widthKey: String?

    /// The length that a model was trained for before its frequencies were scaled, where the class has one that beats
    /// what `rope_parameters` says.
    var originalLength: Int?

    /// `rope_parameters` where the config has none.
    var whole: JSONObject?

    /// Words for a kind of rotation that the class takes for another.
    var renamed: [String: String] = [:]

    /// The older keys that say a part of it.
    var olderKeys: Set<String> {
        var keys: Set<String> = [thetaKey, partialKey, "rope_scaling"]
        if case .perKind(let kinds) = form { keys.formUnion(kinds.compactMap(\.thetaKey)) }
        if let widthKey { keys.insert(widthKey) }
        return keys
    }
}

extension RotaryClass {
    /// The class of a family, by the names under which it may be known; most are alike.
    init(of families: [String]) {
        let names = Kinship.classes(of: families)
        if let known = names.lazy.compactMap({ Self.special[$0] }).first {
            self = known
            return
        }
        theta =
            names.contains(where: Self.absolute.contains)
            ? nil : names.lazy.compactMap { Self.thetas[$0] }.first ?? 10000
        partial = names.lazy.compactMap { Self.partials[$0] }.first
        if names.contains(where: Self.own.contains) { form = .own }
    }

    private static let thetas = byFamily([
        (1000, "nomic_bert"), (20_000, "jina_embeddings_v3"), (25_000, "fuyu"), (100_000, "helium"),
        (150_000, "gpt_oss openai_privacy_filter"), (160_000, "gte"),
        (
            500_000,
            """
            bitnet blt cohere csm ernie4_5 ernie4_5_moe ernie4_5_vl_moe_text evolla exaone flex_olmo llama4_text \
            mllama_text_model muse_glimmer_assistant muse_spark_text paddleocr_vl_text qwen3_vl_text qwen3_vl_moe_text
            """
        ),
        (
            1_000_000,
            """
            cwm emu3_text_model lfm2 lfm2_moe lfm3 minimax mixtral phimoe qwen2_vl_text qwen2_5_vl_text \
            qwen2_5_omni_text qwen2_5_omni_talker qwen3_omni_moe_text solar_open
            """
        ),
        (2_000_000, "smollm3"), (5_000_000, "minimax_m2 minimax_m3_vl_text"), (6_000_000, "bailing_hybrid"),
        (8_000_000, "sarvam_moe"), (10_000_000, "longcat_flash"), (11_158_840, "hy_v3"),
        (12_000_000, "apertus apertus1p5_text"),
    ])

    private static let partials = byFamily([
        (0.25, "qwen3_5_text qwen3_5_moe_text qwen3_next stablelm"),
        (0.5, "bamba glm glm4 glm4_moe glm4v_moe_text nemotron persimmon phi recurrent_gemma"),
    ])

    /// Families whose classes have rules of their own.
    private static let own: Set<String> = [
        "cohere2_moe", "cohere_compass_text", "cosmos3_edge_text", "deepseek_v4", "dots3_note_text", "hunyuan_vl_text",
        "hy_v4_vl_text", "mistral4", "moonshine_streaming", "neomme", "step3p5", "ultrabert",
    ]

    /// Families that learn positions, or have none.
    private static let absolute: Set<String> = [
        "bert", "roberta", "xlm-roberta", "gpt2", "gpt_neo", "opt", "bloom", "mpt", "mamba", "mamba2", "t5", "bart",
        "distilbert", "electra", "camembert", "jamba",
    ]

    private static func byFamily(_ groups: [(Double, String)]) -> [String: Double] {
        var table: [String: Double] = [:]
        for (value, families) in groups {
            for family in families.split(separator: " ") { table[String(family)] = value }
        }
        return table
    }
}
