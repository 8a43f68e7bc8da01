import SutureJSON
import SutureDiagnostics

/// A layer whose arithmetic depends on its own number, which no config can change.
struct NumberMatters: FieldRule {
    /// How bad a changed number is.
    var severity: Diagnostic.Severity

    /// What depends on the number, for the message.
    var effect: String

    /// What to do about it.
    var fix: String

    /// After how many layers the effect repeats; `nil` where it never does.
    var period: (@Sendable (LayerView) -> Int)?

    /// Whether the number of layers matters as well, as where a second stack goes by it.
    var mindsDepth = false

    /// Whether a layer inside a period needs the one before it that it was trained behind.
    var keepsRuns = false

    /// The key that switches it on, where there is one.
    var alongside: [String] = []

    /// Whether the family does it under this config.
    var applies: @Sendable (LayerView) -> Bool = { _ in true }

    func rewrite(_ key: String, in surgery: inout ConfigDraft) {
        for layer in 0..<surgery.depth {
            let origin = surgery.layers[layer].attention
            let view = surgery.sources[origin.source].view(origin.layer)
            guard applies(view) else { continue }
            let period = max(1, period?(view) ?? Int.max)
            let before = LayerOrigin(source: origin.source, layer: origin.layer - 1)
            let isTorn =
                keepsRuns && origin.layer % period != 0
                && (layer == 0 || surgery.layers[layer - 1].attention != before)
            let isResized = mindsDepth && layer == surgery.depth - 1 && surgery.depth != view.n
            guard isTorn || isResized || origin.layer % period != layer % period else { continue }
            surgery.report(
                severity,
                .layerNumberMatters,
                "\(surgery.words(origin)) lands at \(layer), \(effect)",
                key: key.isEmpty ? nil : key,
                layer: layer,
                fix: fix,
                accept: severity == .error ? nil : "layer-number"
            )
            return
        }
    }
}

/// A factor divided by the root of the depth, which grows with it so that every layer keeps its own.
struct ScaledByDepth: FieldRule {
    /// The value where the key is missing; `nil` there means none.
    var fallback: Double

    func rewrite(_ key: String, in surgery: inout ConfigDraft) {
        let source = surgery.sources[surgery.donor]
        guard source.view(0).isSet(key, whenMissing: true), source.depth != surgery.depth else { return }
        guard let value = source.view(0).value(key)?.double ?? fallback as Double?, value.isFinite else { return }
        let scaled = value * (Double(surgery.depth) / Double(source.depth)).squareRoot()
        surgery.set(key, .double(scaled))
        for index in surgery.used where index != surgery.donor {
            let other = surgery.sources[index]
            let theirs = (other.view(0).value(key)?.double ?? fallback) / Double(other.depth).squareRoot()
            let ours = value / Double(source.depth).squareRoot()
            guard abs(theirs - ours) > 1e-6 * abs(ours) else { continue }
            surgery.report(
                .error,
                "depth-scale-differs",
                "layers of '\(other.name)' add their output times \(theirs), those of '\(source.name)' times \(ours)",
                key: key,
                fix: "scale attn.o and mlp.down of '\(other.name)' by \(theirs / ours)",
                accept: key
            )
        }
    }
}

/// A value that the class works out from the depth where the config leaves it out: the donor's is written.
struct MadeFromDepth: FieldRule {
    /// The value at a depth.
    var value: @Sendable (_ depth: Int) -> Double

    func rewrite(_ key: String, in surgery: inout ConfigDraft) {
        let source = surgery.sources[surgery.donor]
        guard source.view(0).value(key) == nil, source.depth != surgery.depth else { return }
        surgery.set(key, .double(value(source.depth)))
    }
}

/// What a layer adds is scaled by the depth, and no config says by how much: only other weights can make up for it.
struct ScaledByOwnDepth: FieldRule {
    /// What a layer's output is multiplied by in a model of a depth.
    var scale: @Sendable (_ depth: Int) -> Double

