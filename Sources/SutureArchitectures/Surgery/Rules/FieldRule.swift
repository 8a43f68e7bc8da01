/// How one kind of field follows the layers.
protocol FieldRule: Sendable {
    /// Rewrites a field of the output's config, reports what cannot be said there, and notes what tensors must do.
    func rewrite(_ key: String, in surgery: inout ConfigDraft)

    /// Other keys that the rule settles together with its own.
    var alongside: [String] { get }
}

extension FieldRule {
    var alongside: [String] { [] }
}

/// One entry of the field table: which families have a field, and the rule by which it follows the layers.
struct Field: Sendable {
    /// The families, as `model_type` names them; none where every family may have it.
    let families: [String]

    /// The key in the language model's config, with dots where it is nested.
    let key: String

    /// How it follows the layers.
    let rule: any FieldRule

    /// All keys that it settles.
    var keys: [String] { ([key] + rule.alongside).filter { !$0.isEmpty } }

    init(_ families: String, _ key: String, _ rule: any FieldRule) {
        self.families = families.split(separator: " ").map(String.init)
        self.key = key
        self.rule = rule
    }
}

/// A field that looks as if it followed the layers and does not: it stays as it is.
struct Stays: FieldRule {
    /// Why.
    let reason: String

    init(_ reason: String) { self.reason = reason }

    func rewrite(_ key: String, in surgery: inout ConfigDraft) {}
}
