import SutureJSON
import SutureDiagnostics

/// Stops where layers of a family that nobody has looked into cannot be moved on their own, as its tensors show.
///
/// Of a known family it is known what follows the layers; what looks like it in another is told, not guessed at.
struct UnknownStructure {
    func check(in surgery: inout ConfigDraft) {
        let donor = surgery.sources[surgery.donor]
        guard !donor.isKnown, !surgery.keepsNumbers || surgery.depth != donor.depth else { return }
        checkFollowers(of: donor, in: &surgery)
        for index in surgery.used where !surgery.sources[index].isKnown { checkLone(in: index, of: &surgery) }
    }

    /// What is numbered like the layers outside them.
    private func checkFollowers(of donor: ConfigDraft.Source, in surgery: inout ConfigDraft) {
        let followers = donor.anatomy.followers
        guard let first = followers.first else { return }
        let more = followers.count > 1 ? " and \(followers.count - 1) more" : ""
        let family = donor.anatomy.modelType
        surgery.report(
            .error,
            "numbers-outside-layers",
            "\(first.name)\(more) has \(first.count) entries beside the \(donor.depth) layers of '\(donor.name)', and nothing says whether they follow the layers\(family.isEmpty ? "" : " of a '\(family)' model")",
            fix: "accept it if they do not: they are carried as they are",
            accept: "outside-layers"
        )
    }

    /// What only one layer has: the others may run it from there, and the class expects it where it is.
    private func checkLone(in index: Int, of surgery: inout ConfigDraft) {
        let source = surgery.sources[index]
        guard source.depth > 3 else { return }
        var holders: [String: [Int]] = [:]
        for (layer, halves) in LayerKinds.halves(of: source) {
            for suffix in halves.values.flatMap(\.self) { holders[suffix, default: []].append(layer) }
        }
        let lone = holders.filter { $0.value.count == 1 }.compactMapValues(\.first)
        for (suffix, home) in lone.sorted(by: { ($0.value, $0.key) < ($1.value, $1.key) }) {
            guard !isListed(home, of: source), !staysInPlace(home, of: index, in: surgery) else { continue }
            surgery.report(
                .error,
                "tensor-of-one-layer",
                "only layer \(home) of '\(source.name)' has \(suffix): whether other layers use it, or the class looks for it at that place, is not known",
                fix:
                    "keep layer \(home) once, and \(home == 0 ? "first" : home == source.depth - 1 ? "last" : "before those that stand behind it")",
                accept: "layer-kind"
            )
            return
        }
    }

    /// Whether a list of the config gives the layer a kind that no other has, by which the class makes it.
    private func isListed(_ layer: Int, of source: ConfigDraft.Source) -> Bool {
        source.scope.members.contains { member in
            guard let list = member.value.array, list.count == source.depth else { return false }
            return list.indices.allSatisfy { $0 == layer || list[$0] != list[layer] }
        }
    }

    /// Whether a layer is there once, at its end of the stack or before all that stood behind it.
    private func staysInPlace(_ home: Int, of index: Int, in surgery: ConfigDraft) -> Bool {
        let own = LayerOrigin(source: index, layer: home)
        let places = surgery.layers.indices.filter { surgery.layers[$0].attention == own }
        guard places.count == 1 else { return false }
        if home == 0 { return places[0] == 0 }
        if home == surgery.sources[index].depth - 1 { return places[0] == surgery.depth - 1 }
        return surgery.layers[..<places[0]].allSatisfy { $0.attention.source != index || $0.attention.layer < home }
    }
}
