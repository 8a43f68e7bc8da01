import SutureJSON

/// Says what is in force in further keys, so that programs which read only one form of them compute the same.
struct RotarySpelling {
    /// A config's own.
    let config: JSONObject

    /// Its family, by the names under which it may be known.
    let families: [String]

    /// What is in force.
    let rotation: Rotation

    private let family: RotaryClass

    init(_ config: JSONObject, families: [String]) {
        self.config = config
        self.families = families
        rotation = Rotation(config, families: families)
        family = RotaryClass(of: families)
    }

    /// Two keys that say different things of one base or one scaling, and which of them counts.
    var contradiction: (key: String, value: JSONValue, other: String, inForce: JSONValue)? {
        guard !rotation.isLiteral else { return nil }
        let parameters = config.setting("rope_parameters")?.object.flatMap { $0.isEmpty ? nil : $0 }
        guard let parameters else { return nil }
        if let scaling = config.setting("rope_scaling")?.object, !scaling.isEmpty, case .shared = family.form {
            let without = Rotation(Self.removing(["rope_scaling"], from: config), families: families)
            guard !without.isSame(as: rotation) else { return nil }
            return ("rope_parameters", .object(parameters), "rope_scaling", .object(scaling))
        }
        for (key, inForce) in bases {
            guard let stated = config.setting(key), let inForce, stated.double != inForce.double else { continue }
            return (key, stated, "rope_parameters", inForce)
        }
        return nil
    }

    /// The older keys of bases, with what is in force.
    private var bases: [(key: String, inForce: JSONValue?)] {
        guard case .perKind(let kinds) = family.form else { return [(family.thetaKey, rotation.raw["rope_theta"])] }
        return kinds.compactMap { kind in
            kind.thetaKey.map { ($0, rotation.raw[kind.name]?.object?["rope_theta"]) }
        }
    }

    /// The config with every form that it has, or a program reads, saying what is in force.
    ///
    /// - Parameter reader: What a program reads; `nil` where none is to be served.
    /// - Returns: The config as it is where all is well, or `nil` where the form that is read cannot say it.
    func spelledOut(for reader: LoaderRotation?) -> JSONObject? {
        guard !rotation.isLiteral, rotation.theta != nil else { return config }
        var result = config
        if mustSayNewer(result, reader) { result["rope_parameters"] = .object(newer) }
        if mustSayOlder(result, reader) {
            guard let older else { return reader?.form == .older ? nil : config }
            for (key, value) in older { result[key] = value }
            if mustSayNewer(result, reader) { result["rope_parameters"] = .object(newer) }
        }
        for (key, inForce) in bases where result.setting(key) != nil && result[key]?.double != inForce?.double {
            result[key] = inForce
        }
        if let reader, reader.form == .older {
            if reader.needsScaling, result["rope_scaling"] == nil { result["rope_scaling"] = .null }
            // All of a head is turned where nothing says otherwise; there it must be said.
            if reader.partial == nil, result.setting(family.partialKey) == nil { result[family.partialKey] = 1.0 }
        }
        return Rotation(result, families: families).isSame(as: rotation) ? result : nil
    }

    // MARK: - What must be said

    private func mustSayNewer(_ config: JSONObject, _ reader: LoaderRotation?) -> Bool {
        let isThere = config.setting("rope_parameters")?.object.map { !$0.isEmpty } ?? false
        guard isThere || reader?.form == .newer else { return false }
        return !isThere
            || !Rotation(Self.removing(family.olderKeys, from: config), families: families).isSame(as: rotation)
    }

    private func mustSayOlder(_ config: JSONObject, _ reader: LoaderRotation?) -> Bool {
        let isThere =
            config.setting("rope_parameters") != nil && family.olderKeys.contains { config.setting($0) != nil }
        guard isThere || reader?.form == .older else { return false }
        return !readsOlder(config, reader)
    }

    /// Whether the older keys alone say what is in force to a program with these defaults.
    private func readsOlder(_ config: JSONObject, _ reader: LoaderRotation?) -> Bool {
        var read = config
        read["rope_parameters"] = nil
        if let reader {
            if reader.theta == nil, bases.contains(where: { read.setting($0.key) == nil }) { return false }
            guard let theta = read.setting(family.thetaKey) ?? reader.theta.map(JSONValue.double) else { return false }
            let partial = read.setting(family.partialKey) ?? .double(reader.partial ?? 1)
            read[family.thetaKey] = theta
            read[family.partialKey] = partial
        }
        return Rotation(read, families: families).isSame(as: rotation)
    }

    // MARK: - Saying it

    private var newer: JSONObject {
        guard rotation.raw.members.contains(where: { $0.value.object != nil }) else {
            return Self.complete(rotation.raw, rotation.kinds[""])
        }
        return JSONObject(
            rotation.raw.members.map { member in
                guard let object = member.value.object else { return member }
                let plain = rotation.kinds[member.key] ?? rotation.kinds[""]
                return JSONObject.Member(member.key, .object(Self.complete(object, plain)))
            }
        )
    }

    /// The older keys; `nil` where they cannot say it.
    private var older: [(String, JSONValue?)]? {
        if case .perKind(let kinds) = family.form {
            var keys: [(String, JSONValue?)] = []
            for kind in kinds {
                guard let object = rotation.raw[kind.name]?.object else { return nil }
                if let key = kind.thetaKey { keys.append((key, object["rope_theta"])) }
                guard kind.isScaled, kind.name == "full_attention" else { continue }
                keys += Self.scaling(object, rotation.kinds[kind.name] ?? rotation.kinds[""])
            }
            return keys
        }
        let object = rotation.raw
        guard case .shared = family.form, let plain = rotation.kinds[""], plain["rope_theta"] != nil,
            !object.members.contains(where: { $0.value.object != nil })
        else { return nil }
        var keys: [(String, JSONValue?)] = [(family.thetaKey, object["rope_theta"])]
        keys += Self.scaling(object, plain)
        if let partial = object["partial_rotary_factor"] { keys.append((family.partialKey, partial)) }
        return keys
    }

    /// `rope_scaling` where there is any, under both names of its kind.
    private static func scaling(_ object: JSONObject, _ plain: JSONObject?) -> [(String, JSONValue?)] {
        var object = complete(object, plain)
        object["rope_theta"] = nil
        object["partial_rotary_factor"] = nil
        guard
            object["rope_type"] != "default"
                || object.members.contains(where: { !["rope_type", "type"].contains($0.key) })
        else { return [] }
        object["type"] = object["rope_type"]
        return [("rope_scaling", .object(object))]
    }

    /// An object with its kind by its newer name and the length that it was trained for.
    private static func complete(_ object: JSONObject, _ plain: JSONObject?) -> JSONObject {
        var result = object
        result["rope_type"] = plain?["rope_type"] ?? object["rope_type"] ?? object["type"] ?? "default"
        if let original = plain?["original_max_position_embeddings"] {
            result["original_max_position_embeddings"] = original
        }
        return result
    }

    private static func removing(_ keys: some Sequence<String>, from config: JSONObject) -> JSONObject {
        var rest = config
        for key in keys { rest[key] = nil }
        return rest
    }
}

extension Rotation {
    /// Whether two configs are turned alike.
    func isSame(as other: Rotation) -> Bool {
        isLiteral == other.isLiteral && kinds.count == other.kinds.count
            && kinds.allSatisfy { kind, object in
                other.kinds[kind].map { Comparison.areSame(.object(object), .object($0)) } ?? false
            }
    }
}
