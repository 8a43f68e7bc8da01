import SutureJSON

/// How a program tells a family's layers apart where it does not go by the list that transformers goes by, and what it
/// needs of the layers to run them at all.
struct LayerReading: Sendable {
    /// The families, as `model_type` names them.
    let families: Set<String>

    /// The list that transformers goes by.
    var list = "layer_types"

    /// What the program goes by instead; `nil` where it reads the list.
    var goesBy: Source?

    /// The fewest layers that it runs.
    var fewest: (@Sendable (LayerView) -> Int)?

    /// Kinds of which it needs a layer each.
    var needs: [String] = []

    /// The words that it knows the kinds by, where these are not transformers 5's.
    var words: [String: String] = [:]

    /// What a program goes by.
    struct Source: Sendable {
        /// The key, or what else it is, for messages.
        let name: String

        /// What it takes a layer for.
        let kind: @Sendable (LayerView) -> String?

        /// What to write under the key so that these kinds are read; `nil` where no value says them.
        let value: @Sendable (_ kinds: [String], _ config: JSONObject) -> JSONValue?
    }

    init(
        _ families: String,
        list: String = "layer_types",
        goesBy: Source? = nil,
        fewest: (@Sendable (LayerView) -> Int)? = nil,
        needs: [String] = [],
        words: [String: String] = [:]
    ) {
        self.families = Set(families.split(separator: " ").map(String.init))
        self.list = list
        self.goesBy = goesBy
        self.fewest = fewest
        self.needs = needs
        self.words = words
    }
}

extension LayerReading.Source {
    /// A period, at whose end a layer is of one kind.
    static func period(_ key: String, or fallback: Int, last: String, others: String) -> Self {
        let kind: @Sendable (LayerView) -> String? = { $0.ends(every: $0.int(key, fallback)) ? last : others }
        return LayerReading.Source(name: key, kind: kind) { kinds, config in
            (1...max(1, kinds.count)).lazy.map { JSONValue.int($0) }.first { period in
                var config = config
                config[key] = period
                return kinds.indices.allSatisfy {
                    kind(LayerView(config: config, i: $0, n: kinds.count)) == kinds[$0]
                }
            }
        }
    }

    /// What no key can change.
    static func fixed(_ name: String, _ kind: @escaping @Sendable (LayerView) -> String?) -> Self {
        LayerReading.Source(name: name, kind: kind) { _, _ in nil }
    }
}

extension Loader {
    /// What mlx-lm goes by, of its `models` folder.
    static let mlxReadings: [LayerReading] = [
        LayerReading(
            "gemma3_text",
            goesBy: .period("sliding_window_pattern", or: 6, last: "full_attention", others: "sliding_attention"),
            fewest: { $0.int("sliding_window_pattern", 6) }
        ),
        LayerReading(
            "cohere2",
            goesBy: .period("sliding_window_pattern", or: 4, last: "full_attention", others: "sliding_attention"),
            fewest: { $0.int("sliding_window_pattern", 4) }
        ),
        LayerReading(
            "qwen3_next qwen3_5_text qwen3_5_moe_text",
            goesBy: .period("full_attention_interval", or: 4, last: "full_attention", others: "linear_attention"),
            fewest: { $0.int("full_attention_interval", 4) }
        ),
        LayerReading("exaone4", goesBy: letters),
        LayerReading(
            "llama4_text",
            goesBy: .fixed("every fourth layer") { $0.ends(every: 4) ? "full_attention" : "chunked_attention" },
            fewest: { _ in 4 }
        ),
        LayerReading("gpt_oss olmo3 gemma3n_text", needs: ["full_attention", "sliding_attention"]),
        LayerReading("llama mistral ministral3 afmoe laguna mellum", needs: ["full_attention"]),
        LayerReading("lfm2 lfm2_moe", needs: ["full_attention", "conv"]),
        LayerReading("jamba", list: "layers_block_type", needs: ["full_attention", "linear_attention"]),
        LayerReading("granitemoehybrid", words: ["linear_attention": "mamba", "full_attention": "attention"]),
    ]

    /// A text of a letter for each layer, which repeats.
    private static let letters = LayerReading.Source(
        name: "sliding_window_pattern",
        kind: { layer in
            guard let text = layer.value("sliding_window_pattern")?.string, !text.isEmpty, text.utf8.count <= 100_000
            else {
                return layer.isSet("sliding_window_pattern", whenMissing: true) ? nil : "full_attention"
            }
            let letters = Array(text.utf8)
            return letters[layer.i % letters.count] == UInt8(ascii: "L") ? "sliding_attention" : "full_attention"
        },
        value: { kinds, _ in
            guard Set(kinds).isSubset(of: ["full_attention", "sliding_attention"]) else { return nil }
            guard kinds.contains("sliding_attention") else { return .null }
            guard kinds.contains("full_attention") else { return nil }
            let period = (1...kinds.count).first { period in
                kinds.indices.dropFirst(period).allSatisfy { kinds[$0] == kinds[$0 - period] }
            }
            let letters = kinds.prefix(period ?? kinds.count).map { $0 == "sliding_attention" ? "L" : "G" }
            return .string(letters.joined())
        }
    )
}
