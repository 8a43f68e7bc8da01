/// Families whose layers are built and run alike, and whose classes have the same defaults.
enum Kinship {
    private static let groups: [Set<String>] = [
        ["llama", "mistral", "solar", "ministral", "ministral3", "mistral3"],
        ["qwen2", "qwen2_vl", "qwen2_vl_text", "qwen2_5_vl", "qwen2_5_vl_text", "qwen2_audio", "qwen2_5_omni_text"],
        ["qwen3", "qwen3_vl", "qwen3_vl_text"],
        ["qwen3_moe", "qwen3_vl_moe", "qwen3_vl_moe_text", "qwen3_omni_moe_text"],
        ["gemma3", "gemma3_text"],
        ["gemma3n", "gemma3n_text"],
        ["bert", "roberta", "xlm-roberta", "camembert"],
        ["stablelm", "stablelm_epoch"],
        ["deepseek_v3", "kimi_k2", "kimi_k25_text"],
    ]

    /// The families that are kin to one of those named.
    static func relatives(of families: [String]) -> [String] {
        groups.filter { $0.contains(where: families.contains) }.flatMap { $0.sorted() }
    }

    /// The classes that run a model of these families: a name that transformers has no class for stands for another's.
    static func classes(of families: [String]) -> [String] { families + families.compactMap { standIns[$0] } }

    private static let standIns = [
        "solar": "llama", "mistral3": "mistral", "stablelm_epoch": "stablelm", "kimi_k2": "deepseek_v3",
        "kimi_k25_text": "deepseek_v3", "qwen2_audio": "qwen2", "qwen2_vl": "qwen2_vl_text",
        "qwen2_5_vl": "qwen2_5_vl_text", "qwen3_vl": "qwen3_vl_text", "qwen3_vl_moe": "qwen3_vl_moe_text",
        "gemma3": "gemma3_text", "gemma3n": "gemma3n_text",
    ]
}
