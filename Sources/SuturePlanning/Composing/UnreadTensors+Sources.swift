import SutureCheckpoints
import SutureArchitectures
import SutureDiagnostics
import SutureTensors

extension [ResolvedSource] {
    /// Leaves out keys and values that no layer reads, where not every model stores them.
    ///
    /// What all models store is carried along, as whatever else they have.
    ///
    /// - Returns: What was left out.
    mutating func dropUnread() -> [Diagnostic] {
        let tables = map { UnreadTensors.suffixes(in: ($0.config, $0.anatomy, $0.name)) }
        let sharing = indices.filter { !tables[$0].isEmpty }
        let forms = Set(sharing.map { Set(tables[$0].values.map(\.isEmpty)) })
        let names = Set(sharing.map { tables[$0].values.reduce(into: Set<String>()) { $0.formUnion($1) } })
        guard forms.count > 1 || names.count > 1 else { return [] }
        let lacking = sharing.first { tables[$0].values.contains(where: \.isEmpty) } ?? sharing[0]
        return sharing.compactMap { index in
            let dropped = self[index].drop { tables[index][$0]?.contains($1.suffix) ?? false }
            return dropped.isEmpty ? nil : .unreadDropped(self[index].name, dropped, lacking: self[lacking].name)
        }
    }
}

extension [ResolvedSource] {
    /// Leaves out what a quantizer left beside weights that are plain again, where not every model has it.
    ///
    /// - Returns: What was left out.
    mutating func dropLeftovers() -> [Diagnostic] {
        let tables = map { Quantization.leftovers(of: $0.checkpoint.config, $0.checkpoint.tensors.map(\.spec)) }
        guard Set(tables).count > 1 else { return [] }
        return indices.compactMap { index in
            let names = tables[index]
            guard !names.isEmpty else { return nil }
            let dropped = self[index].drop { _, slot in names.contains(slot.spec.name) }
            return dropped.isEmpty ? nil : .leftoversDropped(self[index].name, dropped)
        }
    }
}

extension ResolvedSource {
    /// Takes tensors out of layers.
    ///
    /// - Returns: Which they were.
    fileprivate mutating func drop(where isMeant: (Int, Strip.Slot) -> Bool) -> [Strip.Slot] {
        var dropped: [Strip.Slot] = []
        for layer in strip.layers.indices {
            dropped += strip.layers[layer].slots.filter { isMeant(layer, $0) }
            strip.layers[layer].slots.removeAll { isMeant(layer, $0) }
        }
        unread.formUnion(dropped.map(\.spec.name))
        return dropped
    }
}

extension Diagnostic {
    /// A quantizer's leftovers beside plain weights.
    fileprivate static func leftoversDropped(_ name: String, _ slots: [Strip.Slot]) -> Diagnostic {
        Diagnostic(
            .note,
            code: "unread-dropped",
            "\(slots.count) tensors of '\(name)' such as '\(slots[0].spec.name)' are left out: a quantizer wrote them, "
                + "and none of its weights is packed any more",
            at: nil as SourceRange?
        )
    }

    /// Keys and values of layers that read those of others are left out.
    fileprivate static func unreadDropped(_ name: String, _ slots: [Strip.Slot], lacking other: String) -> Diagnostic {
        let bytes = slots.reduce(0) { $0 + $1.spec.byteCount }
        let isOther = other != name
        return Diagnostic(
            .note,
            code: "unread-dropped",
            "\(slots.count) tensors of '\(name)' such as '\(slots[0].spec.name)' (\(ByteSize.format(bytes))) are left out: "
                + "their layers read the keys and values of an earlier one"
                + (isOther ? ", and '\(other)' does not store any for them" : ", and not all of them store their own"),
            at: nil as SourceRange?
        )
    }
}
