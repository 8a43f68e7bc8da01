import SutureTensors

/// Finds embedding, final norm and head among the tensors that no stack holds.
struct EndFinder {
    /// The prefix of the main stack.
    let prefix: String

    /// The number of tokens, where the config says it.
    let vocab: Int?

    /// The head's module, where the family has one that looks like an embedding.
    let knownHead: String?

    /// Whether the head is the embedding, so that what is stored is one only where its name says so.
    let isTied: Bool

    /// The parts of the tensors given, `nil` where they are no end.
    func ends(of tensors: [TensorSpec]) -> [End?] {
        let modules = tensors.map { Self.module(of: $0.name) }
        let embedding = embedding(modules, tensors)
        let head = head(modules, tensors, embedding: embedding)
        let norm = finalNorm(modules, tensors)
        return modules.enumerated().map { i, module in
            if module == embedding || isPart(module, of: embedding) { return .embed }
            if module == head { return .head }
            if module == norm { return .norm }
            return companion(module, name: tensors[i].name, embedding: embedding, head: head)
        }
    }

    /// A name without its leaf.
    static func module(of name: String) -> String {
        var parts = name.split(separator: ".", omittingEmptySubsequences: false)
        if let weight = parts.firstIndex(of: "weight"), weight > 0 {
            parts.removeSubrange(weight...)
        } else if parts.count > 1, let last = parts.last, NameWords.leaves.contains(String(last)) {
            parts.removeLast()
        }
        return parts.joined(separator: ".")
    }

    // MARK: - The embedding

    private func embedding(_ modules: [String], _ tensors: [TensorSpec]) -> String? {
        var best: (module: String, rank: Int)?
        for (i, module) in modules.enumerated() where module != knownHead {
            guard let rank = embeddingRank(module, tensors[i]), rank > best?.rank ?? 0 else { continue }
            best = (module, rank)
        }
        return best?.module ?? nameless(modules, tensors)
    }

    /// A table of as many rows as there are tokens that no word tells from a head, as in CTRL.
    private func nameless(_ modules: [String], _ tensors: [TensorSpec]) -> String? {
        let found = modules.indices.first { i in
            tensors[i].shape.rank == 2 && tensors[i].shape.dimensions.first == vocab
                && parent(of: modules[i]) == parent(of: prefix) && !parent(of: prefix).isEmpty
        }
        return found.map { modules[$0] }
    }

    /// How much a tensor looks like the token embedding; `nil` where it is none.
    private func embeddingRank(_ module: String, _ tensor: TensorSpec) -> Int? {
        let last = lastPart(module)
        let isSure = Self.sureEmbeddings.contains(last)
        guard isSure || Self.embeddingWords.contains(where: last.contains) else { return nil }
        guard !Self.otherEmbeddings.contains(where: last.contains) else { return nil }
        guard tensor.shape.rank == 2, let rows = tensor.shape.dimensions.first else { return isSure ? 1 : nil }
        let isNear = isBesideStack(module)
        guard let vocab else { return (isSure ? 4 : 2) + (isNear ? 1 : 0) }
        if rows == vocab { return (isSure ? 8 : 6) + (isNear ? 1 : 0) }
        if rows > vocab, rows - vocab <= 1024, isSure { return 5 }
        return isSure ? 1 : nil
    }

    /// Molmo keeps its embedding in two tables, `wte.embedding` and `wte.new_embedding`.
    private func isPart(_ module: String, of embedding: String?) -> Bool {
        guard let embedding else { return false }
        let holder = parent(of: embedding)
        return lastPart(holder) == "wte" && parent(of: module) == holder
    }

    /// Whether it lies under what holds the stack, which tells `model.embed_tokens` from a tower's.
    private func isBesideStack(_ module: String) -> Bool {
        let parent = parent(of: prefix)
        return parent.isEmpty || module.hasPrefix(parent + ".")
    }

    private static let sureEmbeddings: Set<String> = [
        "embed_tokens", "wte", "word_embeddings", "tok_embeddings", "embed_in", "embeddings", "token_embeddings",
        "word_embedding", "shared", "token_embedding", "input_embedding", "embed", "tokens_embed", "embedding",
    ]
    private static let embeddingWords = ["embed", "wte", "tok", "shared", "word_emb", "input_embedding"]
    private static let otherEmbeddings = [
        "position", "token_type", "norm", "ln", "per_layer", "relative", "rotary", "pos_emb", "patch", "rel_", "wpe",
        "embed_pos", "segment",
    ]

