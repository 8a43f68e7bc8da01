import SutureDiagnostics
import SutureJSON

/// Zamba 2: blocks of attention shared in rotation by the hybrid layers, so that their order may not change.
struct SharedTransformers: FieldRule {
    func rewrite(_ key: String, in surgery: inout ConfigDraft) {
        var rank = 0
        var kinds: [JSONValue] = []
        for layer in 0..<surgery.depth {
            let origin = surgery.layers[layer].attention
            let source = surgery.sources[origin.source]
            kinds.append(Self.kind(key, source, origin.layer))
            let mlp = surgery.layers[layer].mlp
            if mlp != origin, Self.kind(key, surgery.sources[mlp.source], mlp.layer) != kinds[layer] {
                surgery.report(
                    .error,
                    .halvesApart,
                    "\(surgery.words(origin)) and \(surgery.words(mlp)) are a hybrid layer and one that is none, and no layer is half of each",
                    key: key,
                    layer: layer,
                    fix: "splice layers of one kind"
                )
                return
            }
            guard Self.isHybrid(kinds[layer]) else { continue }
            let blocks = max(1, source.view(0).int("num_mem_blocks", 1))
            let trained = (0..<origin.layer).count { Self.isHybrid(Self.kind(key, source, $0)) }
            if trained % blocks != rank % blocks || trained != rank {
                surgery.report(
                    .error,
                    .rankChanged,
                    "\(surgery.words(origin)) is hybrid layer \(trained) and would be \(rank), shared blocks and adapters go by that number",
                    key: key,
                    layer: layer,
                    fix: "keep the number and order of the hybrid layers"
                )
                return
            }
            rank += 1
        }
        let donor = surgery.sources[surgery.donor]
        let hybrids = (0..<donor.depth).count { Self.isHybrid(Self.kind(key, donor, $0)) }
        if rank != hybrids {
            surgery.report(
                .error,
                .rankChanged,
                "the output has \(rank) hybrid layers, '\(donor.name)' has \(hybrids), each with adapters in every shared block",
                key: key,
                fix: "keep the number and order of the hybrid layers"
            )
        }
        surgery.set(key, .array(kinds))
    }

    private static func isHybrid(_ kind: JSONValue) -> Bool { kind.string == "hybrid" }

    private static func kind(_ key: String, _ source: ConfigDraft.Source, _ layer: Int) -> JSONValue {
        source.view(layer).entry(key) ?? (released.contains(layer) ? "hybrid" : "mamba")
    }

    /// The hybrid layers of the released models, where the config has no list.
    static let released: Set<Int> = [6, 12, 18, 24, 30, 36, 42, 47, 51]
}

/// Switch Transformers: a number of sparse layers, from which the class works out a step.
struct SparseCount: FieldRule {
    var alongside: [String] { ["decoder_sparse_step"] }

    func rewrite(_ key: String, in surgery: inout ConfigDraft) {
        let pattern = (0..<surgery.depth).map { layer in
            let origin = surgery.origin(layer, .mlp)
            let source = surgery.sources[origin.source]
            let step = Self.step(layers: source.depth, sparse: source.view(0).int(key, 3))
            return Self.isSparse(origin.layer, step: step)
        }
        for count in 0...max(1, surgery.depth) {
            let step = Self.step(layers: surgery.depth, sparse: count)
            guard pattern.indices.allSatisfy({ Self.isSparse($0, step: step) == pattern[$0] }) else { continue }
            surgery.set(key, .int(count))
            if surgery.setting("decoder_sparse_step") != nil { surgery.set("decoder_sparse_step", .int(step)) }
            return
        }
        let own = Self.step(layers: surgery.depth, sparse: surgery.view(0).int(key, 3))
        let wrong = pattern.indices.first { Self.isSparse($0, step: own) != pattern[$0] } ?? 0
        surgery.report(
            .error,
            .layoutInexpressible,
            "\(surgery.words(surgery.origin(wrong, .mlp))) is \(pattern[wrong] ? "sparse" : "dense") and lands at \(wrong), no step between sparse layers puts it there",
            key: key,
            layer: wrong,
            fix: own > 1 ? "move whole runs of \(own) layers" : "use layers of one kind"
        )
    }

    private static func step(layers: Int, sparse: Int) -> Int { sparse > 0 ? layers / sparse : layers }

    private static func isSparse(_ layer: Int, step: Int) -> Bool { step == 1 || step > 1 && layer % step == 1 }
}

/// Features of listed vision blocks are added after the first layers, one after each.
struct DeepstackLayers: FieldRule {
    func rewrite(_ key: String, in surgery: inout ConfigDraft) {
        let root = surgery.sources[surgery.donor].root
        let count = root["vision_config"]?.object?[key]?.array?.count ?? 0
        let moved = (0..<min(count, surgery.depth)).first { surgery.layers[$0].attention.layer != $0 }
        guard let moved else { return }
        surgery.report(
            .warning,
            "deepstack-layer-moved",
            "\(surgery.words(surgery.layers[moved].attention)) lands at \(moved), vision features are added after layers 0 to \(count - 1)",
            layer: moved,
            fix: "keep the first \(count) layers where they are",
            accept: "deepstack"
        )
    }
}

/// Granite's lists of layers after which vision features are added.
struct DeepstackTargets: FieldRule {
    var alongside: [String] { ["deepstack_layer_map"] }

    func rewrite(_ key: String, in surgery: inout ConfigDraft) {
        let donor = surgery.donor
        for path in [["spatial_target_layers"], ["deepstack_layer_map"]] {
            guard let list = surgery.config[path]?.array else { continue }
            var mapped: [JSONValue] = []
            for entry in list {
                let number = entry.int ?? entry.array?.last?.int
                guard let number else {
                    surgery.reportWrongType(path[0], .array(list), expected: "a list of layers", in: donor)
                    return
                }
                let wanted = LayerOrigin(source: donor, layer: number)
                guard let place = surgery.layers.firstIndex(where: { $0.attention == wanted }) else {
                    surgery.report(
                        .error,
                        .layerReferenceLost,
                        "\(path[0]) names \(surgery.words(wanted)), which is not in the output",
                        fix: "keep layer \(number)"
                    )
                    return
                }
                mapped.append(entry.array.map { .array($0.dropLast() + [.int(place)]) } ?? .int(place))
            }
            surgery.set(path: path, .array(mapped))
        }
    }
}
