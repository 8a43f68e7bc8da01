import SutureJSON

extension RotaryClass {
    /// Families whose classes differ in more than a number.
    static let special: [String: RotaryClass] = {
        var table: [String: RotaryClass] = [:]
        for (families, rotation) in perKind + asWritten + otherKeys + otherWholes {
            for family in families.split(separator: " ") { table[String(family)] = rotation }
        }
        return table
    }()

    private static let perKind: [(String, RotaryClass)] = [
        (
            "gemma3_text gemma3n_text t5gemma2_text t5gemma2_decoder",
            twoKinds("rope_theta", 1e6, "rope_local_base_freq", 1e4)
        ),
        // The older key is used up by the first kind.
        ("olmo3", twoKinds("rope_theta", 500_000, nil, 500_000)),
        (
            "modernbert modernbert-decoder",
            twoKinds("global_rope_theta", 160_000, "local_rope_theta", 1e4, scalesBoth: true)
        ),
    ]

    private static func twoKinds(
        _ fullKey: String,
        _ full: Double,
        _ slidingKey: String?,
        _ sliding: Double,
        scalesBoth: Bool = false
    ) -> RotaryClass {
        RotaryClass(
            form: .perKind([
                Kind(name: "full_attention", thetaKey: fullKey, theta: full, isScaled: true),
                Kind(name: "sliding_attention", thetaKey: slidingKey, theta: sliding, isScaled: scalesBoth),
            ])
        )
    }

    /// Families younger than `rope_scaling`, whose classes fill in nothing.
    private static let asWritten: [(String, RotaryClass)] = [
        (
            "gemma4_text gemma4_unified_text diffusion_gemma_text embedding_gemma2_text",
            written(
                full: ["rope_type": "proportional", "partial_rotary_factor": 0.25, "rope_theta": 1_000_000.0],
                sliding: plain(10000)
            )
        ),
        ("beam", written(full: nil, sliding: plain(10000))),
        (
            "laguna",
            written(
                full: ["rope_type": "default", "rope_theta": 500_000.0, "partial_rotary_factor": 0.5],
                sliding: plain(10000)
            )
        ),
        ("mellum", written(full: plain(500_000), sliding: plain(10000))),
        (
            "mimo_v2_flash",
            written(
                full: ["rope_type": "default", "rope_theta": 5_000_000.0, "partial_rotary_factor": 0.334],
                sliding: ["rope_type": "default", "rope_theta": 10000.0, "partial_rotary_factor": 0.334]
            )
        ),
        (
            "zaya",
            RotaryClass(
                form: .asWritten,
                whole: [
                    "hybrid": ["rope_type": "default", "rope_theta": 5_000_000.0, "partial_rotary_factor": 0.5],
                    "hybrid_sliding": ["rope_type": "default", "rope_theta": 10000.0, "partial_rotary_factor": 0.5],
                ]
            )
        ),
    ]

    private static func plain(_ theta: Double) -> JSONObject {
        ["rope_type": "default", "rope_theta": .double(theta)]
    }

    private static func written(full: JSONObject?, sliding: JSONObject) -> RotaryClass {
        RotaryClass(
            form: .asWritten,
            whole: ["full_attention": full.map(JSONValue.object) ?? .null, "sliding_attention": .object(sliding)]
        )
    }

    private static let otherKeys: [(String, RotaryClass)] = [
        ("gpt_neox", RotaryClass(thetaKey: "rotary_emb_base", partialKey: "rotary_pct", partial: 0.25)),
        ("gpt_neox_japanese", RotaryClass(thetaKey: "rotary_emb_base", partialKey: "rotary_pct", partial: 1)),
        (
            "phi3 phi4_multimodal",
            RotaryClass(partial: 1, originalLength: 4096, renamed: ["su": "longrope", "yarn": "longrope"])
        ),
        (
            "qwen2_vl qwen2_vl_text qwen2_5_vl qwen2_5_vl_text",
            RotaryClass(theta: 1_000_000, renamed: ["mrope": "default"])
        ),
        ("minimax_m2", RotaryClass(theta: 5_000_000, widthKey: "rotary_dim")),
    ]

    /// Families whose classes scale where the config says nothing.
    private static let otherWholes: [(String, RotaryClass)] = [
        (
            "gpt_oss openai_privacy_filter",
            RotaryClass(
                theta: 150_000,
                whole: [
                    "rope_type": "yarn", "factor": 32.0, "beta_fast": 32.0, "beta_slow": 1.0, "truncate": false,
                    "original_max_position_embeddings": 4096,
                ]
            )
        ),
        ("apertus apertus1p5_text", llama3(12_000_000, factor: 8, low: 1, high: 4, original: 8192)),
        ("cwm", llama3(1_000_000, factor: 16, low: 1, high: 4, original: 8192)),
        ("higgs_audio_v2", llama3(500_000, factor: 32, low: 0.125, high: 0.5, original: 1024, otherwise: 10000)),
        (
            "ministral3",
            RotaryClass(
                whole: [
                    "rope_type": "yarn", "factor": 16.0, "beta_fast": 32.0, "beta_slow": 1.0, "mscale": 1.0,
                    "mscale_all_dim": 1.0, "llama_4_scaling_beta": 0.1, "max_position_embeddings": 262_144,
                    "original_max_position_embeddings": 16384, "rope_theta": 1_000_000.0,
                ]
            )
        ),
        (
            "mistral_large4_text",
            RotaryClass(
                whole: [
                    "rope_type": "yarn", "factor": 2048.0, "attention_factor": 1.0, "beta_fast": 32.0, "beta_slow": 1.0,
                    "original_max_position_embeddings": 512, "rope_theta": 10000.0,
                ]
            )
        ),
        ("muse_spark_text", RotaryClass(whole: plain(500_000))),
        (
            "lfm3",
            RotaryClass(
                theta: 1_000_000,
                whole: [
                    "full_attention": [
                        "rope_type": "proportional", "rope_theta": 1_000_000.0, "partial_rotary_factor": 0.5,
                    ],
                    "sliding_attention": .object(plain(10000)),
                ]
            )
        ),
        (
            "dory",
            RotaryClass(
                whole: ["full_attention": .object(plain(10_000_000)), "sliding_attention": .object(plain(10000))]
            )
        ),
    ]

    private static func llama3(
        _ theta: Double,
        factor: Double,
        low: Double,
        high: Double,
        original: Int,
        otherwise: Double? = nil
    ) -> RotaryClass {
        RotaryClass(
            theta: otherwise ?? theta,
            whole: [
                "rope_type": "llama3", "factor": .double(factor), "low_freq_factor": .double(low),
                "high_freq_factor": .double(high), "original_max_position_embeddings": .int(original),
                "rope_theta": .double(theta),
            ]
        )
    }
}