    func rewrite(_ key: String, in surgery: inout ConfigDraft) {
        for index in surgery.used where surgery.sources[index].depth != surgery.depth {
            let source = surgery.sources[index]
            let factor = scale(source.depth) / scale(surgery.depth)
            surgery.report(
                .error,
                .depthMatters,
                "the family scales what a layer adds by the number of layers: those of '\(source.name)' were trained among \(source.depth) and land among \(surgery.depth)",
                fix: "scale attn.o and mlp.down of '\(source.name)' by \(factor) in the recipe, and accept it",
                accept: "depth-scale"
            )
        }
    }
}

/// A tensor one of whose dimensions holds a block for each layer.
struct BlocksPerLayer: FieldRule {
    /// The length of a block where the config has none.
    var fallback: Int

    /// The tensors, as the end of their modules' names, and the dimension that holds the blocks.
    var tensors: [(module: String, dimension: Int)]

    func rewrite(_ key: String, in surgery: inout ConfigDraft) {
        let length = surgery.view(0).int(key, fallback)
        guard length > 0 else { return }
        surgery.consequences += tensors.map {
            .regather(module: $0.module, dimension: $0.dimension, blockLength: length)
        }
    }
}

/// A weight for what each layer puts out, behind one for the embedding: a head that reads all of them.
struct WeightPerLayer: FieldRule {
    /// The tensor, as a part of its name.
    var tensor: String

    func rewrite(_ key: String, in surgery: inout ConfigDraft) {
        guard surgery.view(0).flag(key, false) else { return }
        surgery.consequences.append(.regather(module: tensor, dimension: 0, blockLength: 1, leading: 1))
    }
}

/// A tensor that only the first layer of a stack has, and that serves all.
struct OnlyInFirstLayer: FieldRule {
    /// The end of the tensor's name.
    var suffix: String

    /// What it is, for messages.
    var what: String

    func rewrite(_ key: String, in surgery: inout ConfigDraft) {
        guard let first = surgery.layers.first?.attention else { return }
        let from = LayerOrigin(source: first.source, layer: 0)
        surgery.consequences.append(.onlyInFirstLayer(suffix: suffix, from: from))
        let others = surgery.used.filter { $0 != first.source }
        guard !others.isEmpty else { return }
        surgery.report(
            .warning,
            "one-for-all-layers",
            "\(what) of '\(surgery.sources[first.source].name)' serves all layers, those of '\(surgery.sources[others[0]].name)' were trained with their own",
            fix: "begin with a layer of the model whose \(what) is wanted",
            accept: "first-layer"
        )
    }
}

/// A first layer that differs from the rest, so that none can take its place nor it another's.
struct FirstLayerDiffers: FieldRule {
    /// What it has or lacks, for messages.
    var difference: String

    /// Whether it does under this config.
    var applies: @Sendable (LayerView) -> Bool = { _ in true }

    func rewrite(_ key: String, in surgery: inout ConfigDraft) {
        for layer in 0..<surgery.depth {
            let origin = surgery.layers[layer].attention
            guard (origin.layer == 0) != (layer == 0), applies(surgery.sources[origin.source].view(origin.layer)) else {
                continue
            }
            surgery.report(
                .error,
                "first-layer-differs",
                "\(surgery.words(origin)) lands at \(layer), and the first layer \(difference)",
                layer: layer,
                fix: "keep layer 0 first, and nowhere else"
            )
            return
        }
    }
}

/// A tensor that only the last layer has.
struct OnlyInLastLayer: FieldRule {
    /// The end of the tensor's name.
    var suffix: String

    func rewrite(_ key: String, in surgery: inout ConfigDraft) {
        guard let last = surgery.layers.last?.attention else { return }
        let source = surgery.sources[last.source]
        let from = LayerOrigin(source: last.source, layer: source.depth - 1)
        surgery.consequences.append(.onlyInLastLayer(suffix: suffix, from: from))
        guard last != from else { return }
        surgery.report(
            .error,
            "last-layer-differs",
            "\(surgery.words(last)) lands last, \(suffix) exists only in layer \(source.depth - 1) of '\(source.name)'",
            layer: surgery.depth - 1,
            fix: "end with layer \(source.depth - 1)"
        )
    }
}
