import SutureDiagnostics
import SutureJSON

/// One thing that models must agree on, or be known to differ in, before their layers are put together.
struct Setting: Sendable {
    /// How a model's value is worked out where no single key holds it.
    typealias Reading = @Sendable (ConfigDraft.Source) -> JSONValue?

    /// What a value is in its plainest form.
    typealias Plain = @Sendable (JSONValue, ConfigDraft.Source) -> JSONValue

    /// What of a model a setting has a say in.
    struct Scope: OptionSet, Sendable {
        let rawValue: UInt8

        static let attention = Scope(rawValue: 1)
        static let mlp = Scope(rawValue: 2)
        static let embed = Scope(rawValue: 4)
        static let head = Scope(rawValue: 8)
        static let layers: Scope = [.attention, .mlp]
        static let all: Scope = [.attention, .mlp, .embed, .head]
    }

    /// What it is called, in messages and in `output.accept`.
    let name: String

    /// The keys under which families have it, the usual one first.
    let keys: [String]

    /// How bad a difference is.
    let severity: Diagnostic.Severity

    /// Where it has a say.
    let scope: Scope

    /// Whether a difference can be accepted; shapes cannot.
    let canBeAccepted: Bool

    /// What families do where the config says nothing and their classes are not listed, by family; the entry without a
    /// name is for all others.
    let defaults: [String: JSONValue]

    /// How the value is worked out, where it is not that of a key or its default.
    let reading: Reading?

    /// What makes one of several spellings.
    let plain: Plain?

    init(
        _ name: String,
        _ severity: Diagnostic.Severity,
        in scope: Scope,
        also keys: String = "",
        isShape: Bool = false,
        default fallback: JSONValue? = nil,
        of families: [String: JSONValue] = [:],
        reading: Reading? = nil,
        sameAs plain: Plain? = nil
    ) {
        self.name = name
        self.keys = [name] + keys.split(separator: " ").map(String.init)
        self.severity = severity
        self.scope = scope
        canBeAccepted = !isShape
        var defaults = families
        if let fallback { defaults[""] = fallback }
        self.defaults = defaults
        self.reading = reading
        self.plain = plain
    }

    /// The effective value in a model: what its config says, or what its family's class makes of silence.
    func value(in source: ConfigDraft.Source) -> JSONValue? {
        guard let value = reading.map({ $0(source) }) ?? stated(in: source), value != .null else { return nil }
        return plain?(value, source) ?? value
    }

    private func stated(in source: ConfigDraft.Source) -> JSONValue? {
        for key in keys(read: source.families) {
            // A `null` switches off what the class would have.
            if let value = source.scope[key] ?? source.root[key] { return value }
        }
        if let value = ClassDefaults.value(name, of: source.families) { return value }
        return Kinship.classes(of: source.families).lazy.compactMap { defaults[$0] }.first ?? defaults[""]
    }

    /// The keys that a family's class reads: a file may have others beside them that nothing minds.
    private func keys(read families: [String]) -> [String] {
        families.lazy.compactMap { Self.onlyKeys[name]?[$0] }.first.map { [$0] } ?? keys
    }

    private static let onlyKeys: [String: [String: String]] = {
        let families = """
            diffusion_gemma_text embedding_gemma2_text gemma2 gemma3_text gemma3n_text gemma4_text gemma4_unified_text \
            modernbert modernbert-decoder muse_glimmer_text recurrent_gemma t5_gemma_module t5gemma2_decoder \
            t5gemma2_text vaultgemma
            """
        let named = families.split(separator: " ").map { (String($0), "hidden_activation") }
        return ["hidden_act": Dictionary(named) { first, _ in first }]
    }()
}
