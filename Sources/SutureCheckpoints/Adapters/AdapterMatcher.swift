import SutureDiagnostics
import SutureTensors
import SystemPackage

/// Pairs an adapter's tensors and finds the tensors that they change.
struct AdapterMatcher {
    let adapter: Adapter
    let checkpoint: Checkpoint
    let names: BaseNames
    var faults: FaultList
    private var changes: [String: AdapterChanges.Change] = [:]
    private var notices = Diagnostics()

    init(adapter: Adapter, checkpoint: Checkpoint) {
        self.adapter = adapter
        self.checkpoint = checkpoint
        faults = FaultList(name: adapter.files[0].path.string)
        names = BaseNames(checkpoint)
    }

    mutating func match() throws(Diagnostics) -> AdapterChanges {
        checkBase()
        var parts: [String: [AdapterTensorName.Part: StoredTensor]] = [:]
        var modules: [String] = []
        for tensor in adapter.tensors {
            switch AdapterTensorName(tensor.spec.name) {
            case .part(let part, let module):
                if parts[module] == nil { modules.append(module) }
                if parts[module, default: [:]].updateValue(tensor, forKey: part) != nil {
                    faults.append(.partTwice(adapter, tensor.spec, module))
                }
            case .whole(let name): replace(name, by: tensor)
            case .tokens(let module): replaceRows(of: module, by: tensor)
            case .untouched: continue
            case .unsupported(let kind): faults.append(.unsupportedTensor(adapter, tensor.spec, kind))
            }
        }
        var wrapped: [String: [WrappedPair]] = [:]
        for module in modules {
            guard let pair = pair(of: module, parts[module] ?? [:]) else { continue }
            // A module that adapts parameters of its own is one of several wrappers around another.
            let plain = module.replacing(".base_layer", with: "")
            if let base = base(of: module) {
                adapt(base, pair)
            } else if adapter.config.parameters(of: plain).isEmpty {
                let wanted = module + ".weight"
                faults.append(.noBaseTensor(adapter, pair.a.spec, wanted, checkpoint))
            } else {
                let depth = module.split(separator: ".").count { $0 == "base_layer" }
                wrapped[plain, default: []].append(WrappedPair(pair: pair, depth: depth))
            }
        }
        for (module, pairs) in wrapped.sorted(by: { $0.key < $1.key }) { adaptParameters(of: module, pairs) }
        checkTargets(modules)
        guard faults.isEmpty else { throw faults.diagnostics }
        if changes.isEmpty { throw Diagnostics([.emptyAdapter(adapter)]) }
        return AdapterChanges(changes: changes, notices: notices.all)
    }

    // MARK: - Modules

    /// What the adapter holds for a module.
    struct Pair {
        let module: String
        let a: StoredTensor
        let b: StoredTensor
        let bias: StoredTensor?
        let magnitudes: StoredTensor?
        let isEmbedding: Bool
    }

    private mutating func pair(of module: String, _ parts: [AdapterTensorName.Part: StoredTensor]) -> Pair? {
        let isEmbedding = parts[.embeddingA] != nil || parts[.embeddingB] != nil
        guard let a = parts[isEmbedding ? .embeddingA : .a], let b = parts[isEmbedding ? .embeddingB : .b] else {
            let present = parts.values.min { $0.spec.name < $1.spec.name }
            faults.append(.halfPair(adapter, module, present?.spec.name ?? module))
            return nil
        }
        guard isNumeric(a), isNumeric(b), a.spec.elementCount > 0, b.spec.elementCount > 0,
            a.spec.shape.rank == b.spec.shape.rank, a.spec.shape.rank >= 2,
            a.spec.shape.dimensions[0] == b.spec.shape.dimensions[1]
        else {
            faults.append(.badPair(adapter, a.spec, b.spec))
            return nil
        }
        return Pair(
            module: module,
            a: a,
            b: b,
            bias: parts[.bias],
            magnitudes: parts[.magnitude],
            isEmbedding: isEmbedding
        )
    }

    private func base(of module: String) -> StoredTensor? {
        guard !module.hasSuffix(".base_layer") else { return nil }
        return names.tensor(module + ".weight") ?? names.tensor(module)
    }

