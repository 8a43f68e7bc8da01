import SutureDiagnostics
import SutureTensors
import SystemPackage

/// Pairs an adapter's tensors and finds the tensors that they change.
struct AdapterMatcher {
    let adapter: Adapter
    let checkpoint: Checkpoint
    let site: AdapterSite
    let names: BaseNames
    var faults: FaultList
    var notices = Diagnostics()

    /// The modules whose trained copies the file holds under names of their own.
    let savedModules: Set<String>

    /// What is known of each tensor that is changed, by its name.
    var parts: [String: TargetParts] = [:]

    init(adapter: Adapter, checkpoint: Checkpoint, site: AdapterSite) {
        self.adapter = adapter
        self.checkpoint = checkpoint
        self.site = site
        faults = FaultList(name: adapter.files[0].path.string)
        names = BaseNames(checkpoint)
        savedModules = Set(
            adapter.tensors.compactMap { tensor in
                guard case .whole(let name, .trained) = AdapterTensorName(tensor.spec.name) else { return nil }
                return name.split(separator: ".").dropLast().joined(separator: ".")
            }
        )
    }

    mutating func match() throws(Diagnostics) -> AdapterChanges {
        checkBase()
        var pieces: [String: [AdapterTensorName.Part: StoredTensor]] = [:]
        var modules: [String] = []
        var rows: [(module: String, tensor: StoredTensor)] = []
        for tensor in adapter.tensors {
            switch AdapterTensorName(tensor.spec.name) {
            case .part(let part, let module):
                if pieces[module] == nil { modules.append(module) }
                if pieces[module, default: [:]].updateValue(tensor, forKey: part) != nil {
                    faults.append(.partTwice(adapter, tensor.spec, module))
                }
            case .whole(let name, let standing): replace(name, by: tensor, standing)
            case .tokens(let module): rows.append((module, tensor))
            case .untouched: continue
            case .unsupported(let kind): faults.append(.unsupportedTensor(adapter, tensor.spec, kind))
            }
        }
        // What is trained apart is held against the shapes that whole tensors give.
        for (module, tensor) in rows { replaceRows(of: module, by: tensor) }
        var wrapped: [String: [WrappedPair]] = [:]
        for module in modules {
            guard let pair = pair(of: module, pieces[module] ?? [:]) else { continue }
            // A module that adapts parameters of its own is one of several wrappers around another.
            let plain = module.replacing(".base_layer", with: "")
            if let target = target(ofModule: module) {
                adapt(target, pair)
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
        let tie = settleTie()
        let resized = resizedTensors(tie.head)
        clearUnusedBias()
        for name in parts.keys.sorted() where checkpoint[name] == nil && name != tie.head {
            if tie.head == nil || name != ownBiasOfHead { faults.append(.onlyUntied(adapter, name)) }
        }
        guard faults.isEmpty else { throw faults.diagnostics }
        if parts.isEmpty { throw Diagnostics([.emptyAdapter(adapter)]) }
        return AdapterChanges(
            changes: parts.mapValues(\.change),
            unties: tie.isUndone,
            untiedHead: tie.head,
            resized: resized,
            notices: notices.all
        )
    }

    // MARK: - Targets

    /// A tensor that is changed: the checkpoint's, or the head of a model that stores none, which is its embedding.
    struct Target {
        let name: String
        let base: TensorSpec
    }

    /// The tensor that a name in memory means.
    func target(of name: String) -> Target? {
        if let tensor = names.tensor(name) { return Target(name: tensor.spec.name, base: tensor.spec) }
        guard let head = site.head, let embedding = sharedEmbedding else { return nil }
        if name.hasSuffix(".weight"), site.isHead(String(name.dropLast(".weight".count))) {
            return Target(name: head, base: embedding.spec)
        }
        guard let own = ownBiasOfHead, name == own, let bias = site.headBias.flatMap({ checkpoint[$0] }) else {
            return nil
        }
        return Target(name: own, base: bias.spec)
    }

    private func target(ofModule module: String) -> Target? {
        guard !module.hasSuffix(".base_layer") else { return nil }
        return target(of: module + ".weight") ?? target(of: module)
    }

    /// The shape that a target has once whole tensors are in their places.
    func shape(of target: Target) -> Shape {
        if let whole = parts[target.name]?.change.whole { return whole.spec.shape }
        if sharedEmbedding != nil, target.name == site.head || target.name == site.embedding {
            let other = target.name == site.head ? site.embedding : site.head
            if let whole = other.flatMap({ parts[$0]?.base }) { return whole.spec.shape }
        }
        return target.base.shape
    }

    mutating func edit(_ target: Target, _ edit: AdapterChanges.Edit) {
        guard target.base.dtype.isBlendable, target.base.dtype.bitWidth > 8 else {
            return faults.append(.notNumbers(adapter, target.base))
        }
        guard parts[target.name]?.edit == nil, parts[target.name]?.own == nil else {
            return faults.append(.changedTwice(adapter, target.name))
        }
        parts[target.name, default: TargetParts()].edit = edit
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
        let all = Set(modules + parts.keys)
        let unused = adapter.config.targets.filter { target in
            !all.contains { $0 == target || $0.hasSuffix("." + target) || $0.hasSuffix("." + target + ".weight") }
        }
        if !unused.isEmpty, unused.count < adapter.config.targets.count {
            notices.append(.targetsWithoutTensors(adapter, unused))
        }
    }
}

/// What an adapter holds for one tensor.
struct TargetParts: Equatable {
    /// The module's own copy, which was trained in place of it.
    var own: StoredTensor?

    /// What lies under the changes.
    var base: StoredTensor?

    /// What is done to it.
    var edit: AdapterChanges.Edit?

    var change: AdapterChanges.Change { AdapterChanges.Change(whole: own ?? base, edit: edit) }
}
