/// A family as GGUF files name it, and what is known of it beside its files: how llama.cpp reads it.
struct GGUFFamily: Sendable {
    /// What GGUF files call it: `qwen3moe`.
    let name: String

    /// What it does to the residual stream is that of a family of transformers.
    let alike: String

    /// How layers that see a window alternate with others, where no key says it.
    var window: Window?

    /// Whether the list `attention.sliding_window_pattern` is read.
    var readsWindowList = false

    /// Whether keys and lists may differ from layer to layer: head counts and widths of MLPs.
    var variesByLayer = false

    /// After how many layers the family repeats something that no key can say.
    var fixedPeriod: (layers: Int, what: String)?

    /// What llama.cpp makes of the number of layers.
    var depthMeaning: DepthMeaning?

    /// A pattern of windows that the code has.
    struct Window: Sendable {
        /// The period.
        let period: Int
        /// Whether the first layer of a period sees everything, and not the last.
        var isFullFirst = false
    }

    /// What the number of layers means beside how many there are.
    struct DepthMeaning: Sendable {
        /// The depths at which it means something.
        let depths: Set<Int>
        /// What, in words.
        let effect: String
        /// Whether it means something at any depth.
        var isExact = false
        /// Whether a model of another depth does not load.
        var isFatal = false
    }

    /// The family of a config that was made of a GGUF file's keys.
    static func of(_ families: [String]) -> GGUFFamily? {
        families.lazy.compactMap { known[$0] }.first
    }

    /// Why no layer can be moved in a family of GGUF files; `nil` where they can, and for others.
    static func refusal(_ modelType: String) -> String? {
        guard modelType.hasPrefix("gguf-"), known[modelType] == nil else { return nil }
        return "which of its keys follow the layers is not known"
    }

    private static let known: [String: GGUFFamily] = Dictionary(
        (plain + others).map { ("gguf-" + $0.name, $0) }
    ) { first, _ in first }

    /// Families whose layers are alike, and whose keys say all.
    private static let plain: [GGUFFamily] = [
        ("llama", "llama"), ("mistral3", "mistral"), ("internlm2", "internlm2"), ("arcee", "arcee"),
        ("qwen2", "qwen2"), ("qwen2moe", "qwen2_moe"), ("qwen3", "qwen3"), ("qwen3moe", "qwen3_moe"),
        ("gemma", "gemma"), ("phi3", "phi3"), ("granite", "granite"), ("granitemoe", "granitemoe"),
        ("olmo", "olmo"), ("olmoe", "olmoe"), ("starcoder2", "starcoder2"), ("command-r", "cohere"),
        ("seed_oss", "seed_oss"), ("hunyuan-dense", "hunyuan_v1_dense"), ("ernie4_5", "ernie4_5"),
        ("glm4", "glm4"), ("exaone", "exaone"), ("bitnet", "bitnet"), ("stablelm", "stablelm"),
    ].map { GGUFFamily(name: $0, alike: $1) }

    private static let others: [GGUFFamily] = [
        GGUFFamily(name: "deci", alike: "", variesByLayer: true),
        GGUFFamily(name: "lfm2", alike: "lfm2", variesByLayer: true),
        GGUFFamily(name: "lfm2moe", alike: "lfm2_moe", variesByLayer: true),
        GGUFFamily(name: "granitehybrid", alike: "granitemoehybrid", variesByLayer: true),
        GGUFFamily(name: "gpt-oss", alike: "gpt_oss", window: Window(period: 2), readsWindowList: true),
        GGUFFamily(
            name: "gemma2",
            alike: "gemma2",
            window: Window(period: 2),
            depthMeaning: DepthMeaning(
                depths: [46],
                effect:
                    "llama.cpp takes a gemma2 of 46 layers for the one of 27B and scales its attention by its own rule"
            )
        ),
        GGUFFamily(
            name: "gemma3",
            alike: "gemma3_text",
            window: Window(period: 6),
            readsWindowList: true,
            depthMeaning: DepthMeaning(
                depths: [62],
                effect:
                    "llama.cpp takes a gemma3 of 62 layers for the one of 27B and scales its attention by its own rule"
            )
        ),
        GGUFFamily(name: "olmo2", alike: "olmo2", window: Window(period: 4)),
        GGUFFamily(name: "cohere2", alike: "cohere2", window: Window(period: 4)),
        GGUFFamily(
            name: "exaone4",
            alike: "exaone4",
            window: Window(period: 4),
            depthMeaning: DepthMeaning(
                depths: [64],
                effect: "llama.cpp slides the window of an exaone4 of 64 layers and of no other"
            )
        ),
        GGUFFamily(name: "smollm3", alike: "smollm3", fixedPeriod: (4, "every fourth layer has no positions")),
        GGUFFamily(
            name: "baichuan",
            alike: "baichuan",
            depthMeaning: DepthMeaning(
                depths: [32, 40],
                effect:
                    "llama.cpp takes a baichuan of 32 layers for one with rotary positions, of 40 for one with ALiBi, "
                    + "and stops at any other",
                isExact: true,
                isFatal: true
            )
        ),
        GGUFFamily(
            name: "deepseek2",
            alike: "deepseek_v3",
            depthMeaning: DepthMeaning(
                depths: [26, 27],
                effect: "llama.cpp takes a deepseek2 of 26 or 27 layers for the one without attention.q_lora_rank, and "
                    + "of another depth for one with it",
                isFatal: true
            )
        ),
        GGUFFamily(name: "qwen35", alike: "qwen3_5_text"), GGUFFamily(name: "qwen35moe", alike: "qwen3_5_moe_text"),
        GGUFFamily(name: "qwen3next", alike: "qwen3_next"),
    ]
}
