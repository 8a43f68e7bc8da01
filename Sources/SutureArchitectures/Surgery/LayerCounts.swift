import SutureDiagnostics
import SutureJSON

/// Writes the number of layers wherever the donor says it, and stops where nobody can know that the class reads it there.
struct LayerCounts {
    func rewrite(in surgery: inout ConfigDraft) {
        let donor = surgery.sources[surgery.donor]
        let stack = donor.anatomy.mainStack
        for path in stack.countPaths where surgery.config[path]?.array == nil && surgery.config[path]?.string == nil {
            surgery.set(path: path, .int(surgery.depth))
        }
        writeDerived(of: donor, in: &surgery)
        guard surgery.depth != donor.depth else { return }
        if stack.countPaths.isEmpty { writeUnstated(of: donor, in: &surgery) }
        checkShared(stack, of: donor, in: &surgery)
    }

    /// Keys that hold a multiple of the number, or the same under another name.
    private func writeDerived(of donor: ConfigDraft.Source, in surgery: inout ConfigDraft) {
        for key in FamilyTable.derivedCounts(donor.anatomy.modelType) {
            let root = key.split(separator: ".").map(String.init)
            let path = surgery.setting(key) == nil ? root : surgery.path(key)
            guard let old = donor.root[path]?.int, !donor.anatomy.mainStack.countPaths.contains(path) else { continue }
            surgery.handled.insert(key)
            let factor = donor.depth > 0 && old % donor.depth == 0 ? old / donor.depth : 1
            surgery.set(path: path, .int(surgery.depth * factor))
        }
    }

    /// The config says nothing of depth under any key that is known: a class of a known family has a default for it,
    /// and takes the usual key.
    private func writeUnstated(of donor: ConfigDraft.Source, in surgery: inout ConfigDraft) {
        let odd = ConfigScope.countKeys.filter { surgery.setting($0) != nil }
        let key = odd.count == 1 ? odd[0] : "num_hidden_layers"
        surgery.set(key, .int(surgery.depth))
        let prefix = donor.anatomy.mainStack.prefix
        let elsewhere = Self.counts(of: donor.depth, in: donor.root, except: surgery.path(key))
        guard !elsewhere.isEmpty || !donor.isKnown || prefix.contains("decoder") else { return }
        let said = elsewhere.isEmpty ? "nothing says" : "\(elsewhere[0].joined(separator: ".")) may say"
        surgery.report(
            .error,
            "layer-count-unknown",
            "the output has \(surgery.depth) layers, and which key of config.json counts them is not known: of the \(donor.depth) layers of '\(donor.name)' \(said) how many there are",
            key: key,
            fix: elsewhere.isEmpty
                ? "add the key that the class of '\(donor.anatomy.modelType)' reads to config.json, such as \(surgery.path(key).joined(separator: ".")): \(donor.depth)"
                : "set \(elsewhere[0].joined(separator: ".")) in the output's config by hand if it is the one, and accept it",
            accept: "layer-count"
        )
    }

    /// Where something counts as many as there are layers, by a key that looks like it.
    private static func counts(of depth: Int, in config: JSONObject, except own: [String]) -> [[String]] {
        let words = ["layer", "depth", "block"]
        var found: [[String]] = []
        var next: [(path: [String], object: JSONObject)] = [([], config)]
        while let (path, object) = next.popLast() {
            for member in object.members {
                let here = path + [member.key]
                if let object = member.value.object, here.count < 4,
                    !NameWords.towers.contains(where: member.key.contains)
                {
                    next.append((here, object))
                }
                let isWord = words.contains(where: member.key.lowercased().contains)
                if isWord, member.value.int == depth, here != own { found.append(here) }
            }
        }
        return found
    }

    /// Two stacks that one key counts: one cannot be made longer without the other.
    private func checkShared(_ stack: Stack, of donor: ConfigDraft.Source, in surgery: inout ConfigDraft) {
        let paths = Set(stack.countPaths)
        let other = donor.anatomy.stacks.first { !$0.isMain && !paths.isDisjoint(with: $0.countPaths) }
        guard let other, let path = other.countPaths.first(where: paths.contains) else { return }
        surgery.report(
            .error,
            "layer-count-shared",
            "\(path.joined(separator: ".")) counts the layers of \(stack.prefix) and of \(other.prefix) alike, and only the first become \(surgery.depth)",
            key: path.last,
            fix: "keep as many layers as there are",
            accept: "layer-count"
        )
    }
}