    private mutating func adapt(_ base: StoredTensor, _ pair: Pair) {
        let rank = pair.a.spec.shape.dimensions[0]
        guard agrees(rank, with: pair.module, pair.a), let factors = factors(of: pair, for: base) else { return }
        let scale = adapter.config.scale(of: pair.module, rank: rank)
        if let magnitudes = pair.magnitudes {
            let shape = base.spec.shape.dimensions
            guard magnitudes.spec.elementCount == (factors.isTransposed ? shape[1] : shape[0]), isNumeric(magnitudes)
            else { return faults.append(.magnitudeShape(adapter, magnitudes.spec, base.spec)) }
        } else if adapter.config.isDecomposed {
            return faults.append(.magnitudeMissing(adapter, pair.a.spec))
        }
        // An embedding that was saved whole beside its factors is what their product is added to.
        var brought: StoredTensor?
        if case .replaced(let whole) = changes[base.spec.name] {
            brought = whole
            changes[base.spec.name] = nil
        }
        let update = AdapterChanges.LowRank(
            base: brought,
            rows: factors.rows,
            columns: factors.columns,
            scale: scale,
            magnitudes: pair.magnitudes,
            scalesColumns: pair.magnitudes != nil && factors.isTransposed
        )
        set(base, .lowRank(update))
        if let bias = pair.bias { add(bias, to: pair.module, scale: scale) }
    }

    /// The factors as they stand for the base, which lies as `[in, out]` where its shape says so, and else the config.
    private mutating func factors(
        of pair: Pair,
        for base: StoredTensor
    ) -> (rows: StoredTensor, columns: StoredTensor, isTransposed: Bool)? {
        let (a, b) = (pair.a, pair.b)
        let shape = base.spec.shape.dimensions
        if shape.count == 2, a.spec.shape.rank == 2 {
            let (inputs, outputs) = (a.spec.shape.dimensions[1], b.spec.shape.dimensions[0])
            let (isPlain, isTransposed) = (shape == [outputs, inputs], shape == [inputs, outputs])
            if pair.isEmbedding ? isTransposed : isTransposed && (!isPlain || adapter.config.isTransposed),
                let rows = a.transposed(), let columns = b.transposed()
            {
                return (rows, columns, true)
            }
            if isPlain, !pair.isEmbedding { return (b, a, false) }
        } else if shape.count > 2, shape.count == a.spec.shape.rank, !pair.isEmbedding,
            // A convolution: its kernel is in the first factor, and the second one mixes channels.
            Array(shape[1...]) == Array(a.spec.shape.dimensions[1...]), shape[0] == b.spec.shape.dimensions[0],
            b.spec.shape.dimensions[2...].allSatisfy({ $0 == 1 }), let rows = b.matrix(), let columns = a.matrix()
        {
            return (rows, columns, false)
        }
        faults.append(.pairDoesNotFit(adapter, a.spec, b.spec, base.spec))
        return nil
    }

    /// Whether a rank is the one that the config gives a module; reports where not.
    mutating func agrees(_ rank: Int, with module: String, _ a: StoredTensor) -> Bool {
        let said = adapter.config.rank(of: module)
        if rank != said { faults.append(.rankDiffers(adapter, a.spec, rank, said)) }
        return rank == said
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

    /// Replaces the rows of an embedding that were trained alone.
    private mutating func replaceRows(of module: String, by tensor: StoredTensor) {
        guard let base = names.tensor(module + ".weight") else {
            return faults.append(.noBaseTensor(adapter, tensor.spec, module + ".weight", checkpoint))
        }
        let rows = adapter.config.tokens(of: module)
        let (shape, own) = (base.spec.shape.dimensions, tensor.spec.shape.dimensions)
        guard shape.count == 2, own == [rows.count, shape[1]], Set(rows).count == rows.count,
            rows.allSatisfy({ $0 >= 0 && $0 < shape[0] }), isNumeric(tensor)
        else { return faults.append(.rowsDoNotFit(adapter, tensor.spec, rows.count, base.spec)) }
        set(base, .rows(tensor, numbers: rows))
    }

    mutating func set(_ base: StoredTensor, _ change: AdapterChanges.Change) {
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
            var name = (text.split { $0 == "/" || $0 == "\\" }.last.map(String.init) ?? text).lowercased()
            // QLoRA is trained on a packed copy of the model that it is put on afterwards.
            for ending in ["-bnb-4bit", "-bnb-8bit", "-unsloth"] where name.hasSuffix(ending) {
                name.removeLast(ending.count)
            }
            return name
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
