import SutureDiagnostics
import SutureJSON

/// Whether models can give layers to one output, and what they would change in each other if they did.
package enum Compatibility {
    /// What one model gives to the output.
    package struct Use: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Attention of some layers.
        package static let attention = Use(rawValue: 1)
        /// The MLP of some layers.
        package static let mlp = Use(rawValue: 2)
        /// The embedding.
        package static let embed = Use(rawValue: 4)
        /// The head.
        package static let head = Use(rawValue: 8)
        /// Anything.
        package static let all: Use = [.attention, .mlp, .embed, .head]
    }

    /// The names under which differences and doubts can be accepted, those of the table first.
    package static let acceptableNames: [String] =
        Setting.all.filter(\.canBeAccepted).map(\.name) + Doubt.all.map(\.name)

    /// The names of shapes, which nothing makes acceptable.
    package static let shapeNames: [String] = Setting.all.filter { !$0.canBeAccepted }.map(\.name)

    /// Compares every model with the one whose config is the base.
    ///
    /// Values are the effective ones: what a config leaves out is what the family's class has. A setting counts
    /// only where a model gives what it has a say in.
    ///
    /// - Parameters:
    ///   - sources: The models.
    ///   - base: The donor of the config.
    ///   - uses: What each gives; everything where it is left out.
    /// - Returns: What differs, each with both models and both values.
    package static func compare(_ sources: [ConfigSurgery.Source], base: Int, uses: [Use] = []) -> [Finding] {
        guard sources.indices.contains(base) else { return [] }
        let models = sources.map(ConfigDraft.Source.init)
        var findings: [Finding] = []
        for (i, model) in models.enumerated() where i != base {
            let use = uses.indices.contains(i) ? uses[i] : .all
            guard !use.isEmpty else { continue }
            findings += Comparison(base: models[base], other: model, use: use).findings()
        }
        return findings
    }
}

/// One model beside the one whose config is the base.
struct Comparison {
    let base: ConfigDraft.Source
    let other: ConfigDraft.Source
    let use: Compatibility.Use

    func findings() -> [Finding] {
        families() + vocabulary() + settings() + rotaryKeys() + ggufKeys()
    }

    // MARK: - Families and shapes

    private func families() -> [Finding] {
        guard !base.families.contains(where: other.families.contains) else { return [] }
        let isKin = !Set(Kinship.relatives(of: base.families)).isDisjoint(with: other.families)
        return [
            Finding(
                isKin ? .warning : .error,
                code: "families-differ",
                differ(
                    "model_type",
                    base.families.first.map(JSONValue.string),
                    other.families.first.map(JSONValue.string)
                ),
                fix: isKin ? "they run the same layers" : "use models of one family",
                field: ["model_type"],
                accept: "model_type"
            )
        ]
    }

    /// Embedding and head of different lengths never fit; layers of a model with other tokens do.
    private func vocabulary() -> [Finding] {
        let rows = { (source: ConfigDraft.Source) in
            source.anatomy.facts.embeddingRows ?? source.anatomy.facts.vocab?.value
        }
        guard let mine = rows(base), let theirs = rows(other), mine != theirs else { return [] }
        let givesEnds = !use.isDisjoint(with: [.embed, .head])
        return [
            Finding(
                .warning,
                code: Finding.vocabulariesCode,
                differ("vocab_size", .int(mine), .int(theirs)),
                fix: givesEnds
                    ? "take embedding, head and tokenizer from one model" : "accept it if their tokens mean the same",
                field: ["vocab_size"],
                accept: "vocab_size"
            )
        ]
    }

    // MARK: - What settings mean

    private func settings() -> [Finding] {
        Setting.all.compactMap { setting in
            guard setting.scope.rawValue & use.rawValue != 0 else { return nil }
            let (mine, theirs) = (setting.value(in: base), setting.value(in: other))
            guard !Self.areSame(mine, theirs) else { return nil }
            guard setting.canBeAccepted else {
                return Finding(
                    .error,
                    code: "shape-mismatch",
                    differ(setting.name, mine, theirs),
                    fix: "use models of one size, no layer fits two",
                    field: base.anatomy.scopePath + [setting.name]
                )
            }
            guard setting.name != "quantization_config" else { return packing(mine, theirs) }
            return meaning(setting, mine, theirs)
        }
    }

