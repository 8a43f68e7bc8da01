import SutureDiagnostics
import SutureTensors

extension AdapterMatcher {
    /// Puts a whole tensor in the place of another, or under what changes it.
    ///
    /// PEFT saves what was trained of a saved module as `X.weight`, and beside it, where tokens were added, the whole
    /// embedding once more: `X.modules_to_save.weight`, `X.original_module.weight`. It loads the first of them.
    mutating func replace(_ name: String, by tensor: StoredTensor, _ standing: AdapterTensorName.Standing) {
        guard let target = target(of: name) else {
            return faults.append(.noBaseTensor(adapter, tensor.spec, name, checkpoint))
        }
        guard fits(tensor, target) else { return faults.append(.shapesDiffer(adapter, tensor.spec, target.base)) }
        guard target.base.dtype.isBlendable, target.base.dtype.bitWidth > 8 else {
            return faults.append(.notNumbers(adapter, target.base))
        }
        let module = name.split(separator: ".").dropLast().joined(separator: ".")
        let isTiedHead = adapter.config.savesTiedHead && sharedEmbedding != nil && target.name == site.head
        let isSaved = isTiedHead || savedModules.contains(module) || adapter.config.saves(module)
        var found = parts[target.name] ?? TargetParts()
        switch standing {
        case .plain where isSaved: found.own = tensor
        case .trained: found.own = found.own ?? tensor
        case .plain, .base:
            if found.base != nil { return faults.append(.partTwice(adapter, tensor.spec, name)) }
            found.base = tensor
        }
        parts[target.name] = found
    }

    /// Whether a tensor has the shape of a target, or that of one with more tokens or fewer.
    private func fits(_ tensor: StoredTensor, _ target: Target) -> Bool {
        let (own, base) = (tensor.spec.shape.dimensions, target.base.shape.dimensions)
        if own == base { return true }
        let hasRows = site.vocabularyTensors.contains(target.name) || target.name == site.head
        return hasRows && own.count == base.count && own.dropFirst() == base.dropFirst() && own.first ?? 0 > 0
    }

    /// Replaces the rows of an embedding that were trained alone.
    mutating func replaceRows(of module: String, by tensor: StoredTensor) {
        guard let target = target(of: module + ".weight") else {
            return faults.append(.noBaseTensor(adapter, tensor.spec, module + ".weight", checkpoint))
        }
        let rows = adapter.config.tokens(of: module)
        let (shape, own) = (shape(of: target).dimensions, tensor.spec.shape.dimensions)
        guard shape.count == 2, own == [rows.count, shape[1]], Set(rows).count == rows.count,
            rows.allSatisfy({ $0 >= 0 && $0 < shape[0] }), isNumeric(tensor)
        else { return faults.append(.rowsDoNotFit(adapter, tensor.spec, rows.count, target.base)) }
        edit(target, .rows(tensor, numbers: rows))
    }

    /// The shapes of tensors whose rows are more or fewer than the checkpoint's.
    ///
    /// All that has a row for each token must have as many, and what the adapter does not bring is nowhere.
    ///
    /// - Parameter untiedHead: The head that is written of a model that was tied.
    /// - Returns: The shapes by the names of tensors.
    mutating func resizedTensors(_ untiedHead: String?) -> [String: Shape] {
        var resized: [String: Shape] = [:]
        for (name, part) in parts {
            guard let whole = part.change.whole else { continue }
            let base = checkpoint[name]?.spec ?? sharedEmbedding?.spec
            if base?.shape != whole.spec.shape { resized[name] = whole.spec.shape }
        }
        guard !resized.isEmpty else { return [:] }
        var rows: [(name: String, before: Int, after: Int)] = []
        for name in (site.vocabularyTensors.union(untiedHead.map { [$0] } ?? [])).sorted() {
            guard let before = (checkpoint[name] ?? sharedEmbedding)?.spec.shape.dimensions.first else { continue }
            rows.append((name, before, resized[name]?.dimensions.first ?? before))
        }
        guard let first = rows.first(where: { $0.before != $0.after }) else { return resized }
        // A family may embed more than it predicts, and has told so by the rows that it had.
        for other in rows where other.before == first.before && other.after != first.after {
            faults.append(.rowsMissing(adapter, first, other))
        }
        notices.append(.tokensAdded(adapter, first.before, first.after))
        return resized
    }
}
