import SutureCheckpoints
import SutureDiagnostics

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
        Setting.all.filter(\.canBeAccepted).map(\.name)
        + [
            "model_type", "vocab_size", "tie_word_embeddings", "rope_theta", "rope_scaling", "quantization_config",
            "layer-kind", "layer-number", "first-layer", "drafts", "deepstack", "alignment_heads",
        ]

    /// The names of shapes, which nothing makes acceptable.
    package static let shapeNames: [String] =
        Setting.all.filter { !$0.canBeAccepted }.map(\.name)
        + [
            "hidden_size", "num_attention_heads", "num_key_value_heads", "head_dim", "intermediate_size", "num_experts",
        ]

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
        let models = sources.map(Surgery.Source.init)
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
    let base: Surgery.Source
    let other: Surgery.Source
    let use: Compatibility.Use

    func findings() -> [Finding] {
        families() + shapes() + rotation() + settings() + rest()
    }

    // MARK: - Families and shapes

    private func families() -> [Finding] {
        guard !base.families.contains(where: other.families.contains) else { return [] }
        let isKin = Self.kin.contains { group in
            base.families.contains(where: group.contains) && other.families.contains(where: group.contains)
        }
        return [
            Finding(
                isKin ? .warning : .error,
                code: "families-differ",
                differ("model_type", base.families.first ?? "missing", other.families.first ?? "missing"),
                fix: isKin ? "accept it: they run the same layers" : "use models of one family",
                field: ["model_type"],
                accept: "model_type"
            )
        ]
    }

    /// Families whose layers are built and run alike.
    private static let kin: [Set<String>] = [
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

    private func shapes() -> [Finding] {
        let (mine, theirs) = (base.anatomy.facts, other.anatomy.facts)
        var found: [Finding] = []
        func compare(_ name: String, _ a: ModelFacts.Fact<Int>?, _ b: ModelFacts.Fact<Int>?) {
            guard a?.value != b?.value else { return }
            found.append(shape(name, a?.value, b?.value, path: b?.path ?? a?.path ?? []))
        }
        compare("hidden_size", mine.hidden, theirs.hidden)
        if use.contains(.attention) {
            compare("num_attention_heads", mine.heads, theirs.heads)
            compare("num_key_value_heads", mine.kvHeads, theirs.kvHeads)
            compare("head_dim", mine.headDim, theirs.headDim)
        }
        if use.contains(.mlp) {
            compare("intermediate_size", mine.mlp, theirs.mlp)
            compare("num_experts", mine.experts, theirs.experts)
        }
        return found + vocabulary()
    }

    private func shape(_ name: String, _ a: Int?, _ b: Int?, path: [String]) -> Finding {
        let shown = { (value: Int?) in value.map(String.init) ?? "missing" }
        return Finding(
            .error,
            code: "shape-mismatch",
            differ(name, shown(a), shown(b)),
            fix: "use models of one size, no layer fits two",
            field: path
        )
    }

    /// Embedding and head of different lengths never fit; layers of a model with other tokens do.
    private func vocabulary() -> [Finding] {
        let rows = { (source: Surgery.Source) in source.anatomy.facts.embeddingRows ?? source.anatomy.facts.vocab?.value
        }
        guard let mine = rows(base), let theirs = rows(other), mine != theirs else { return [] }
        let givesEnds = !use.isDisjoint(with: [.embed, .head])
        return [
            Finding(
                .warning,
                code: "vocabularies-differ",
                differ("vocab_size", "\(mine)", "\(theirs)"),
                fix: givesEnds
                    ? "take embedding, head and tokenizer from one model" : "accept it if their tokens mean the same",
                field: ["vocab_size"],
                accept: "vocab_size"
            )
        ]
    }

    // MARK: - What settings mean

    private func rotation() -> [Finding] {
        guard use.contains(.attention) else { return [] }
        let (mine, theirs) = (
            Rotation(base.scope, families: base.families), Rotation(other.scope, families: other.families)
        )
        var found: [Finding] = []
        if !Self.areSame(mine.theta, theirs.theta) {
            found.append(meaning("rope_theta", .error, mine.theta, theirs.theta))
        }
        if !Self.areSame(mine.scaling, theirs.scaling) {
            found.append(meaning("rope_scaling", .error, mine.scaling, theirs.scaling))
        }
        return found
    }

    private func settings() -> [Finding] {
        Setting.all.compactMap { setting in
            guard setting.scope.rawValue & use.rawValue != 0 else { return nil }
            let (mine, theirs) = (value(of: setting, in: base), value(of: setting, in: other))
            guard !Self.areSame(mine, theirs) else { return nil }
            guard setting.canBeAccepted else {
                return Finding(
                    .error,
                    code: "shape-mismatch",
                    differ(setting.name, mine?.shown ?? "missing", theirs?.shown ?? "missing"),
                    fix: "use models of one size, no layer fits two",
                    field: base.anatomy.scopePath + [setting.name]
                )
            }
            return meaning(setting.name, setting.severity, mine, theirs)
        }
    }

    /// Tying and quantization, which are the whole model's.
    private func rest() -> [Finding] {
        var found: [Finding] = []
        let (mine, theirs) = (base.anatomy.facts.isTied.value, other.anatomy.facts.isTied.value)
        if mine != theirs, !use.isDisjoint(with: [.embed, .head]) {
            found.append(meaning("tie_word_embeddings", .warning, .bool(mine), .bool(theirs)))
        }
        if let finding = quantization() { found.append(finding) }
        return found
    }

    private func quantization() -> Finding? {
        let key = "quantization_config"
        let scheme = { (source: Surgery.Source) -> JSONObject? in
            (QuantizationScheme(of: source.root) ?? QuantizationScheme(of: source.scope))?.settings
        }
        let (mine, theirs) = (scheme(base), scheme(other))
        guard !Self.areSame(mine.map(JSONValue.object), theirs.map(JSONValue.object)) else { return nil }
        let shown = { (scheme: JSONObject?) in scheme.map { JSONPrinter.print(.object($0)) } ?? "none" }
        return Finding(
            .error,
            code: "quantization-differs",
            differ(key, shown(mine), shown(theirs)),
            fix: "use models that are stored alike",
            field: [key],
            accept: key
        )
    }

    private func value(of setting: Setting, in source: Surgery.Source) -> JSONValue? {
        if setting.name == "sliding_window", !slides(source) { return nil }
        for key in setting.keys {
            // A `null` switches off what the class would have.
            if let value = source.scope[key] ?? source.root[key] { return value == .null ? nil : value }
        }
        return source.families.lazy.compactMap { setting.defaults[$0] }.first ?? setting.defaults[""]
    }

    /// Whether a window is switched on: Qwen has a switch, which is off unless a config says otherwise.
    private func slides(_ source: Surgery.Source) -> Bool {
        source.scope["use_sliding_window"]?.bool ?? !source.families.contains { $0.hasPrefix("qwen") }
    }

    private func meaning(
        _ name: String,
        _ severity: Diagnostic.Severity,
        _ mine: JSONValue?,
        _ theirs: JSONValue?
    ) -> Finding {
        Finding(
            severity,
            code: "settings-differ",
            differ(name, mine.map(shown) ?? "missing", theirs.map(shown) ?? "missing"),
            fix: severity == .note ? nil : "if it is meant, say output.accept: [\(name)]",
            field: base.anatomy.scopePath + [name],
            accept: name
        )
    }

    private func shown(_ value: JSONValue) -> String {
        value.object == nil ? value.shown : JSONPrinter.print(value)
    }

    private func differ(_ name: String, _ mine: String, _ theirs: String) -> String {
        "\(name) is \(mine) in '\(base.name)' and \(theirs) in '\(other.name)'"
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