    // MARK: - The head

    private func head(_ modules: [String], _ tensors: [TensorSpec], embedding: String?) -> String? {
        if let knownHead, modules.contains(knownHead) { return knownHead }
        var best: (module: String, rank: Int)?
        for (i, module) in modules.enumerated() where module != embedding {
            let isSure = HeadNames.isHead(module)
            let hasRows = tensors[i].shape.rank == 2 && tensors[i].shape.dimensions.first == vocab
            guard isSure || hasRows && mayBeHead(module) else { continue }
            let rank = (isSure ? 2 : 0) + (hasRows ? 1 : 0)
            if rank > best?.rank ?? 0 { best = (module, rank) }
        }
        return best?.module
    }

    /// Whether a table of as many rows as there are tokens, whose name is no head's, may be the head all the same.
    ///
    /// Positions and kinds of tokens may be as many as tokens are, and a square matrix as wide as they are many.
    private func mayBeHead(_ module: String) -> Bool {
        guard !isTied else { return false }
        let text = module.lowercased()
        let last = lastPart(text)
        return !(Self.embeddingWords + Self.otherEmbeddings).contains(where: last.contains)
            && !(Self.headWords + Self.otherTables).contains(where: text.contains)
    }

    private static let otherTables = [
        "wpe", "pos", "segment", "type", "lang", "project_in", "proj_in", "transform", "dense", "connector",
        "encoder_attn", "time",
    ]

    // MARK: - The final norm

    private func finalNorm(_ modules: [String], _ tensors: [TensorSpec]) -> String? {
        let parent = parent(of: prefix)
        let beside = norms(under: parent, modules, tensors)
        let plain = beside.filter { !lastPart($0).contains("emb") && !lastPart($0).contains("per_layer") }
        if let found = plain.last(where: { lastPart($0).contains("final") }) ?? plain.last { return found }
        // Old Phi keeps it in the head; LFM2 calls it `embedding_norm`, ESM `emb_layer_norm_after`.
        if modules.contains("lm_head.ln") { return "lm_head.ln" }
        let named = ["embedding_norm", "emb_layer_norm_after"]
        if let found = beside.first(where: { named.contains(lastPart($0)) }) { return found }
        guard !parent.isEmpty else { return nil }
        return norms(under: self.parent(of: parent), modules, tensors).last { !lastPart($0).contains("emb") }
    }

    private func norms(under parent: String, _ modules: [String], _ tensors: [TensorSpec]) -> [String] {
        modules.indices.lazy.filter { i in
            self.parent(of: modules[i]) == parent && tensors[i].shape.rank <= 1
                && NameWords.isNorm(NameWords.folded(lastPart(modules[i])))
        }
        .map { modules[$0] }
    }

    // MARK: - What belongs with them

    private func companion(_ module: String, name: String, embedding: String?, head: String?) -> End? {
        let folded = module.split(separator: ".").map { String(decoding: NameWords.folded($0), as: UTF8.self) }
        let text = folded.joined(separator: ".")
        guard !text.contains("rotary"), !text.contains("inv_freq") else { return nil }
        let last = folded.last ?? ""
        if text.contains("per_layer") { return .embedCompanion("per_layer") }
        if Self.headWords.contains(where: text.contains) {
            if text.contains("pooler") { return .headCompanion("pooler") }
            if NameWords.isNorm(Array(last.utf8)) { return .headCompanion("norm") }
            return .headCompanion(folded.last == "bias" || name.hasSuffix(".bias") ? "bias" : "dense")
        }
        guard text.contains("emb") || last == "wpe" || text.contains("position") || last == "project_in" else {
            return nil
        }
        if NameWords.isNorm(Array(last.utf8)) || last.contains("norm") { return .embedCompanion("norm") }
        if text.contains("token_type") { return .embedCompanion("token_type") }
        return .embedCompanion(Self.sureEmbeddings.contains(lastPart(module)) ? "copy" : "position")
    }

    private static let headWords = [
        "pooler", "cls.", "lm_head", "classifier", "score", "vocab_", "project_out", "pred_layer", "predictions",
        "generator_", "logits", "qa_outputs", "value_head", "v_head",
    ]

    private func lastPart(_ module: String) -> String { module.split(separator: ".").last.map(String.init) ?? module }

    private func parent(of module: String) -> String {
        module.lastIndex(of: ".").map { String(module[..<$0]) } ?? ""
    }
}
