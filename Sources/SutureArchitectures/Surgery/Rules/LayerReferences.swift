import SutureDiagnostics
import SutureJSON

/// A list with, for each layer, the number of another whose work it uses, such as `kv_source_layers`.
struct LayerReferences: FieldRule {
    func rewrite(_ key: String, in surgery: inout ConfigDraft) {
        let isWritten = surgery.used.contains { surgery.sources[$0].view(0).value(key) != nil }
        var list: [Int] = []
        for layer in 0..<surgery.depth {
            let origin = surgery.origin(layer, .attention)
            let source = surgery.sources[origin.source]
            let entry = source.view(origin.layer).entry(key)
            if let value = source.view(0).value(key), value.array?.count != source.depth {
                surgery.reportLength(key, value.array?.count ?? 0, in: origin.source)
                return
            }
            let owner = LayerOrigin(source: origin.source, layer: entry?.int ?? origin.layer)
            guard let place = (0...layer).last(where: { surgery.layers[$0].attention == owner }) else {
                surgery.report(
                    .error,
                    "producer-missing",
                    "\(surgery.words(origin)) uses keys and values of layer \(owner.layer), which does not come before \(layer)",
                    key: key,
                    layer: layer,
                    fix: "move a layer together with the one whose work it uses"
                )
                return
            }
            list.append(place)
        }
        guard isWritten || list != Array(0..<surgery.depth) else { return }
        surgery.set(key, .array(list.map { .int($0) }))
    }
}

/// One layer's number, such as the one whose output a second model reads.
struct LayerReference: FieldRule {
    func rewrite(_ key: String, in surgery: inout ConfigDraft) {
        let depth = surgery.sources[surgery.donor].depth
        guard let number = surgery.setting(key)?.int, number > 0 else { return }
        guard number <= depth else {
            surgery.report(
                .error,
                .configLayerOutside,
                "\(key) of '\(surgery.sources[surgery.donor].name)' is \(number), the model has \(depth) layers",
                key: key,
                fix: "correct config.json of '\(surgery.sources[surgery.donor].name)'",
                accept: key
            )
            return
        }
        // The state after k layers is that after layer k - 1.
        let wanted = LayerOrigin(source: surgery.donor, layer: number - 1)
        let places = surgery.layers.indices.filter { surgery.layers[$0].attention == wanted }
        guard let first = places.first else {
            surgery.report(
                .error,
                .layerReferenceLost,
                "\(key) is \(number), and \(surgery.words(wanted)) is not in the output",
                key: key,
                fix: "keep layer \(number - 1) of '\(surgery.sources[surgery.donor].name)'",
                accept: key
            )
            return
        }
        surgery.set(key, .int(first + 1))
        guard places.count > 1 else { return }
        surgery.report(
            .warning,
            "layer-reference-ambiguous",
            "\(key) is \(number), and \(surgery.words(wanted)) lands at \(places.prefix(4).map(String.init).joined(separator: ", ")); the first is taken",
            key: key,
            fix: "set \(key) by hand if another is meant",
            accept: key
        )
    }
}

/// A map from layers' numbers to what differs in them, such as `per_layer_config`.
struct MapByLayer: FieldRule {
    /// Settings in an entry that belong to the MLP and not to attention.
    static let mlpKeys: Set<String> = ["intermediate_size", "moe_intermediate_size", "num_experts", "hidden_act"]

    func rewrite(_ key: String, in surgery: inout ConfigDraft) {
        let hasMap = surgery.used.contains { surgery.sources[$0].view(0).value(key) != nil }
        guard hasMap || surgery.setting(key) != nil else { return }
        for index in surgery.used {
            let source = surgery.sources[index]
            guard let value = source.view(0).value(key) else { continue }
            guard let map = value.object else {
                surgery.reportWrongType(key, value, expected: "a map from layers", in: index)
                return
            }
            if let bad = map.keys.first(where: { Int($0).map { !(0..<source.depth).contains($0) } ?? true }) {
                surgery.report(
                    .error,
                    .configLayerOutside,
                    "\(key) of '\(source.name)' has an entry '\(bad)', the model has layers 0 to \(source.depth - 1)",
                    key: key,
                    fix: "correct config.json of '\(source.name)'"
                )
                return
            }
        }
        let width = max(
            surgery.setting(key)?.object?.keys.map(\.count).max() ?? 1,
            String(max(0, surgery.depth - 1)).count
        )
        let isPadded = surgery.setting(key)?.object?.keys.contains { $0.count > 1 && $0.hasPrefix("0") } ?? false
        var map = JSONObject()
        for layer in 0..<surgery.depth {
            let (attention, mlp) = surgery.layers[layer]
            var entry = Self.entry(key, attention, in: surgery)
            if attention != mlp {
                var merged = entry?.object ?? JSONObject()
                let other = Self.entry(key, mlp, in: surgery)?.object ?? JSONObject()
                for name in Self.mlpKeys { merged[name] = other[name] }
                entry = merged.isEmpty ? nil : .object(merged)
            }
            guard let entry else { continue }
            let number = String(layer)
            let padding = isPadded ? String(repeating: "0", count: max(0, width - number.count)) : ""
            map[padding + number] = entry
        }
        surgery.set(key, .object(map))
    }

