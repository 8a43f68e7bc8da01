import SutureTensors

/// Finds the stacks of a checkpoint from its tensors' names and tells language models from towers.
struct StackFinder {
    /// Tensors that share a prefix and differ in the number that follows.
    struct Candidate {
        let prefix: String
        /// For each tensor: its place in the checkpoint, its layer and its suffix.
        var tensors: [(tensor: Int, layer: Int, suffix: String)] = []
        var byteCount = 0

        /// One more than the highest number.
        var end: Int { (tensors.map(\.layer).max() ?? -1) + 1 }
    }

    let modelType: String
    private(set) var candidates: [Candidate] = []
    private(set) var isTower: [Bool] = []

    /// Looks for stacks among tensors.
    ///
    /// - Parameters:
    ///   - modelType: The family.
    ///   - tensors: The tensors.
    ///   - mayBeTowers: Whether the layers of a tower count as those of a language model do.
    init(modelType: String, tensors: [TensorSpec], mayBeTowers: Bool = false) {
        self.modelType = modelType
        var places: [String: Int] = [:]
        for (i, tensor) in tensors.enumerated() {
            guard let name = FamilyTable.layeredName(tensor.name, modelType: modelType) else { continue }
            let place = places[name.prefix] ?? candidates.count
            if place == candidates.count {
                places[name.prefix] = place
                candidates.append(Candidate(prefix: name.prefix))
            }
            candidates[place].tensors.append((i, name.layer, name.suffix))
            let (sum, overflow) = candidates[place].byteCount.addingReportingOverflow(tensor.byteCount)
            candidates[place].byteCount = overflow ? .max : sum
        }
        isTower = candidates.map { candidate in
            !mayBeTowers && FamilyTable.isTower(candidate.prefix, modelType: modelType)
        }
    }

    /// The candidates that look like the layers of a transformer: numbered from 0 without much missing, with at
    /// least three tensors in some layer, one of them attention's or an MLP's.
    func transformers() -> [Int] {
        candidates.indices.filter { i in
            let candidate = candidates[i]
            guard !isTower[i] else { return false }
            var counts: [Int: Int] = [:]
            for (_, layer, _) in candidate.tensors { counts[layer, default: 0] += 1 }
            guard counts[0] != nil, counts.count * 2 >= candidate.end,
                let fullest = counts.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }), fullest.value >= 3
            else { return false }
            let patterns = Set(
                candidate.tensors.lazy.filter { $0.layer == fullest.key }.map { LayeredName.pattern(of: $0.suffix) }
            )
            return LayerClassifier(Array(patterns)).sublayers().contains { $0 == .attention || $0 == .mlp }
        }
    }
}
