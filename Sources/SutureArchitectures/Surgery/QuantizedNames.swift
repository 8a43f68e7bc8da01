import SutureDiagnostics
import SutureJSON

/// Names of layers inside `quantization_config`: modules left alone, and settings of one module.
///
/// Lists of names and maps keyed by names are found wherever they lie. A name of a layer is written for
/// every place at which that layer lands, and goes where the layer goes; a name without a layer's number stays.
struct QuantizedNames {
    func rewrite(in surgery: inout ConfigDraft) {
        for key in QuantizationScheme.keys { rewrite(key, in: &surgery) }
    }

    private func rewrite(_ key: String, in surgery: inout ConfigDraft) {
        for path in [[key], surgery.scopePath + [key]] where surgery.config[path]?.object != nil {
            guard let own = surgery.config[path] else { continue }
            let others = surgery.sources.map { source in
                source.root[path] ?? source.root[key] ?? source.scope[key]
            }
            surgery.set(path: path, rewritten(own, others, at: path, depth: 0, in: &surgery))
            if surgery.scopePath.isEmpty { return }
        }
    }

    /// Rewrites names in an object that lies beside config.json, such as modelopt's `hf_quant_config.json`.
    func rewritten(_ own: JSONObject, _ others: [JSONObject?], in surgery: inout ConfigDraft) -> JSONObject {
        rewritten(.object(own), others.map { $0.map(JSONValue.object) }, at: [], depth: 0, in: &surgery).object ?? own
    }

    private func rewritten(
        _ value: JSONValue,
        _ others: [JSONValue?],
        at path: [String],
        depth: Int,
        in surgery: inout ConfigDraft
    ) -> JSONValue {
        guard depth < 16 else { return value }
        switch value {
        case .array(let list) where list.contains { $0.string != nil }:
            return .array(names(list, others.map { $0?.array }, at: path, in: &surgery))
        case .object(let object):
            return .object(map(object, others.map { $0?.object }, at: path, depth: depth, in: &surgery))
        default:
            return value
        }
    }

    private func names(
        _ list: [JSONValue],
        _ others: [[JSONValue]?],
        at path: [String],
        in surgery: inout ConfigDraft
    ) -> [JSONValue] {
        var result: [JSONValue] = []
        var hasPlacedLayers = false
        for entry in list {
            guard let name = entry.string, let place = locate(name, surgery.donor, in: surgery) else {
                if let name = entry.string { checkPattern(name, at: path, in: &surgery) }
                result.append(entry)
                continue
            }
            _ = place
            guard !hasPlacedLayers else { continue }
            hasPlacedLayers = true
            result += layered(others.map { ($0 ?? []).compactMap(\.string) }, in: surgery).map { .string($0.name) }
        }
        if !hasPlacedLayers {
            result += layered(others.map { ($0 ?? []).compactMap(\.string) }, in: surgery).map { .string($0.name) }
        }
        return result
    }

    private func map(
        _ object: JSONObject,
        _ others: [JSONObject?],
        at path: [String],
        depth: Int,
        in surgery: inout ConfigDraft
    ) -> JSONObject {
        var members: [JSONObject.Member] = []
        var hasPlacedLayers = false
        func place() {
            guard !hasPlacedLayers else { return }
            hasPlacedLayers = true
            for (name, source, old) in layered(others.map { $0?.keys ?? [] }, in: surgery) {
                guard let value = others[source]?[old] else { continue }
                members.append(JSONObject.Member(name, value))
            }
        }
        for member in object.members {
            if locate(member.key, surgery.donor, in: surgery) != nil {
                place()
                continue
            }
            checkPattern(member.key, at: path, in: &surgery)
            let inner = rewritten(
                member.value,
                others.map { $0?[member.key] },
                at: path + [member.key],
                depth: depth + 1,
                in: &surgery
            )
            members.append(JSONObject.Member(member.key, inner))
        }
        place()
        return JSONObject(members)
    }

