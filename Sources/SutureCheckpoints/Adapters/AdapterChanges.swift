package import SutureDiagnostics
import SutureTensors
import SystemPackage

/// What an adapter does to a checkpoint, tensor by tensor.
package struct AdapterChanges: Sendable {
    /// What becomes of one tensor of the checkpoint.
    package enum Change: Hashable, Sendable {
        /// A tensor of the adapter takes its place.
        case replaced(StoredTensor)

        /// The product of two factors is added to it.
        case lowRank(LowRank)

        /// A multiple of a tensor of the adapter is added to it.
        case added(StoredTensor, scale: Double)
    }

    /// `W + scale · L · R`, and with magnitudes `m ⊙ V / ‖V‖` by rows (DoRA).
    package struct LowRank: Hashable, Sendable {
        /// What the product is added to, where the adapter brings it along; `nil` for the checkpoint's own tensor.
        package let base: StoredTensor?

        /// `[rows, r]`, or `[r, rows]` where the product is transposed.
        package let rows: StoredTensor

        /// `[r, columns]`, or `[columns, r]` where the product is transposed.
        package let columns: StoredTensor

        /// Whether the tensor is `[in, out]`, so that the factors stand the other way round.
        package let isTransposed: Bool

        /// What the product is multiplied by.
        package let scale: Double

        /// The lengths that the rows of the sum are given, `[rows]`.
        package let magnitudes: StoredTensor?
    }

    /// The changes by the names of the checkpoint's tensors.
    package let changes: [String: Change]

    /// What the user should know.
    package let notices: [Diagnostic]
}

extension Adapter {
    /// Finds which tensors of a checkpoint the adapter changes, and how.
    ///
    /// - Parameter checkpoint: The model that it is put on.
    /// - Returns: The changes.
    /// - Throws: `Diagnostics` with each of its tensors that fits nothing.
    package func changes(to checkpoint: Checkpoint) throws(Diagnostics) -> AdapterChanges {
        var matcher = AdapterMatcher(adapter: self, checkpoint: checkpoint)
        return try matcher.match()
    }
}

/// Pairs an adapter's tensors and finds the tensors that they change.
private struct AdapterMatcher {
    let adapter: Adapter
    let checkpoint: Checkpoint
    private var changes: [String: AdapterChanges.Change] = [:]
    private var notices = Diagnostics()
    private var faults: FaultList
    private let names: BaseNames

    init(adapter: Adapter, checkpoint: Checkpoint) {
        self.adapter = adapter
        self.checkpoint = checkpoint
        faults = FaultList(name: adapter.files[0].path.string)
        names = BaseNames(checkpoint)
    }

    mutating func match() throws(Diagnostics) -> AdapterChanges {
        checkBase()
        var modules: [String: [AdapterTensorName.Part: StoredTensor]] = [:]
        var order: [String] = []
        for tensor in adapter.tensors {
            switch AdapterTensorName(tensor.spec.name) {
            case .part(let part, let module):
                if modules[module] == nil { order.append(module) }
                modules[module, default: [:]][part] = tensor
            case .whole(let name): replace(name, by: tensor)
            case .unsupported(let kind): faults.append(.unsupportedTensor(adapter, tensor.spec, kind))
            }
        }
        for module in order { adapt(module, modules[module] ?? [:]) }
        checkTargets(order)
        guard faults.isEmpty else { throw faults.diagnostics }
        if changes.isEmpty { throw Diagnostics([.emptyAdapter(adapter)]) }
        return AdapterChanges(changes: changes, notices: notices.all)
    }

    // MARK: - Modules

    private mutating func adapt(_ module: String, _ parts: [AdapterTensorName.Part: StoredTensor]) {
        let isEmbedding = parts[.embeddingA] != nil || parts[.embeddingB] != nil
        guard let a = parts[isEmbedding ? .embeddingA : .a], let b = parts[isEmbedding ? .embeddingB : .b] else {
            let present = parts.values.min { $0.spec.name < $1.spec.name }
            return faults.append(.halfPair(adapter, module, present?.spec.name ?? module))
        }
        guard let base = names.tensor(module + ".weight") ?? names.tensor(module) else {
            return faults.append(.noBaseTensor(adapter, a.spec, module + ".weight", checkpoint))
        }
        guard let rank = rank(of: module, a, b), let isTransposed = orientation(of: base, a, b, isEmbedding) else {
            return
        }
        let scale = adapter.config.scale(of: module, rank: rank)
        let magnitudes = parts[.magnitude]
        if let magnitudes {
            guard !isTransposed else { return faults.append(.decomposedTransposed(adapter, magnitudes.spec)) }
            guard magnitudes.spec.elementCount == base.spec.shape.dimensions[0] else {
                return faults.append(.magnitudeShape(adapter, magnitudes.spec, base.spec))
            }
        } else if adapter.config.isDecomposed {
            return faults.append(.magnitudeMissing(adapter, a.spec))
        }
        // An embedding that was saved whole beside its factors is what their product is added to.
        var brought: StoredTensor?
        if case .replaced(let whole) = changes[base.spec.name] {
            brought = whole
            changes[base.spec.name] = nil
        }
        set(
            base,
            .lowRank(
                AdapterChanges.LowRank(
                    base: brought,
                    rows: isTransposed ? a : b,
                    columns: isTransposed ? b : a,
                    isTransposed: isTransposed,
                    scale: scale,
                    magnitudes: magnitudes
                )
            )
        )
        if let bias = parts[.bias] { add(bias, to: module, scale: scale) }
    }

