/// Every field of every known family whose meaning depends on the number of a layer or on how many there are.
///
/// One entry a field; a new family is a new entry. The facts are those of transformers 5 and of the
/// families that bring their own code. Order matters where one field's default reads another.
enum FieldTable {
    /// All entries.
    static let all: [Field] = positions + attentionKinds + hybridKinds + mlpKinds + otherLists + references + depth

    /// The entries of a model, by the names under which its family may be known.
    static func fields(for families: [String]) -> [Field] {
        if let family = GGUFFamily.of(families) { return family.fields }
        return all.filter { field in field.families.isEmpty || field.families.contains { families.contains($0) } }
    }

    /// The rule of one field of a model, if its family has it.
    static func rule(_ key: String, for families: [String]) -> (any FieldRule)? {
        all.first { $0.key == key && $0.families.contains { families.contains($0) } }?.rule
    }

    /// Whether the table was made with a family in view, so that it has no field but those listed.
    static func isKnown(_ families: [String]) -> Bool {
        GGUFFamily.of(families) != nil || families.contains { known.contains($0) }
    }

    private static let known: Set<String> = knownFamilies.union(all.flatMap(\.families))
}
