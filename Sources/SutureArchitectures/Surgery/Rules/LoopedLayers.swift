import SutureJSON
import SutureDiagnostics

/// A model some of whose layers run several times: those before the loop, those in it and those behind it are told
/// apart by number, so that the three stay in their order.
struct LoopedLayers: FieldRule {
    /// Where the loop begins and ends in a model of this config.
    var loop: @Sendable (LayerView) -> Range<Int>

    /// What the config says of a loop at a depth; a key inside an object counts only where the config has it.
    var written: @Sendable (_ loop: Range<Int>, _ depth: Int) -> [(key: String, value: Int)]

    /// Whether tensors outside the layers know the layers of the loop by their place in it, so that all of them must
    /// be there as they were.
    var mustBeWhole = false

    var alongside: [String] = []

    func rewrite(_ key: String, in surgery: inout ConfigDraft) {
        var last = 0
        var sections: [Int] = []
        for (layer, (attention, mlp)) in surgery.layers.enumerated() {
            let section = section(of: attention, in: surgery)
            if section != self.section(of: mlp, in: surgery) {
                surgery.report(
                    .error,
                    .halvesApart,
                    "\(surgery.words(attention)) and \(surgery.words(mlp)) do not both run in the loop, and no layer runs half",
                    key: key,
                    layer: layer,
                    fix: "splice layers of one section"
                )
                return
            }
            guard section >= last else {
                surgery.report(
                    .error,
                    .layoutInexpressible,
                    "\(surgery.words(attention)) runs \(Self.words[section]) and lands at \(layer), behind layers that run \(Self.words[last])",
                    key: key,
                    layer: layer,
                    fix: "put the layers before the loop first, then those of the loop, then those behind it"
                )
                return
            }
            last = section
            sections.append(section)
        }
        let start = sections.firstIndex { $0 > 0 } ?? sections.count
        let loop = start..<(sections.firstIndex { $0 > 1 } ?? sections.count)
        if mustBeWhole, !isWhole(loop, in: surgery) {
            let own = self.loop(surgery.sources[surgery.donor].view(0))
            surgery.report(
                .error,
                .layoutInexpressible,
                "layers \(loop.lowerBound) to \(max(loop.lowerBound, loop.upperBound - 1)) of the output run in the loop, and what is passed on there is trained for layers \(own.lowerBound) to \(own.upperBound - 1) of '\(surgery.sources[surgery.donor].name)', each once",
                key: key,
                layer: min(loop.lowerBound, surgery.depth - 1),
                fix: "keep the layers of the loop as they are"
            )
            return
        }
        guard self.loop(surgery.view(0)) != loop else { return }
        for (key, value) in written(loop, surgery.depth) where !key.contains(".") || surgery.setting(key) != nil {
            surgery.set(key, .int(value))
        }
    }

    private static let words = ["before the loop", "in the loop", "behind the loop"]

    private func section(of origin: LayerOrigin, in surgery: ConfigDraft) -> Int {
        let loop = self.loop(surgery.sources[origin.source].view(origin.layer))
        return origin.layer < loop.lowerBound ? 0 : origin.layer < loop.upperBound ? 1 : 2
    }

    private func isWhole(_ loop: Range<Int>, in surgery: ConfigDraft) -> Bool {
        let own = self.loop(surgery.sources[surgery.donor].view(0))
        return loop.count == own.count && zip(loop, own).allSatisfy { surgery.layers[$0].attention.layer == $1 }
    }
}
