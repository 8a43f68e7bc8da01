import SutureCheckpoints

/// How a model turns queries and keys, from whichever keys its config says it in.
///
/// Older files have `rope_theta` and `rope_scaling`, newer ones `rope_parameters`, and families with two kinds
/// of layers one of these for each kind.
struct Rotation {
    /// The base, as shown.
    let theta: JSONValue?

    /// What is done to it for longer texts; `nil` where nothing is.
    let scaling: JSONValue?

    init(_ config: JSONObject, families: [String]) {
        let parameters = config.setting("rope_parameters")?.object
        let isPerKind = parameters.map { !$0.isEmpty && $0.members.allSatisfy { $0.value.object != nil } } ?? false
        if let parameters, isPerKind {
            theta = .object(Self.mapped(parameters) { $0["rope_theta"] })
            let scalings = Self.mapped(parameters) { Self.scaling($0) }
            scaling = scalings.isEmpty ? nil : .object(scalings)
            return
        }
        let stated = ["rope_theta", "rotary_emb_base", "rope_base"].lazy.compactMap { config.setting($0) }.first
        theta = stated ?? parameters?["rope_theta"] ?? Self.fallback(families)
        scaling = (parameters ?? config.setting("rope_scaling")?.object).flatMap(Self.scaling)
    }

    /// An object of scaling without what is said elsewhere or means nothing; `nil` where nothing remains.
    private static func scaling(_ object: JSONObject) -> JSONValue? {
        var rest = object
        rest["rope_theta"] = nil
        rest["partial_rotary_factor"] = nil
        // `type` is the older name of `rope_type`; some files have both.
        let kind = rest["rope_type"] ?? rest["type"]
        rest["type"] = nil
        rest["rope_type"] = kind
        let sorted = rest.members.filter { $0.value != .null }.sorted { $0.key < $1.key }
        if sorted.isEmpty || kind == "default" && sorted.count == 1 { return nil }
        return .object(JSONObject(sorted))
    }

    private static func mapped(_ object: JSONObject, _ transform: (JSONObject) -> JSONValue?) -> JSONObject {
        JSONObject(
            object.members.sorted { $0.key < $1.key }.compactMap { member in
                member.value.object.flatMap(transform).map { JSONObject.Member(member.key, $0) }
            }
        )
    }

    /// What a family's class has where the config says nothing.
    private static func fallback(_ families: [String]) -> JSONValue? {
        if families.contains(where: { absolute.contains($0) }) { return nil }
        let names = families + Kinship.relatives(of: families)
        return names.lazy.compactMap { thetas[$0] }.first ?? 10000.0
    }

    private static let thetas: [String: JSONValue] = [
        "mixtral": 1_000_000.0, "gemma3_text": 1_000_000.0, "gpt_oss": 150_000.0, "lfm2": 1_000_000.0,
        "smollm3": 2_000_000.0, "exaone4": 1_000_000.0,
    ]

    /// Families that learn positions, or have none.
    private static let absolute: Set<String> = [
        "bert", "roberta", "xlm-roberta", "gpt2", "gpt_neo", "opt", "bloom", "mpt", "mamba", "mamba2", "t5", "bart",
        "distilbert", "electra", "camembert", "jamba",
    ]
}
