import SutureDiagnostics
import SutureTensors
import SystemPackage

extension AdapterMatcher {
    /// The embedding of a model that stores no head, because its head is the embedding.
    var sharedEmbedding: StoredTensor? {
        guard site.isTied, let head = site.head, checkpoint[head] == nil else { return nil }
        return site.embedding.flatMap { checkpoint[$0] }
    }

    /// The name that the head's bias has once the head is untied, where it shares another's before.
    var ownBiasOfHead: String? {
        guard let head = site.head, let bias = site.headBias, head.hasSuffix(".weight") else { return nil }
        let own = head.dropLast("weight".count) + "bias"
        return own == bias ? nil : String(own)
    }

    /// Finds what embedding and head of a tied model are with the adapter in use.
    ///
    /// In PEFT each of the two modules has its own change, and both read the one tensor below: what was saved of a
    /// module, or its factors, are of that module alone. Rows that were trained alone hold for both, and so does all
    /// where the tie was ensured. Merging writes the change of one into the tensor of both, which is another model.
    ///
    /// - Returns: Whether the head is another tensor than the embedding, and its name where the checkpoint stores none.
    mutating func settleTie() -> (isUndone: Bool, head: String?) {
        guard site.isTied, let embedding = site.embedding, let head = site.head,
            parts[embedding] != nil || parts[head] != nil
        else { return (false, nil) }
        guard site.sharers.isEmpty else {
            faults.append(.embeddingIsShared(adapter, embedding, site.sharers))
            return (false, nil)
        }
        var (e, h) = (parts[embedding] ?? TargetParts(), parts[head] ?? TargetParts())
        let isStored = checkpoint[head] != nil
        if !isStored {
            let base = e.base ?? h.base
            (e.base, h.base) = (base, base)
        }
        // Where it ensured the tie, PEFT saves the change under both names; for modules that it does not know it saves
        // one of them, and ensured nothing.
        let isSavedTwice = e.own != nil && h.own != nil
        let isAddedTwice = e.edit?.isLowRank ?? false && h.edit?.isLowRank ?? false
        if adapter.config.ensuresTie, isSavedTwice || isAddedTwice {
            if !isStored {
                (h.own, h.edit) = (e.own, e.edit)
                if isAddedTwice { notices.append(.mergedTwice(adapter, embedding)) }
            }
        } else if case .rows(_, let numbers)? = e.edit, h.own == nil, h.edit?.rowNumbers ?? numbers == numbers {
            h.edit = e.edit
        }
        let isParted = e.change != h.change
        if e != TargetParts() { parts[embedding] = e }
        parts[head] = !isStored && !isParted || h == TargetParts() ? nil : h
        guard isParted else { return (false, nil) }
        let isMergedWrong = !isStored && e.own == nil && h.own == nil
        notices.append(.untied(adapter, checkpoint, head, changed: (e.isChanged, h.isChanged), isMergedWrong))
        return (true, isStored ? nil : head)
    }
}

extension AdapterMatcher {
    /// Clears the head's bias where rows of the head were trained alone: PEFT then computes the head without it.
    mutating func clearUnusedBias() {
        guard let head = site.head, let bias = site.headBias, checkpoint[bias] != nil else { return }
        let isTied = sharedEmbedding != nil && parts[head] == nil
        guard case .rows? = (isTied ? site.embedding.flatMap { parts[$0] } : parts[head])?.edit else { return }
        // Once it is untied it has a name of its own.
        let name = isTied || checkpoint[head] != nil ? bias : ownBiasOfHead ?? bias
        parts[name, default: TargetParts()].edit = .cleared
        notices.append(.biasIsNotUsed(adapter, bias))
    }
}

extension TargetParts {
    /// Whether the module was trained, and not only what lies below it brought along.
    fileprivate var isChanged: Bool { own != nil || edit != nil }
}

extension AdapterChanges.Edit {
    fileprivate var isLowRank: Bool {
        if case .lowRank = self { true } else { false }
    }

    /// The rows that were trained alone; none where something else was done.
    fileprivate var rowNumbers: [Int] {
        if case .rows(_, let numbers) = self { numbers } else { [] }
    }
}

extension Diagnostic {
    private static func tieNote(_ code: String, _ adapter: Adapter, _ message: String) -> Diagnostic {
        Diagnostic(.note, code: code, message, at: .file(adapter.files[0].path.string, tensor: nil))
    }

    /// A tied model whose embedding and head are two with the adapter in use.
    fileprivate static func untied(
        _ adapter: Adapter,
        _ checkpoint: Checkpoint,
        _ head: String,
        changed: (embedding: Bool, head: Bool),
        _ isMergedWrong: Bool
    ) -> Diagnostic {
        let what =
            switch changed {
            case (true, true): "its embedding and its head, each in its own way"
            case (false, true): "its head and not its embedding"
            default: "its embedding and not its head"
            }
        let merged =
            isMergedWrong ? "; peft's merge_and_unload would change both, which is not the model that was trained" : ""
        return tieNote(
            "adapter-unties-head",
            adapter,
            "'\(excerpt(checkpoint.reference.text))' is tied, and the adapter changes \(what): '\(excerpt(head))' is "
                + "written as well, and the config says tie_word_embeddings: false\(merged)"
        )
    }

    /// Factors that PEFT adds to one tensor twice when it merges them.
    fileprivate static func mergedTwice(_ adapter: Adapter, _ embedding: String) -> Diagnostic {
        tieNote(
            "adapter-merge-differs",
            adapter,
            "the change of the tied embedding '\(excerpt(embedding))' is added once, as in training; peft's "
                + "merge_and_unload adds it for the head once more"
        )
    }

    /// A bias that PEFT leaves out.
    fileprivate static func biasIsNotUsed(_ adapter: Adapter, _ bias: String) -> Diagnostic {
        tieNote(
            "adapter-head-without-bias",
            adapter,
            "rows of the head were trained alone, and peft computes such a head without its bias: '\(excerpt(bias))' is "
                + "written as zeros, as the model was trained; peft's merge_and_unload takes it in again"
        )
    }

    /// A tensor that is apart only where the head is untied.
    static func onlyUntied(_ adapter: Adapter, _ name: String) -> Diagnostic {
        adapterFitsNoTensor(
            "it changes '\(excerpt(name))', which is no tensor of its own as long as the head is the embedding",
            at: adapter.files[0].path.string,
            fix: mergeFirst
        )
    }

    /// An embedding that more modules than the head share.
    fileprivate static func embeddingIsShared(_ adapter: Adapter, _ embedding: String, _ sharers: [String])
        -> Diagnostic
    {
        let list = sharers.joined(separator: " and ")
        return Diagnostic(
            code: "adapter-on-shared-embedding",
            "it changes '\(excerpt(embedding))', which \(list) share in this model: which of them is meant, no weights say",
            at: .file(adapter.files[0].path.string, tensor: nil),
            fix: FixIt(
                "train an adapter that leaves the embedding alone, or save the model untied and train on that one"
            )
        )
    }
}