    /// Keys of GGUF files have one spelling each, so that all that do not follow the layers must be the same.
    private func ggufKeys() -> [Finding] {
        guard GGUFFamily.of(base.families) != nil, GGUFFamily.of(other.families) != nil, !use.isEmpty else { return [] }
        let (mine, theirs) = (Self.leaves(of: base.scope), Self.leaves(of: other.scope))
        let followed = Set(FieldTable.fields(for: base.families).flatMap(\.keys))
        let free: Set<String> = [
            "block_count", "nextn_predict_layers", "vocab_size", "tie_word_embeddings", "model_type",
        ]
        let sized: Set<String> = ["embedding_length", "attention.key_length", "expert_count"]
        return Set(mine.keys).union(theirs.keys).subtracting(followed).subtracting(free).subtracting(sized).sorted()
            .compactMap { key in
                guard !Self.areSame(mine[key], theirs[key]) else { return nil }
                let isNote = key == "context_length"
                return Finding(
                    isNote ? .note : .error,
                    code: Finding.settingsCode,
                    differ(key, mine[key], theirs[key]),
                    fix: isNote ? nil : "the output has that of '\(base.name)'",
                    field: [key],
                    accept: key
                )
            }
    }

    private static func leaves(of object: JSONObject, under prefix: String = "") -> [String: JSONValue] {
        object.members.reduce(into: [:]) { found, member in
            if let inner = member.value.object {
                found.merge(leaves(of: inner, under: prefix + member.key + ".")) { first, _ in first }
            } else if member.value.array == nil {
                found[prefix + member.key] = member.value
            }
        }
    }

    /// Keys of rotation that no rule reads must be the same as they stand.
    private func rotaryKeys() -> [Finding] {
        guard use.contains(.attention) else { return [] }
        let (mine, theirs) = (Rotation.otherKeys(of: base), Rotation.otherKeys(of: other))
        return Set(mine.keys).union(theirs.keys).sorted().compactMap { key in
            guard !Self.areSame(mine[key], theirs[key]) else { return nil }
            return Finding(
                .error,
                code: Finding.settingsCode,
                differ(key, mine[key], theirs[key]),
                fix: "the output's config has that of '\(base.name)'",
                field: base.anatomy.scopePath + [key],
                accept: key
            )
        }
    }

    private func packing(_ mine: JSONValue?, _ theirs: JSONValue?) -> Finding {
        let canBeNumbers = [mine, theirs].allSatisfy { $0.map(QuantizationScheme.isFloat8) ?? true }
        return Finding(
            .error,
            code: "quantization-differs",
            differ("quantization_config", mine ?? "none", theirs ?? "none"),
            fix: "use models that are stored alike"
                + (canBeNumbers ? ", or write 'output: {dtype: bfloat16}', which makes FP8 plain numbers" : ""),
            field: ["quantization_config"],
            accept: "quantization_config"
        )
    }

    private func meaning(_ setting: Setting, _ mine: JSONValue?, _ theirs: JSONValue?) -> Finding {
        Finding(
            setting.severity,
            code: Finding.settingsCode,
            differ(setting.name, mine, theirs),
            fix: setting.severity == .note ? nil : "the output's config has that of '\(base.name)'",
            field: base.anatomy.scopePath + [setting.name],
            accept: setting.name
        )
    }

    private func differ(_ name: String, _ mine: JSONValue?, _ theirs: JSONValue?) -> String {
        let shown = { (value: JSONValue?) -> String in
            guard let value else { return "missing" }
            return value.object == nil ? value.shown : JSONPrinter.print(value)
        }
        return "\(name) is \(shown(mine)) in '\(base.name)' and \(shown(theirs)) in '\(other.name)'"
    }

    /// Values that mean the same: numbers by value, objects member by member.
    static func areSame(_ a: JSONValue?, _ b: JSONValue?) -> Bool {
        guard let a, let b else { return a == nil && b == nil }
        if a == b { return true }
        if let x = a.double, let y = b.double { return x == y }
        if let x = a.array, let y = b.array {
            return x.count == y.count && zip(x, y).allSatisfy { areSame($0, $1) }
        }
        guard let x = a.object, let y = b.object, x.members.count == y.members.count else { return false }
        return x.members.allSatisfy { member in y[member.key].map { areSame(member.value, $0) } ?? false }
    }
}
