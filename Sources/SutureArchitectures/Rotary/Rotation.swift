import SutureJSON

/// How a model turns queries and keys: what is in force, from whichever keys its config says it in.
///
/// Older files have `rope_theta` and `rope_scaling` beside each other, newer ones `rope_parameters`, and families with
/// several kinds of layers one of these for each kind. Where a file has both forms, that counts which transformers 5.24
/// lets count: `rope_scaling` replaces `rope_parameters` as a whole, and keys beside them fill in only what is missing.
struct Rotation {
    /// The object that transformers makes of the config, before anything is taken for the same.
    let raw: JSONObject

    /// The object for each kind of layer, in its plainest form; one without a name where all layers are alike.
    let kinds: [String: JSONObject]

    /// Whether the family's class works it out by rules that are not known here.
    let isLiteral: Bool

    init(_ config: JSONObject, families: [String]) {
        let family = RotaryClass(of: families)
        if case .own = family.form {
            raw = JSONObject(config.members.filter { Self.isRotary($0.key) && $0.value != .null })
            kinds = ["": raw]
            isLiteral = true
            return
        }
        isLiteral = false
        raw = Self.inForce(config, family)
        let nested = raw.members.filter { $0.value.object != nil }
        guard !nested.isEmpty else {
            kinds = ["": Self.plain(raw, in: config, family, isNested: false)]
            return
        }
        let objects = nested.map { ($0.key, Self.plain($0.value.object ?? [:], in: config, family, isNested: true)) }
        // Kinds that are turned alike are as good as none.
        let isUniform = nested.count == raw.members.count
        if isUniform, let first = objects.first?.1,
            objects.allSatisfy({ Comparison.areSame(.object($0.1), .object(first)) })
        {
            kinds = ["": first]
        } else {
            kinds = Dictionary(objects) { first, _ in first }
        }
    }

    /// Whether a key speaks of rotation.
    private static func isRotary(_ key: String) -> Bool { key.contains("rope") || key.contains("rotary") }

    /// Settings of rotation that no rule reads, by key, with what the class has where the config says nothing.
    static func otherKeys(of source: ConfigDraft.Source) -> [String: JSONValue] {
        let family = RotaryClass(of: source.families)
        if case .own = family.form { return [:] }
        let known = family.olderKeys.union(usualKeys)
        var others = ClassDefaults.rotaryKeys(of: source.families)
        for member in source.scope.members where isRotary(member.key) && !known.contains(member.key) {
            // A list is of layers, and follows them.
            guard member.value.array == nil else { continue }
            others[member.key] = member.value == .null ? nil : member.value
        }
        return others
    }

    /// Keys that are read above, of another family's class, a shape, or of layers by number.
    private static let usualKeys: Set<String> = [
        "rope_theta", "rope_parameters", "partial_rotary_factor", "qk_rope_head_dim", "no_rope_layer_interval",
    ]

    // MARK: - What transformers makes of it

    private static func inForce(_ config: JSONObject, _ family: RotaryClass) -> JSONObject {
        let scaling = config.setting("rope_scaling")?.object.flatMap { $0.isEmpty ? nil : $0 }
        let parameters = config.setting("rope_parameters")?.object
        switch family.form {
        case .own:
            return JSONObject()
        case .asWritten:
            return filled(scaling ?? parameters ?? family.whole ?? JSONObject(), from: config)
        case .perKind(let known):
            var result = parameters ?? JSONObject()
            for kind in known {
                var object = result.setting(kind.name)?.object ?? ["rope_type": "default"]
                if kind.isScaled, let scaling { for member in scaling.members { object[member.key] = member.value } }
                if object["rope_theta"] == nil {
                    object["rope_theta"] = kind.thetaKey.flatMap { config.setting($0) } ?? .double(kind.theta)
                }
                result[kind.name] = .object(object)
            }
            return filled(JSONObject(result.members.filter { $0.value.object != nil }), from: config)
        case .shared:
            let partial = config.setting(family.partialKey) ?? share(config, family)
            return filled(
                scaling ?? parameters ?? family.whole ?? JSONObject(),
                theta: config.setting(family.thetaKey) ?? family.theta.map(JSONValue.double),
                partial: partial ?? family.partial.map(JSONValue.double)
            )
        }
    }

    private static func filled(_ object: JSONObject, from config: JSONObject) -> JSONObject {
        filled(object, theta: config.setting("rope_theta"), partial: config.setting("partial_rotary_factor"))
    }