    private static func entry(_ key: String, _ origin: LayerOrigin, in surgery: ConfigDraft) -> JSONValue? {
        let map = surgery.sources[origin.source].view(0).value(key)?.object
        return map?.members.first { Int($0.key) == origin.layer }?.value
    }
}

/// A list with one object a layer, whose parts describe the halves of it, such as `block_configs`.
struct BlockConfigs: FieldRule {
    /// The part of an object that belongs to the MLP.
    var mlpPart = "ffn"

    func rewrite(_ key: String, in surgery: inout ConfigDraft) {
        var blocks: [JSONValue] = []
        for layer in 0..<surgery.depth {
            let (attention, mlp) = surgery.layers[layer]
            for origin in [attention, mlp] {
                let source = surgery.sources[origin.source]
                guard let value = source.view(0).value(key) else {
                    if surgery.setting(key) != nil { surgery.reportNoValue(key, layer: layer, from: origin) }
                    return
                }
                guard value.array?.count == source.depth else {
                    surgery.reportLength(key, value.array?.count ?? 0, in: origin.source)
                    return
                }
            }
            guard let block = surgery.sources[attention.source].view(attention.layer).entry(key) else { return }
            guard attention != mlp, var object = block.object else {
                blocks.append(block)
                continue
            }
            let other = surgery.sources[mlp.source].view(mlp.layer).entry(key)?.object
            object[mlpPart] = other?[mlpPart]
            blocks.append(.object(object))
        }
        surgery.set(key, .array(blocks))
    }
}

/// GPT-Neo's runs of patterns, `[[["global", "local"], 12]]`: written as one pattern of all layers.
struct PatternRuns: FieldRule {
    var alongside: [String] { ["attention_layers"] }

    func rewrite(_ key: String, in surgery: inout ConfigDraft) {
        var expanded: [Int: [JSONValue]] = [:]
        for index in surgery.used {
            let source = surgery.sources[index]
            guard let list = Self.expand(source.view(0).value(key), depth: source.depth) else {
                surgery.reportWrongType(
                    key,
                    source.view(0).value(key) ?? .null,
                    expected: "runs of patterns",
                    in: index
                )
                return
            }
            guard list.count == source.depth else {
                surgery.reportLength(key, list.count, in: index)
                return
            }
            expanded[index] = list
        }
        let values = (0..<surgery.depth).compactMap { layer -> JSONValue? in
            let origin = surgery.layers[layer].attention
            guard let list = expanded[origin.source], list.indices.contains(origin.layer) else { return nil }
            return list[origin.layer]
        }
        guard values.count == surgery.depth else { return }
        surgery.set(key, .array([.array([.array(values), .int(1)])]))
        if surgery.setting("attention_layers") != nil { surgery.set("attention_layers", .array(values)) }
    }

    /// The kinds of all layers, no more than a few past the depth.
    private static func expand(_ value: JSONValue?, depth: Int) -> [JSONValue]? {
        guard let value else { return (0..<depth).map { $0 % 2 == 0 ? "global" : "local" } }
        guard let runs = value.array else { return nil }
        var list: [JSONValue] = []
        for run in runs {
            guard let pair = run.array, pair.count == 2, let pattern = pair[0].array, let times = pair[1].int,
                times >= 0, !pattern.isEmpty
            else { return nil }
            for _ in 0..<min(times, depth + 1) where list.count <= depth { list += pattern }
        }
        return list
    }
}

/// RecurrentGemma's cycle of kinds, repeated and cut to the depth: written in full.
struct PatternCycle: FieldRule {
    /// The cycle where the config has none.
    var fallback: [JSONValue]

    func rewrite(_ key: String, in surgery: inout ConfigDraft) {
        var values: [JSONValue] = []
        for layer in 0..<surgery.depth {
            let origin = surgery.layers[layer].attention
            let value = surgery.sources[origin.source].view(0).value(key)
            let cycle = value?.array ?? fallback
            guard !cycle.isEmpty, value == nil || value?.array != nil else {
                surgery.reportWrongType(key, value ?? .null, expected: "a list of kinds", in: origin.source)
                return
            }
            values.append(cycle[origin.layer % cycle.count])
        }
        let own = surgery.setting(key)?.array ?? fallback
        if !own.isEmpty, values.indices.allSatisfy({ own[$0 % own.count] == values[$0] }) { return }
        surgery.set(key, .array(values))
    }
}