    /// The names of layers that the output needs: for each of its layers those of the layer it comes from.
    private func layered(
        _ names: [[String]],
        in surgery: ConfigDraft
    ) -> [(name: String, source: Int, old: String)] {
        var bySource: [Int: [Int: [(name: String, place: Place)]]] = [:]
        for source in surgery.used {
            for name in names[source] {
                guard let place = locate(name, source, in: surgery) else { continue }
                bySource[source, default: [:]][place.layer, default: []].append((name, place))
            }
        }
        var result: [(name: String, source: Int, old: String)] = []
        for layer in 0..<surgery.depth {
            let (attention, mlp) = surgery.layers[layer]
            for origin in attention == mlp ? [attention] : [attention, mlp] {
                for (name, place) in bySource[origin.source]?[origin.layer] ?? [] {
                    if attention != mlp {
                        let half = half(of: place.module, in: surgery.sources[origin.source])
                        guard (half == .mlp) == (origin == mlp) else { continue }
                    }
                    let prefix = sameForm(place.prefix, from: origin.source, in: surgery)
                    let rest = place.module.isEmpty ? "" : "." + place.module
                    result.append((place.sign + prefix + ".\(layer)" + rest, origin.source, name))
                }
            }
        }
        return result
    }

    // MARK: - Names

    /// A name that speaks of one layer.
    private struct Place {
        /// `+:` or `-:` of GPTQModel, else nothing.
        let sign: String
        /// What stands before the number.
        let prefix: String
        let layer: Int
        /// What follows it.
        let module: String
    }

    /// Finds the layer that a name speaks of: a full path, one without the base prefix, or one with it in another place.
    private func locate(_ name: String, _ source: Int, in surgery: ConfigDraft) -> Place? {
        guard !name.hasPrefix("re:"), name.utf8.count < 1000 else { return nil }
        let sign = name.hasPrefix("+:") || name.hasPrefix("-:") ? String(name.prefix(2)) : ""
        let parts = name.dropFirst(sign.count).split(separator: ".", omittingEmptySubsequences: false)
        let stack = surgery.sources[source].anatomy.mainStack.prefix.split(separator: ".")
        guard let at = parts.firstIndex(where: { LayeredName.number($0.utf8) != nil }), at > 0,
            let layer = LayeredName.number(parts[at].utf8)
        else { return nil }
        let before = Array(parts[..<at])
        let isStack =
            stack.suffix(before.count).elementsEqual(before) || before.suffix(stack.count).elementsEqual(stack)
            || Set(stack) == Set(before)
        guard isStack else { return nil }
        return Place(
            sign: sign,
            prefix: before.joined(separator: "."),
            layer: layer,
            module: parts[(at + 1)...].joined(separator: ".")
        )
    }

    /// A prefix of another model in the donor's form.
    private func sameForm(_ prefix: String, from source: Int, in surgery: ConfigDraft) -> String {
        prefix == surgery.sources[source].anatomy.mainStack.prefix
            ? surgery.sources[surgery.donor].anatomy.mainStack.prefix : prefix
    }

    /// Which half of a layer a module belongs to.
    private func half(of module: String, in source: ConfigDraft.Source) -> Sublayer {
        for case .layer(_, _, let suffix, let role) in source.anatomy.parts
        where suffix == module || suffix.hasPrefix(module + ".") {
            return role.sublayer
        }
        return LayerClassifier([module + ".weight"]).sublayers().first ?? .other
    }

    /// A regular expression with a number in it may mean a layer; it cannot be moved as it stands.
    private func checkPattern(_ name: String, at path: [String], in surgery: inout ConfigDraft) {
        let isPattern = name.hasPrefix("re:") || name.hasPrefix("+:") || name.hasPrefix("-:")
        guard isPattern, name.utf8.contains(where: isDigit), !surgery.keepsNumbers else { return }
        let words = ["layers", "blocks", "layer", ".h."]
        guard words.contains(where: name.contains) || name.contains("\\.") else { return }
        surgery.findings.append(
            Finding(
                .error,
                code: "quantization-pattern",
                "the pattern '\(name)' may name layers by number, and layers move",
                fix: "write the modules it means by their full names",
                field: path,
                accept: "quantization_config"
            )
        )
    }
}