    /// An object, or each that it has for a kind of layer, with what it lacks.
    private static func filled(_ object: JSONObject, theta: JSONValue?, partial: JSONValue?) -> JSONObject {
        func fill(_ object: JSONObject) -> JSONObject {
            var object = object
            if object["rope_theta"] == nil, let theta { object["rope_theta"] = theta }
            if object["partial_rotary_factor"] == nil, let partial { object["partial_rotary_factor"] = partial }
            return object
        }
        guard object.members.contains(where: { $0.value.object != nil }) else { return fill(object) }
        return JSONObject(
            object.members.map { member in
                JSONObject.Member(member.key, member.value.object.map { .object(fill($0)) } ?? member.value)
            }
        )
    }

    /// The part of a head that is turned, where the config has it as a number of features.
    private static func share(_ config: JSONObject, _ family: RotaryClass) -> JSONValue? {
        guard let key = family.widthKey, let width = config.setting(key)?.double,
            let head = config.setting("head_dim")?.double, head > 0
        else { return nil }
        return .double(width / head)
    }

    // MARK: - What comes to the same

    /// An object without what means nothing, and with what it leaves to the class.
    private static func plain(
        _ object: JSONObject,
        in config: JSONObject,
        _ family: RotaryClass,
        isNested: Bool
    ) -> JSONObject {
        var rest = JSONObject(object.members.filter { $0.value != .null })
        // `type` is the older name of `rope_type`; some files have both.
        let word = rest["rope_type"]?.string ?? rest["type"]?.string ?? "default"
        var kind = family.renamed[word] ?? word
        rest["type"] = nil
        if unscaling.contains(kind), rest["factor"]?.double == 1, rest["attention_factor"] == nil { kind = "default" }
        if kind == "default" { for key in scalingKeys { rest[key] = nil } }
        let longest = config.setting("max_position_embeddings")
        if ["llama3", "yarn", "longrope"].contains(kind) {
            let own =
                config.setting("original_max_position_embeddings") ?? family.originalLength.map { JSONValue.int($0) }
            let beside = isNested ? nil : own
            rest["original_max_position_embeddings"] = beside ?? rest["original_max_position_embeddings"] ?? longest
        } else {
            rest["original_max_position_embeddings"] = nil
        }
        switch kind {
        case "yarn":
            for (key, value) in yarn where rest[key] == nil { rest[key] = value }
        case "dynamic":
            // The base grows from there on.
            rest["max_position_embeddings"] = longest
        case "longrope":
            if rest["factor"] == nil, let longest = longest?.double,
                let original = rest["original_max_position_embeddings"]?.double, original > 0
            {
                rest["factor"] = .double(longest / original)
            }
        default: break
        }
        if rest["partial_rotary_factor"]?.double == 1 { rest["partial_rotary_factor"] = nil }
        rest["rope_type"] = .string(kind)
        return JSONObject(rest.members.sorted { $0.key < $1.key })
    }

    private static let yarn: [(String, JSONValue)] = [("beta_fast", 32.0), ("beta_slow", 1.0), ("truncate", true)]

    /// Kinds that do nothing by a factor of 1.
    private static let unscaling: Set<String> = ["linear", "yarn", "llama3"]

    /// Keys that count only where there is scaling.
    private static let scalingKeys = [
        "factor", "attention_factor", "beta_fast", "beta_slow", "short_factor", "long_factor", "low_freq_factor",
        "high_freq_factor", "mscale", "mscale_all_dim", "truncate", "original_max_position_embeddings",
    ]
}

extension Rotation {
    /// The base; for each kind of layer where they differ.
    var theta: JSONValue? { isLiteral ? nil : value { $0["rope_theta"] } }

    /// The part of a head that is turned; `nil` for all of it.
    var partial: JSONValue? { isLiteral ? nil : value { $0["partial_rotary_factor"] } }

    /// What is done to the base for longer texts; `nil` where nothing is.
    var scaling: JSONValue? {
        if isLiteral { return raw.isEmpty ? nil : .object(raw) }
        return value { object in
            var rest = object
            rest["rope_theta"] = nil
            rest["partial_rotary_factor"] = nil
            return rest.members.count == 1 && rest["rope_type"] == "default" ? nil : .object(rest)
        }
    }

    private func value(_ read: (JSONObject) -> JSONValue?) -> JSONValue? {
        if let all = kinds[""] { return read(all) }
        let members = kinds.sorted { $0.key < $1.key }.compactMap { kind, object in
            read(object).map { JSONObject.Member(kind, $0) }
        }
        return members.isEmpty ? nil : .object(JSONObject(members))
    }
}
