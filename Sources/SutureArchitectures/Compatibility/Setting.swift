import SutureCheckpoints
import SutureDiagnostics

/// One thing that models must agree on, or be known to differ in, before their layers are put together.
struct Setting: Sendable {
    /// How a model's value is worked out where no single key holds it.
    typealias Reading = @Sendable (Surgery.Source) -> JSONValue?

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

    /// What families do where the config says nothing, by family; the entry without a name is for all others.
    let defaults: [String: JSONValue]

    /// How the value is worked out, where it is not that of a key or its default.
    let reading: Reading?

    init(
        _ name: String,
        _ severity: Diagnostic.Severity,
        in scope: Scope,
        also keys: String = "",
        isShape: Bool = false,
        default fallback: JSONValue? = nil,
        of families: [String: JSONValue] = [:],
        reading: Reading? = nil
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
    }

    /// The effective value in a model: what its config says, or what its family's class makes of silence.
    func value(in source: Surgery.Source) -> JSONValue? {
        if let reading { return reading(source) }
        for key in keys {
            // A `null` switches off what the class would have.
            if let value = source.scope[key] ?? source.root[key] { return value == .null ? nil : value }
        }
        let names = source.families + Kinship.relatives(of: source.families)
        return names.lazy.compactMap { defaults[$0] }.first ?? defaults[""]
    }
}
