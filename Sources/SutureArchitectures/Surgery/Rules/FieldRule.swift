/// How one kind of field follows the layers.
protocol FieldRule: Sendable {
    /// Rewrites a field of the output's config, reports what cannot be said there, and notes what tensors must do.
    func rewrite(_ key: String, in surgery: inout Surgery)
}

/// One entry of the field table: which families have a field, and the rule by which it follows the layers.
struct Field: Sendable {
    /// The families, as `model_type` names them; none where every family may have it.
    let families: [String]

    /// The key in the language model's config, with dots where it is nested.
    let key: String

    /// How it follows the layers.
    let rule: any FieldRule

    init(_ families: String, _ key: String, _ rule: any FieldRule) {
        self.families = families.split(separator: " ").map(String.init)
        self.key = key
        self.rule = rule
    }
}

/// A field that counts or lists layers of another stack than the one whose layers move: it stays.
struct OfAnotherStack: FieldRule {
    func rewrite(_ key: String, in surgery: inout Surgery) { surgery.handled.insert(key) }
}
