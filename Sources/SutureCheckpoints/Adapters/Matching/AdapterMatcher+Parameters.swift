import SutureTensors

/// What adapts a parameter of a module: one of several wrappers, the first parameter's innermost.
struct WrappedPair {
    let pair: AdapterMatcher.Pair
    let depth: Int
}

extension AdapterMatcher {
    /// Adapts parameters that hold a matrix for each expert (`target_parameters`).
    ///
    /// In memory all experts of a layer share a tensor; on disk they may, or have one each. PEFT puts the first
    /// factors `[r, in]` of n experts below one another, `[r · n, in]`, and lets the columns of the second ones,
    /// `[out, r]`, take turns, `[out, r · n]`. Which wrapper adapts which parameter is told by what fits.
    mutating func adaptParameters(of module: String, _ pairs: [WrappedPair]) {
        var left = adapter.config.parameters(of: module)
        // Innermost first, as the module declares them: what goes in comes before what goes out.
        if let down = left.firstIndex(where: { $0.hasPrefix("down") }) { left.append(left.remove(at: down)) }
        for wrapped in pairs.sorted(by: { $0.depth > $1.depth }) {
            let pair = wrapped.pair
            guard pair.a.spec.shape.rank == 2, pair.bias == nil, pair.magnitudes == nil, !pair.isEmbedding else {
                faults.append(.badPair(adapter, pair.a.spec, pair.b.spec))
                continue
            }
            let targets = left.compactMap { name in
                ExpertTarget(module, name, in: names).map { (name: name, target: $0) }
            }
            guard let (name, target) = targets.first(where: { $0.target.isTransposed(for: pair) != nil }),
                let isTransposed = target.isTransposed(for: pair)
            else {
                if let base = targets.first?.target.tensors.first {
                    faults.append(.pairDoesNotFit(adapter, pair.a.spec, pair.b.spec, base.tensor.spec, checkpoint))
                } else {
                    let wanted = module + "." + (left.first ?? "weight")
                    faults.append(.noBaseTensor(adapter, pair.a.spec, wanted, checkpoint))
                }
                continue
            }
            left.removeAll { $0 == name }
            let rank = pair.a.spec.shape.dimensions[0] / target.expertCount
            guard agrees(rank, with: module + "." + name, pair.a) else { continue }
            let scale = adapter.config.scale(of: module + "." + name, rank: rank)
            for part in target.tensors {
                let count = target.expertCount
                let rows = part.rows ?? 0..<pair.b.spec.shape.dimensions[0]
                guard
                    let first = pair.a.firstFactors(of: count, part.expert, isTransposed: isTransposed),
                    let second = pair.b.secondFactors(of: count, part.expert, rows: rows, isTransposed: isTransposed)
                else { continue }
                let update = AdapterChanges.LowRank(
                    rows: isTransposed ? first : second,
                    columns: isTransposed ? second : first,
                    scale: scale,
                    magnitudes: nil,
                    scalesColumns: false
                )
                edit(Target(name: part.tensor.spec.name, base: part.tensor.spec), .lowRank(update))
            }
        }
    }
}

/// Where the matrices of a parameter with one for each expert are on disk.
struct ExpertTarget {
    /// A tensor that holds some of them.
    struct Part {
        let tensor: StoredTensor
        /// The expert whose matrix it is; `nil` where it holds those of all.
        let expert: Int?
        /// The rows of the expert's matrix that it is; `nil` for all.
        let rows: Range<Int>?
    }

    let tensors: [Part]
    let expertCount: Int

    /// The rows and columns of an expert's matrix.
    private let size: (rows: Int, columns: Int)

    /// Whether a square matrix lies as `[in, out]`, which its shape does not tell.
    private let isSquareTransposed: Bool

    /// Finds a parameter of a module: itself, or a tensor for each expert.
    init?(_ module: String, _ name: String, in names: BaseNames) {
        if let tensor = names.tensor(module + "." + name), tensor.spec.shape.rank == 3 {
            let shape = tensor.spec.shape.dimensions
            guard shape[0] > 0 else { return nil }
            (tensors, expertCount) = ([Part(tensor: tensor, expert: nil, rows: nil)], shape[0])
            size = (shape[1], shape[2])
            // The tensor with both gate and up is twice as long where its outputs are.
            let other = names.tensor(module + ".gate_up_proj")?.spec.shape.dimensions ?? []
            isSquareTransposed = other.count == 3 && other[2] > other[1]
            return
        }
        guard let parts = Self.apart[name],
            let found = parts.lazy.compactMap({ Self.experts(module, $0, in: names) }).first,
            let (rows, columns) = found.size
        else { return nil }
        (tensors, expertCount, size) = (found.tensors, found.count, (rows, columns))
        isSquareTransposed = false
    }

    /// Whether a pair of factors makes the transposed matrices; `nil` where it makes neither.
    func isTransposed(for pair: AdapterMatcher.Pair) -> Bool? {
        guard pair.a.spec.shape.dimensions[0].isMultiple(of: expertCount) else { return nil }
        let (inputs, outputs) = (pair.a.spec.shape.dimensions[1], pair.b.spec.shape.dimensions[0])
        let isPlain = (outputs, inputs) == size
        // Matrices with a tensor each are those of linear layers, which never lie as [in, out].
        let isTransposed = (inputs, outputs) == size && tensors.first?.expert == nil
        if isPlain, isTransposed { return isSquareTransposed }
        return isPlain || isTransposed ? isTransposed : nil
    }

    /// The matrices that loaders bring together in a parameter, by their names for one expert.
    private static let apart: [String: [[String]]] = [
        "gate_up_proj": [["gate_proj", "up_proj"], ["w1", "w3"]], "down_proj": [["down_proj"], ["w2"]],
    ]

    private static func experts(
        _ module: String,
        _ parts: [String],
        in names: BaseNames
    ) -> (tensors: [Part], count: Int, size: (Int, Int)?)? {
        for home in [module, module.replacing(".mlp.experts", with: ".block_sparse_moe.experts")] {
            var tensors: [Part] = []
            var count = 0
            var size: (Int, Int)?
            while let first = names.tensor("\(home).\(count).\(parts[0]).weight") {
                guard first.spec.shape.rank == 2 else { return nil }
                let (height, columns) = (first.spec.shape.dimensions[0], first.spec.shape.dimensions[1])
                guard size.map({ $0 == (height * parts.count, columns) }) ?? true else { return nil }
                size = (height * parts.count, columns)
                for (place, part) in parts.enumerated() {
                    guard let tensor = names.tensor("\(home).\(count).\(part).weight"),
                        tensor.spec.shape == first.spec.shape
                    else { return nil }
                    tensors.append(Part(tensor: tensor, expert: count, rows: place * height..<(place + 1) * height))
                }
                count += 1
            }
            if count > 0 { return (tensors, count, size) }
        }
        return nil
    }
}
