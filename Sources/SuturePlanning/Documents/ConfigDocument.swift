import SutureArchitectures
import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SutureRecipes
import SutureTensors
import SystemPackage

/// Writes the output's `config.json`: the donor's, with whatever depends on the layers carried along.
struct ConfigDocument {
    let composition: Composition
    let surgery: ConfigSurgery.Outcome

    /// The whole text, and what was found on the way.
    func write() -> (text: String, findings: [Diagnostic]) {
        var config = surgery.config
        setTie(in: &config)
        setVocabulary(in: &config)
        var typeFindings = SpecialTokens(composition).follow(in: &config)
        setDType(in: &config, &typeFindings)
        let completed = LoaderSettings.complete(
            config,
            sources: composition.sources.map { ($0.config, $0.anatomy, $0.name) },
            donor: composition.configDonor,
            layers: composition.strip.layers.map { ($0.attention, $0.mlp) }
        )
        let text = JSONPrinter.print(.object(completed.config), indent: 2) + "\n"
        // An older key may say again what only a list said for a while.
        let findings = surgery.findings.filter { finding in
            finding.code != "explicit-list-needed" || !completed.settled.contains(finding.field.last ?? "")
        }
        return (text, (findings + completed.findings).map { finding in diagnostic(finding) } + typeFindings)
    }

    /// Writes the tie flag where it must be said: where the donor says otherwise, in so many words or by default.
    private func setTie(in config: inout JSONObject) {
        let facts = composition.donor.anatomy.facts
        if facts.isTied.value != composition.isTied { config.setTie(composition.isTied, of: facts) }
    }

    /// Makes the vocabulary size the number of the embedding's rows, padding included.
    private func setVocabulary(in config: inout JSONObject) {
        guard let embed = composition.strip.ends.embed.slots.first(where: \.isVocabularyMatrix) else { return }
        config.setVocabulary(rows: embed.spec.shape.dimensions[0], of: composition.donor.anatomy)
    }

    /// Makes the config say how the weights are stored: as the recipe has it, and in any case where loaders would go by
    /// whichever tensor comes first.
    private func setDType(in config: inout JSONObject, _ findings: inout [Diagnostic]) {
        let scope = composition.donor.anatomy.scopePath
        let paths = [["dtype"], ["torch_dtype"]] + (scope.isEmpty ? [] : [scope + ["dtype"], scope + ["torch_dtype"]])
        let stated = paths.filter { config[$0]?.string != nil }
        if let dtype = composition.graph.output.dtype?.value {
            guard let name = dtype.recipeNames.first else { return }
            for path in stated { config[path] = .string(name) }
            if config["dtype"] == nil, config["torch_dtype"] == nil { config["torch_dtype"] = .string(name) }
            return
        }
        // The newer key counts; older programs read the other.
        for path in [[], scope] where config[path + ["dtype"]]?.string != nil {
            if let old = config[path + ["torch_dtype"]], old.string != nil, old != config[path + ["dtype"]] {
                config[path + ["torch_dtype"]] = config[path + ["dtype"]]
            }
        }
        let counts = weightCounts
        guard stated.isEmpty, counts.count > 1, composition.donor.quantization == nil,
            let most = counts.max(by: { ($0.value, $0.key.rawValue) < ($1.value, $1.key.rawValue) })?.key,
            let name = most.recipeNames.first
        else { return }
        config["torch_dtype"] = .string(name)
        findings.append(.dtypeWritten(name, counts.keys.map(\.rawValue).sorted(), of: composition.donor.name))
    }

    /// How many weights are stored in each dtype.
    private var weightCounts: [DType: Int] {
        let strip = composition.strip
        let ends = [strip.ends.embed, strip.ends.norm, strip.ends.head].flatMap(\.slots)
        let slots = strip.layers.flatMap(\.slots) + ends + composition.rest.map(\.slot)
        return slots.reduce(into: [:]) { counts, slot in
            guard slot.spec.dtype.isBlendable, !slot.isCompanion else { return }
            counts[slot.spec.dtype, default: 0] += slot.spec.elementCount
        }
    }

    /// What was found while the config was made to follow the layers.
    var surgeryFindings: [Diagnostic] { surgery.findings.map { diagnostic($0) } }

    private func diagnostic(_ finding: ConfigFinding) -> Diagnostic {
        let layers = composition.strip.layers
        let range = finding.layer.flatMap { layers.indices.contains($0) ? layers[$0].range : nil }
        let config = Diagnostic.Place.file(composition.donor.checkpoint.configPath.string, tensor: nil)
        return Diagnostic(finding, at: range.map(Diagnostic.Place.source) ?? config, in: composition)
    }
}

extension JSONObject {
    /// Says whether the head is the embedding, wherever the config says it.
    mutating func setTie(_ isTied: Bool, of facts: ModelFacts) {
        let path = facts.isTied.path.isEmpty ? ["tie_word_embeddings"] : facts.isTied.path
        self[path] = .bool(isTied)
        // A model and the language model nested in it may both say it, and loaders ask either.
        let key = [path[path.count - 1]]
        if path.count > 1, self[key]?.bool == !isTied { self[key] = .bool(isTied) }
    }

    /// Makes the vocabulary size that of an embedding of so many rows.
    mutating func setVocabulary(rows: Int, of anatomy: Anatomy) {
        guard let fact = anatomy.facts.vocab, !fact.path.isEmpty else { return }
        guard anatomy.embedsMoreThanTokens else {
            if fact.value != rows { self[fact.path] = .int(rows) }
            return
        }
        // Rows for prompts, images or further channels are counted elsewhere: only what is new is added.
        let own = anatomy.facts.embeddingRows ?? rows
        let (sum, overflow) = fact.value.addingReportingOverflow(rows - own)
        if rows != own, !overflow, sum > 0 { self[fact.path] = .int(sum) }
    }
}

extension Diagnostic {
    /// A config that does not say in what dtype weights of several are loaded.
    fileprivate static func dtypeWritten(_ name: String, _ stored: [String], of donor: String) -> Diagnostic {
        Diagnostic(
            .note,
            code: "dtype-written",
            "the config of '\(donor)' has no dtype, the weights are stored as \(stored.joined(separator: " and ")), and "
                + "transformers would load all in that of the first: \(name), which most have, is written",
            at: nil as SourceRange?,
            fix: FixIt("'output: {dtype: …}' stores and loads all in another")
        )
    }
}
