import SutureTokenizers
import SutureArchitectures
import SutureCheckpoints
import SutureDiagnostics
import SutureTensors
import SystemPackage

/// Gives a model the embedding, head and tokenizer that an adapter was trained with.
struct AdaptedEnds {
    let adapter: Adapter
    let changes: AdapterChanges
    let checkpoint: Checkpoint
    let anatomy: Anatomy

    /// Makes the model with them.
    ///
    /// - Parameter notices: What the user should know is added to it.
    /// - Returns: The model; the checkpoint itself where the adapter leaves them alone.
    /// - Throws: `Diagnostics` where a tensor would have more elements than can be counted.
    func model(_ notices: inout [Diagnostic]) throws(Diagnostics) -> Checkpoint {
        let companions = companions(&notices)
        guard changes.unties || !changes.resized.isEmpty || companions != checkpoint.companions else {
            return checkpoint
        }
        var tensors = checkpoint.tensors
        var storedNames = checkpoint.storedNames
        if let name = changes.untiedHead { untie(name, &tensors, &storedNames) }
        for index in tensors.indices {
            guard let shape = changes.resized[tensors[index].spec.name] else { continue }
            tensors[index] = try tensors[index].resized(to: shape)
        }
        var config = checkpoint.config
        if changes.unties { config.setTie(false, of: anatomy.facts) }
        if let embedding = zip(anatomy.parts, checkpoint.tensors).first(where: { $0.0 == .end(.embed) })?.1.spec.name,
            let rows = changes.resized[embedding]?.dimensions.first
        {
            config.setVocabulary(rows: rows, of: anatomy)
        }
        return checkpoint.seen(as: config, tensors: tensors, storedNames: storedNames, companions: companions)
    }

    /// Adds the head of a model that stored none, and the bias that it shared.
    private func untie(_ head: String, _ tensors: inout [StoredTensor], _ storedNames: inout [String: String]) {
        func add(_ original: StoredTensor, as name: String) {
            tensors.append(original.renamed(name))
            storedNames[name] = checkpoint.storedNames[original.spec.name] ?? original.spec.name
        }
        guard
            let embedding = zip(anatomy.parts, checkpoint.tensors).first(where: {
                $0.0 == .end(.embed) && $0.1.spec.shape.rank == 2
            })?.1
        else { return }
        add(embedding, as: head)
        // A head inside a module of its own shares that module's bias as long as it is tied.
        let names = AdapterSite.biasNames(of: head)
        if names.count == 2, checkpoint[names[0]] == nil, let bias = checkpoint[names[1]] { add(bias, as: names[0]) }
    }

    /// The model's small files; those of the tokenizer are the adapter's where that has other tokens.
    private func companions(_ notices: inout [Diagnostic]) -> [CompanionFile] {
        let own = adapter.companions.filter(\.group.followsTokenizer)
        let embedding = zip(anatomy.parts, checkpoint.tensors).first { $0.0 == .end(.embed) }?.1.spec.name
        let hasNewRows = embedding.map { changes.resized[$0] != nil } ?? false
        guard let tokens = TokenVocabulary.read(in: own), tokens.count > 0 else {
            if hasNewRows { notices.append(.tokenizerMissing(adapter)) }
            return checkpoint.companions
        }
        let before = TokenVocabulary.read(in: checkpoint.companions)
        guard hasNewRows || before.map({ $0.tokens != tokens.tokens }) ?? true else { return checkpoint.companions }
        notices.append(.tokenizerOfAdapter(adapter, tokens.count, before?.count))
        return (checkpoint.companions.filter { !$0.group.followsTokenizer } + own).sorted { $0.name < $1.name }
    }
}

extension StoredTensor {
    fileprivate func renamed(_ name: String) -> StoredTensor {
        StoredTensor(spec: spec.renamed(name), file: file, offset: offset, strides: strides)
    }

    /// The tensor with the shape that takes its place; its own numbers are not read.
    fileprivate func resized(to shape: Shape) throws(Diagnostics) -> StoredTensor {
        guard let spec = try? TensorSpec(spec.name, spec.dtype, shape) else {
            throw Diagnostics([.adapterShapeImpossible(spec.name)])
        }
        return StoredTensor(spec: spec, file: file, offset: offset, strides: strides)
    }
}

extension Diagnostic {
    /// New rows, and no tokenizer that knows their tokens.
    fileprivate static func tokenizerMissing(_ adapter: Adapter) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "adapter-without-tokenizer",
            "the adapter brings rows for other tokens than the model's, and no tokenizer that says which",
            at: .file(adapter.folder.string, tensor: nil),
            fix: FixIt("save the tokenizer that it was trained with into its folder")
        )
    }

    /// The tokenizer in an adapter's folder is taken.
    fileprivate static func tokenizerOfAdapter(_ adapter: Adapter, _ count: Int, _ before: Int?) -> Diagnostic {
        let difference = before.map { "the model's has \($0)" } ?? "the model has none"
        return Diagnostic(
            .note,
            code: "adapter-tokenizer",
            "the tokenizer in the adapter's folder is taken, as it was trained with that: it has \(count) tokens, \(difference)",
            at: .file(adapter.folder.string, tensor: nil)
        )
    }
}