    private mutating func add(_ bias: StoredTensor, to module: String, scale: Double) {
        guard let base = names.tensor(module + ".bias") else {
            return faults.append(.noBaseTensor(adapter, bias.spec, module + ".bias", checkpoint))
        }
        guard base.spec.shape == bias.spec.shape, isNumeric(bias), isNumeric(base) else {
            return faults.append(.shapesDiffer(adapter, bias.spec, base.spec))
        }
        set(base, .added(bias, scale: scale))
    }

    private mutating func rank(of module: String, _ a: StoredTensor, _ b: StoredTensor) -> Int? {
        guard a.spec.shape.rank == 2, b.spec.shape.rank == 2, isNumeric(a), isNumeric(b),
            a.spec.shape.dimensions[0] == b.spec.shape.dimensions[1], a.spec.shape.dimensions[0] > 0
        else {
            faults.append(.badPair(adapter, a.spec, b.spec))
            return nil
        }
        let rank = a.spec.shape.dimensions[0]
        let said = adapter.config.rank(of: module)
        guard rank == said else {
            faults.append(.rankDiffers(adapter, a.spec, rank, said))
            return nil
        }
        return rank
    }

    /// Whether the base lies as `[in, out]`, by its shape where that tells and else by the config.
    private mutating func orientation(
        of base: StoredTensor,
        _ a: StoredTensor,
        _ b: StoredTensor,
        _ isEmbedding: Bool
    ) -> Bool? {
        let inputs = a.spec.shape.dimensions[1]
        let outputs = b.spec.shape.dimensions[0]
        let isPlain = base.spec.shape.dimensions == [outputs, inputs]
        let isTransposed = base.spec.shape.dimensions == [inputs, outputs]
        guard isPlain || isTransposed, !isEmbedding || isTransposed else {
            faults.append(.pairDoesNotFit(adapter, a.spec, b.spec, base.spec))
            return nil
        }
        if isEmbedding { return true }
        return isPlain && isTransposed ? adapter.config.isTransposed : isTransposed
    }

    private func isNumeric(_ tensor: StoredTensor) -> Bool { tensor.spec.dtype.isBlendable }

    // MARK: - Whole tensors

    private mutating func replace(_ name: String, by tensor: StoredTensor) {
        guard let base = names.tensor(name) else {
            return faults.append(.noBaseTensor(adapter, tensor.spec, name, checkpoint))
        }
        guard base.spec.shape == tensor.spec.shape else {
            return faults.append(.shapesDiffer(adapter, tensor.spec, base.spec))
        }
        set(base, .replaced(tensor))
    }

    private mutating func set(_ base: StoredTensor, _ change: AdapterChanges.Change) {
        let name = base.spec.name
        guard base.spec.dtype.isBlendable, base.spec.dtype.bitWidth > 8 else {
            return faults.append(.notNumbers(adapter, base.spec))
        }
        if changes.updateValue(change, forKey: name) != nil { faults.append(.changedTwice(adapter, name)) }
    }

    // MARK: - The model it was made for

    private mutating func checkBase() {
        guard let wanted = adapter.config.base, !wanted.isEmpty,
            let id = checkpoint.hubID ?? HubID(checkpoint.reference.model)
        else { return }
        func short(_ text: String) -> String {
            (text.split { $0 == "/" || $0 == "\\" }.last.map(String.init) ?? text).lowercased()
        }
        // Local names say nothing; between hubs and mirrors the owner changes and the name stays.
        guard HubID(wanted)?.hasOwner ?? false, id.hasOwner, short(wanted) != short(id.text) else { return }
        notices.append(.baseDiffers(adapter, wanted, id))
    }

    private mutating func checkTargets(_ modules: [String]) {
        let all = Set(modules + changes.keys)
        let unused = adapter.config.targets.filter { target in
            !all.contains { $0 == target || $0.hasSuffix("." + target) || $0.hasSuffix("." + target + ".weight") }
        }
        if !unused.isEmpty, unused.count < adapter.config.targets.count {
            notices.append(.targetsWithoutTensors(adapter, unused))
        }
    }
}
