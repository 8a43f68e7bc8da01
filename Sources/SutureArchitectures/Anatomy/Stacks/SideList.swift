/// A list that a family numbers like its layers and keeps beside the list of the layers themselves.
///
/// HRM has two stacks that run in turns, π₀ an expert that attends together with the language model layer by layer,
/// Inkling 2 queries between its layers. What bears a layer's number there is a part of that layer, and moves with it:
/// its suffix begins with a `^` for each step up from the list of layers, and has `{}` where the number stands.
struct SideList: Sendable {
    /// The list of the layers, below what holds both.
    let layers: [Substring]

    /// The list beside it.
    let beside: [Substring]

    /// What a layer's number is greater by than that of its entry.
    let lag: Int

    init(_ layers: String, beside: String, lag: Int = 0) {
        self.layers = layers.split(separator: ".")
        self.beside = beside.split(separator: ".")
        self.lag = lag
    }

    /// Parts the name of a tensor in this list, as one of the layer that it belongs to; `nil` for all other names.
    func layeredName(_ name: String) -> LayeredName? {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        let ends = parts.indices.dropFirst(beside.count)
        guard let end = ends.first(where: { parts[($0 - beside.count)..<$0].elementsEqual(beside) }),
            let number = LayeredName.number(parts[end].utf8)
        else { return nil }
        let mark = lag == 0 ? "{}" : "{-\(lag)}"
        let inside = beside + [Substring(mark)] + parts[(end + 1)...]
        return LayeredName(
            prefix: (parts[..<(end - beside.count)] + layers).joined(separator: "."),
            layer: number + lag,
            suffix: String(repeating: "^", count: layers.count) + inside.joined(separator: ".")
        )
    }

    /// The name of a tensor in a list beside the layers; `nil` where the suffix is of the layer itself.
    static func name(prefix: String, layer: Int, suffix: String) -> String? {
        let steps = suffix.prefix { $0 == "^" }.count
        guard steps > 0 else { return nil }
        let parts = suffix.dropFirst(steps).split(separator: ".", omittingEmptySubsequences: false).map { part in
            guard part.hasPrefix("{"), part.hasSuffix("}") else { return String(part) }
            return String(layer + (Int(part.dropFirst().dropLast()) ?? 0))
        }
        return (prefix.split(separator: ".").dropLast(steps).map(String.init) + parts).joined(separator: ".")
    }

    /// The list that a suffix lies in, as its name begins, and what follows the number there: a tensor inside a whole
    /// layer, or nothing where an entry is one tensor.
    static func parted(_ suffix: String) -> (list: String, inside: String) {
        guard suffix.hasPrefix("^"), let mark = suffix.utf8.firstIndex(of: UInt8(ascii: "}")) else {
            return ("", suffix)
        }
        let after = suffix.utf8.index(after: mark)
        return (String(suffix[..<after]), String(suffix[after...].drop { $0 == "." }))
    }
}

extension FamilyTable {
    /// The lists beside the layers of a family.
    static func sideLists(_ modelType: String) -> [SideList] { lists[modelType] ?? [] }

    private static let lists: [String: [SideList]] = [
        "hrm_text": [SideList("L_module.layers", beside: "H_module.layers")],
        "pi0": [SideList("vlm.language_model.layers", beside: "dit.layers")],
        "inkling2": queries, "inkling2_text": queries, "inkling2_loop": queries, "inkling2_loop_text": queries,
    ]

    /// The first layer has no query before attention, so that the others' are numbered one less.
    private static let queries = [
        SideList("layers", beside: "attn_res.attn_queries", lag: 1),
        SideList("layers", beside: "attn_res.mlp_queries"),
    ]
}
