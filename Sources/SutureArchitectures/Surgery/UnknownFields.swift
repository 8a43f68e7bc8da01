import SutureDiagnostics
import SutureJSON

/// What holds for any family: lists as long as the model is deep, maps from layers, and keys that look like either.
struct UnknownFields {
    func rewrite(in surgery: inout ConfigDraft) {
        let donor = surgery.sources[surgery.donor]
        let isKnown = FieldTable.isKnown(donor.families)
        for member in surgery.scope.members where !surgery.handled.contains(member.key) {
            guard !Self.isExempt(member.key) else { continue }
            switch member.value {
            case .array where Self.lists.contains(member.key):
                PerLayerList(follows: Self.follows(member.key)).rewrite(member.key, in: &surgery)
            case .array(let list) where list.count == donor.depth && donor.depth > 1 && !isCounting(list):
                gather(member.key, in: &surgery)
            case .array(let list):
                doubtIndices(member.key, list, isKnown: isKnown, in: &surgery)
            case .object(let map) where isLayerMap(map, depth: donor.depth):
                MapByLayer().rewrite(member.key, in: &surgery)
            case .number where !isKnown:
                warnOfPeriod(member.key, in: &surgery)
                doubtCount(member.key, in: &surgery)
            default: break
            }
        }
    }

    /// Lists of one value a layer in any family; of another length they keep transformers from loading the model.
    private static let lists: Set<String> = ["layer_types", "mlp_layer_types"]

    /// Keys that may coincide with the depth and mean something else.
    private static func isExempt(_ key: String) -> Bool {
        ConfigScope.draftKeys.contains(key) || ConfigScope.countKeys.contains(key) || key.hasPrefix("mtp_")
            || key.contains("token_id") || key.contains("rope") || key.contains("label")
            || ["architectures", "auto_map", "keys_to_ignore_at_inference", "vision_feature_layer"].contains(key)
    }

    // MARK: - One value a layer

    private func gather(_ key: String, in surgery: inout ConfigDraft) {
        let isFloat = surgery.setting(key)?.array?.contains { $0.double != nil && $0.int == nil } ?? false
        let isShort = surgery.sources[surgery.donor].depth < 4
        // A few numbers side by side are more often a shape than one value a layer.
        guard !isShort || !isFloat && surgery.setting(key)?.array?.first?.int == nil else { return }
        PerLayerList(follows: Self.follows(key)).rewrite(key, in: &surgery)
    }

    private static func follows(_ key: String) -> Following {
        ["mlp", "ffn", "moe", "expert", "intermediate"].contains(where: key.contains) ? .mlp : .attention
    }

    /// Whether a list is 0, 1, 2, …: it then names every layer and is no list of values.
    private func isCounting(_ list: [JSONValue]) -> Bool {
        list.enumerated().allSatisfy { $1.int == $0 } || list.enumerated().allSatisfy { $1.int == $0 + 1 }
    }

    private func isLayerMap(_ map: JSONObject, depth: Int) -> Bool {
        !map.isEmpty && map.keys.allSatisfy { LayeredName.number($0.utf8).map { $0 < depth } ?? false }
    }

    // MARK: - Layers by number

    /// A list that looks like one of layers: 0- or 1-based, nobody knows, so it is not guessed at.
    private func doubtIndices(_ key: String, _ list: [JSONValue], isKnown: Bool, in surgery: inout ConfigDraft) {
        let numbers = list.compactMap(\.int)
        let donor = surgery.sources[surgery.donor]
        let words = ["layer", "idx", "indices", "indexes", "blocks"]
        // Of a family that nobody knows, some may be numbers of layers that a shallower model has not.
        let within = numbers.filter((0...donor.depth).contains)
        guard numbers.count == list.count, words.contains(where: key.lowercased().contains), !within.isEmpty,
            zip(numbers, numbers.dropFirst()).allSatisfy(<), !isKnown || within.count == numbers.count,
            !surgery.keepsNumbers || surgery.depth != donor.depth
        else { return }
        surgery.report(
            isKnown ? .warning : .error,
            "unknown-layer-list",
            "\(key) of '\(donor.name)' looks like a list of layers, it is none that Suture knows in \(donor.families.first ?? "this family")",
            key: key,
            fix: "set \(key) in the output's config by hand, and accept it",
            accept: key
        )
    }

    /// A number as large as the depth under a key that speaks of layers, besides those that are known to count them.
    private func doubtCount(_ key: String, in surgery: inout ConfigDraft) {
        let donor = surgery.sources[surgery.donor]
        let isCount = ["layer", "depth", "blocks"].contains(where: key.lowercased().contains)
        guard isCount, surgery.depth != donor.depth, surgery.setting(key)?.int == donor.depth,
            !donor.anatomy.mainStack.countPaths.isEmpty
        else { return }
        surgery.report(
            .error,
            "unknown-count",
            "\(key) of '\(donor.name)' is \(donor.depth), as many as its layers, and it is no key that Suture knows in \(donor.families.first ?? "this family")",
            key: key,
            fix: "set \(key) in the output's config to \(surgery.depth) by hand if it counts layers, and accept it",
            accept: key
        )
    }

    private func warnOfPeriod(_ key: String, in surgery: inout ConfigDraft) {
        let words = [
            "period", "offset", "interval", "every", "step", "freq", "stride", "first_k", "pattern", "share_factor",
            "skip",
        ]
        let parts = key.lowercased()
        let donor = surgery.sources[surgery.donor]
        // How a convolution or what adapts a tower steps along its input is nothing of layers.
        guard words.contains(where: parts.contains), !["conv", "adapt", "patch"].contains(where: parts.contains),
            let period = surgery.setting(key)?.int, period > 1,
            period <= max(donor.depth, surgery.depth)
        else { return }
        let moved = surgery.layers.enumerated().first { $1.attention.layer % period != $0 % period }
        guard let (layer, origin) = moved else { return }
        surgery.report(
            .warning,
            "unknown-period",
            "\(surgery.words(origin.attention)) lands at \(layer), and \(key) (\(period)) may give layers a kind by their number",
            key: key,
            layer: layer,
            fix: "move whole runs of \(period) layers, or accept it if \(key) is of something else",
            accept: key
        )
    }
}
