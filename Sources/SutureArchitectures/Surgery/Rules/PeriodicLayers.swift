import SutureJSON
import SutureDiagnostics

/// A period, and often an offset, that says which layers are of a kind; these families have no list to
/// say it otherwise.
struct PeriodicLayers: FieldRule {
    /// Which half of a layer it describes.
    var follows: Following

    /// The offset's key, if there is one.
    var offset: (key: String, fallback: Int)?

    /// The period where the config has none.
    var fallback: Int

    /// Whether a change is reported as an error, or as a warning where programs differ.
    var isFatal = true

    /// What the layers are, for messages.
    var kind: String

    /// Whether a layer is of the kind under a period and an offset.
    var isMember: @Sendable (_ layer: Int, _ period: Int, _ offset: Int) -> Bool

    var alongside: [String] { [offset?.key].compactMap(\.self) }

    func rewrite(_ key: String, in surgery: inout ConfigDraft) {
        let pattern = (0..<surgery.depth).map { layer in
            let origin = surgery.origin(layer, follows)
            let view = surgery.sources[origin.source].view(origin.layer)
            let (period, shift) = terms(view, key)
            return isMember(origin.layer, period, shift)
        }
        let own = terms(surgery.view(0), key)
        if fits(pattern, own.period, own.offset) { return }
        guard let (period, shift) = solve(pattern) else {
            let wrong = pattern.indices.first { isMember($0, own.period, own.offset) != pattern[$0] } ?? 0
            surgery.report(
                isFatal ? .error : .warning,
                .layoutInexpressible,
                "\(surgery.words(surgery.origin(wrong, follows))) is \(pattern[wrong] ? "" : "not ")\(kind) and lands at \(wrong), where the period \(own.period) of \(key) says otherwise",
                key: key,
                layer: wrong,
                fix: own.period > 1
                    ? "move whole runs of \(own.period) layers" : "use layers of one kind, as \(key) has them",
                accept: isFatal ? nil : key
            )
            return
        }
        surgery.set(key, .int(period))
        if let offset { surgery.set(offset.key, .int(shift)) }
    }

    private func terms(_ view: LayerView, _ key: String) -> (period: Int, offset: Int) {
        (view.int(key, fallback), offset.map { view.int($0.key, $0.fallback) } ?? 0)
    }

    private func fits(_ pattern: [Bool], _ period: Int, _ offset: Int) -> Bool {
        pattern.indices.allSatisfy { isMember($0, period, offset) == pattern[$0] }
    }

    /// The smallest period and offset that make the pattern, if any do.
    private func solve(_ pattern: [Bool]) -> (period: Int, offset: Int)? {
        let longest = min(pattern.count, 512) + 1
        for period in 1...longest {
            for shift in 0..<(offset == nil ? 1 : period) where fits(pattern, period, shift) { return (period, shift) }
        }
        return nil
    }
}

/// Says which layers are sparse by a list of those that are not, beside a step: always expressible.
struct DenseList: FieldRule {
    /// The step's key.
    var step = "decoder_sparse_step"

    /// The dense layers where the config has no list.
    var fallback: Set<Int> = []

    var alongside: [String] { [step] }

    func rewrite(_ key: String, in surgery: inout ConfigDraft) {
        for index in surgery.used {
            guard let value = surgery.sources[index].view(0).value(key), value.array == nil else { continue }
            surgery.reportWrongType(key, value, expected: "a list of layers", in: index)
        }
        let isDense = (0..<surgery.depth).map { layer in
            let origin = surgery.origin(layer, .mlp)
            return self.isDense(surgery.sources[origin.source].view(origin.layer), key)
        }
        if (0..<surgery.depth).allSatisfy({ self.isDense(surgery.view($0), key) == isDense[$0] }) { return }
        surgery.set(step, .int(1))
        surgery.set(key, .array(isDense.indices.filter { isDense[$0] }.map { .int($0) }))
    }

    private func isDense(_ view: LayerView, _ key: String) -> Bool {
        if view.isIn(key) ?? fallback.contains(view.i) { return true }
        let experts = ["num_experts", "num_local_experts"].lazy.compactMap { view.value($0)?.int }.first ?? 1
        return experts <= 0 || !view.ends(every: view.int(step, 1))
    }
}

/// Says which layers are sparse by a range and a step inside it.
struct SparseRange: FieldRule {
    /// The range's first layer where the config has none.
    var fallback = 1

    /// The key of the range's last layer.
    var end = "moe_layer_end_index"

    /// The key of the step.
    var interval = "moe_layer_interval"

    var alongside: [String] { [end, interval] }

    func rewrite(_ key: String, in surgery: inout ConfigDraft) {
        let isSparse = (0..<surgery.depth).map { layer in
            let origin = surgery.origin(layer, .mlp)
            return self.isSparse(surgery.sources[origin.source].view(origin.layer), key)
        }
        guard let first = isSparse.firstIndex(of: true), let last = isSparse.lastIndex(of: true) else {
            surgery.set(key, .int(surgery.depth))
            surgery.set(end, .int(surgery.depth))
            return
        }
        let own = surgery.view(0).int(interval, 1)
        for step in own == 1 ? [1] : [1, own] {
            let fits = isSparse.indices.allSatisfy { layer in
                isSparse[layer] == ((first...last).contains(layer) && step > 0 && (layer + 1) % step == 0)
            }
            guard fits else { continue }
            surgery.set(key, .int(first))
            surgery.set(end, .int(last))
            if surgery.setting(interval) != nil || step != 1 { surgery.set(interval, .int(step)) }
            return
        }
        let wrong = (first...last).first { !isSparse[$0] } ?? first
        surgery.report(
            .error,
            .layoutInexpressible,
            "\(surgery.words(surgery.origin(wrong, .mlp))) is dense and lands at \(wrong), between sparse layers \(first) and \(last)",
            key: key,
            layer: wrong,
            fix: "keep the sparse layers together"
        )
    }

    private func isSparse(_ view: LayerView, _ key: String) -> Bool {
        let last = view.int(end, -1)
        return view.ends(every: view.int(interval, 1)) && view.i >= view.int(key, fallback)
            && view.i <= (last < 0 ? view.n - 1 : last)
    }
}
