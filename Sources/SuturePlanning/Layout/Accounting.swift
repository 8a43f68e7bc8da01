import SutureArchitectures
import SutureCheckpoints
import SutureTensors

/// Says what becomes of every tensor of every source: nothing may vanish without a word.
struct Accounting {
    let composition: Composition
    let tensors: [Plan.Tensor]
    let dropped: [Int: Set<String>]

    /// The accounts, by source and fate.
    func accounts() -> [Plan.Account] {
        var used: [Int: Set<String>] = [:]
        for tensor in tensors {
            for leaf in tensor.expression.leaves { used[leaf.source, default: []].insert(leaf.spec.name) }
        }
        // A layer whose tensors are filled is used for its shape all the same.
        let placed = Set(composition.strip.layers.flatMap { [$0.attention, $0.mlp] })
        return composition.sources.flatMap { source -> [Plan.Account] in
            var counts: [(fate: String, tensors: Int, bytes: Int)] = []
            func add(_ bytes: Int, _ fate: String) {
                if let index = counts.firstIndex(where: { $0.fate == fate }) {
                    counts[index].tensors += 1
                    counts[index].bytes += bytes
                } else {
                    counts.append((fate, 1, bytes))
                }
            }
            for (tensor, part) in zip(source.checkpoint.tensors, source.anatomy.parts) {
                let fate: String
                if source.isReplacedByAdapter(tensor.spec.name) {
                    fate = "replaced by the adapter"
                } else if used[source.index]?.contains(tensor.spec.name) ?? false {
                    fate = "used"
                } else if dropped[source.index]?.contains(tensor.spec.name) ?? false {
                    fate = "dropped by the recipe"
                } else {
                    switch part {
                    case .layer(source.anatomy.main, let layer, _, _):
                        let isPlaced = placed.contains(LayerOrigin(source: source.index, layer: layer))
                        fate = isPlaced ? "replaced" : "outside the ranges"
                    case .end: fate = "another model's is written"
                    case .extraLayer, .draft: fate = "draft layers left behind"
                    case .layer, .tower, .other: fate = "not the config donor's"
                    }
                }
                add(tensor.spec.byteCount, fate)
            }
            for tensor in source.adapter?.adapter.tensors ?? [] {
                let isUsed = used[source.index]?.contains(tensor.spec.name) ?? false
                add(tensor.spec.byteCount, isUsed ? "of the adapter, used" : "of the adapter, for parts left out")
            }
            return counts.map {
                Plan.Account(source: source.name, fate: $0.fate, tensorCount: $0.tensors, byteCount: $0.bytes)
            }
        }
    }
}
