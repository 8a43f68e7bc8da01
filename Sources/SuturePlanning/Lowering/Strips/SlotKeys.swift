import SutureArchitectures

/// By what tensors of several strips are held to be the same one.
///
/// In layers that is what follows the layer number in their names. Ends bring whole names, which may begin
/// differently (`model.norm.weight`, `model.language_model.norm.weight`): there it is the part that a tensor plays,
/// unless one of the strips has several that play it.
struct SlotKeys {
    /// What tensors have in common that are the same.
    enum Key: Hashable {
        case suffix(String)
        case part(Role, Role.Leaf)
    }

    /// The parts that tell tensors apart; `nil` where none does.
    private let telling: Set<Key>?

    /// Keys of tensors in layers.
    static let ofLayers = SlotKeys(telling: nil)

    /// Keys of tensors in ends: a list for each strip.
    static func ofEnds(_ lists: [[Strip.Slot]]) -> SlotKeys {
        var counts: [Key: Int] = [:]
        for list in lists {
            let parts = Dictionary(grouping: list, by: Self.part)
            for (part, slots) in parts { counts[part] = max(counts[part] ?? 0, slots.count) }
        }
        return SlotKeys(telling: Set(counts.filter { $0.value == 1 }.keys))
    }

    private init(telling: Set<Key>?) {
        self.telling = telling
    }

    /// By what a tensor is known.
    subscript(_ slot: Strip.Slot) -> Key {
        let part = Self.part(slot)
        return telling?.contains(part) ?? false ? part : .suffix(slot.suffix)
    }

    private static func part(_ slot: Strip.Slot) -> Key { .part(slot.role, Role.leaf(of: slot.suffix)) }
}
