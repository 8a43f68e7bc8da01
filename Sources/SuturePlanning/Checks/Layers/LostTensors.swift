import SutureArchitectures
import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SutureRecipes
import SutureTensors
import SystemPackage

/// Finds what the class that loads the output needs and the output has not: lost by a source, or dropped.
///
/// Loaders make such tensors up, with a word in a log or none.
struct LostTensors {
    /// The output, after all that is left out of it.
    let composition: Composition
    /// Its config, which follows the layers.
    let config: JSONObject

    /// What is missing, told once for each that lost it.
    func findings() -> [Diagnostic] {
        let needed = composition.donor.anatomy.neededTensors(under: config)
        var losses = Losses()
        let isOfFamily = addLayers(needed, to: &losses)
        if isOfFamily, let needed { addEnds(needed, to: &losses) }
        // Code that a model brings along may do without what the family's class reads.
        let severity: Diagnostic.Severity = config["auto_map"] == nil ? .error : .warning
        var findings = losses.all.map { finding($0, of: needed?.family ?? "", severity) }
        if isOfFamily, let needed, needed.hasHead, let lost = lostHead(of: needed.family) { findings.append(lost) }
        return findings
    }

    // MARK: - Looking

    /// Adds what layers lack.
    ///
    /// - Returns: Whether any layer is of the family's make.
    private func addLayers(_ needed: NeededTensors?, to losses: inout Losses) -> Bool {
        let layers = composition.strip.layers
        let isPacked = composition.strip.sources.contains { composition.sources[$0].isQuantized }
        var spellings: [Int: [String: String]] = [:]
        var odd: [Int: [Int: Set<String>]] = [:]
        for index in composition.strip.sources {
            spellings[index] = composition.sources[index].layerSpellings
            odd[index] = LayersOfOneKind(of: composition.sources[index]).lost
        }
        var isOfFamily = false
        for (number, layer) in layers.enumerated() {
            let suffixes = layer.slots.map(\.suffix)
            let held = Set(suffixes.map(NeededTensors.key) + suffixes.map(Role.module))
            let origins = [layer.attention, layer.mlp]
            let expected = origins.reduce(into: Set()) { expected, origin in
                expected.formUnion((odd[origin.source]?[origin.layer] ?? []).map(NeededTensors.key))
            }.subtracting(held)
            let missing = needed?.missing(
                from: suffixes,
                inLayer: number,
                of: layers.count,
                onlyNorms: isPacked,
                expected: expected
            )
            isOfFamily = isOfFamily || missing != nil
            // What the family's class has a name for and does not miss, it does without.
            let others = expected.subtracting(missing ?? []).filter { missing == nil || needed?.isKnown($0) == false }
            for key in (missing ?? []) + others.sorted() {
                let names = origins.map { origin in
                    let suffix = spellings[origin.source]?[key] ?? NeededTensors.fileName(key)
                    let stack = composition.sources[origin.source].anatomy.mainStack
                    return (origin, stack.name(layer: origin.layer, suffix: suffix))
                }
                guard !names.contains(where: { composition.sources[$0.source].unread.contains($1) }) else { continue }
                let (origin, name) = names.first { glob(of: $1) != nil } ?? names[0]
                let isDropped = glob(of: name) != nil
                if !others.contains(key) {
                    losses.add(name, of: origin.source, isDropped ? .dropped : .needed)
                } else if !isDropped {
                    losses.add(name, of: origin.source, .odd)
                }
            }
        }
        return isOfFamily
    }

    private func addEnds(_ needed: NeededTensors, to losses: inout Losses) {
        let ends = composition.strip.ends
        let prefix = composition.donor.anatomy.mainStack.prefix
        // Names of other models' ends are theirs.
        guard [ends.embed, ends.norm].allSatisfy({ composition.sources[$0.owner].anatomy.mainStack.prefix == prefix })
        else { return }
        let slots = [ends.embed, ends.norm, ends.head].flatMap(\.slots) + composition.rest.map(\.slot)
        let found: [SutureArchitectures.End: [String]] = [
            .embed: ends.embed.slots.filter(\.isVocabularyMatrix).map(\.spec.name),
            .norm: ends.norm.slots.map(\.spec.name),
        ]
        for name in needed.missingEnds(from: slots.lazy.map(\.spec.name), prefix: prefix, found: found) {
            let name = NeededTensors.fileName(name)
            let isNorm = name.contains("norm")
            let owner = isNorm ? ends.norm.owner : ends.embed.owner
            losses.add(name, of: owner, glob(of: name) != nil ? .dropped : .needed)
        }
    }

    /// What is said of a model without a head that its config promises.
    private func lostHead(of family: String) -> Diagnostic? {
        let ends = composition.strip.ends
        let anatomy = composition.donor.anatomy
        let facts = anatomy.facts
        let isOwn = anatomy.scopePath.isEmpty ? !composition.isTied : anatomy.innerHeadIsOwn(under: config)
        guard isOwn, ends.head.slots.isEmpty, ends.embed.slots.contains(where: \.isVocabularyMatrix),
            let name = anatomy.unstoredHeadName,
            !composition.rest.contains(where: { $0.slot.spec.name == name })
        else { return nil }
        let owner = composition.sources[ends.head.owner]
        let drop = glob(of: name)
        // Where the config is silent, older releases of the class may have meant otherwise.
        let finding = Finding(
            facts.isTied.path.isEmpty || config["auto_map"] != nil ? .warning : .error,
            code: "missing-tensors",
            facts.isTied.path.isEmpty
                ? "'\(owner.name)' has no '\(name)', and a '\(family)' model whose config does not tie it has a head of its own"
                : "\(drop == nil ? "'\(owner.name)' has" : "the output would have") no '\(name)', and its config says tie_word_embeddings: false",
            fix: "take a head: output: {ends: {head: …}}; or say in its config.json that the head is the embedding",
            accept: "missing-tensors"
        )
        return Diagnostic(finding, at: place(of: owner, drop), in: composition)
    }

    // MARK: - Telling

    /// Tensors that one model lost, or that the recipe drops.
    private struct Loss {
        enum Cause {
            /// The recipe drops what the family's class reads.
            case dropped
            /// The family's class reads it.
            case needed
            /// The layer's like have it.
            case odd
        }

        let source: Int
        let cause: Cause
        var names: [String] = []
    }

    private struct Losses {
        private(set) var all: [Loss] = []

        mutating func add(_ name: String, of source: Int, _ cause: Loss.Cause) {
            let place = all.firstIndex { $0.source == source && $0.cause == cause } ?? all.endIndex
            if place == all.endIndex { all.append(Loss(source: source, cause: cause)) }
            if !all[place].names.contains(name) { all[place].names.append(name) }
        }
    }

    private func finding(_ loss: Loss, of family: String, _ severity: Diagnostic.Severity) -> Diagnostic {
        let source = composition.sources[loss.source]
        let names = source.anatomy.mainStack.listed(loss.names)
        let shown = names.prefix(12).map { "'\($0)'" }.joined(separator: ", ")
        let words = names.count > 12 ? shown + " and more" : shown
        let count = loss.names.count
        let what = count == 1 ? "a tensor" : "\(count) tensors"
        let message =
            switch loss.cause {
            case .dropped:
                "'drop' leaves out \(what) that a '\(family)' model needs, and loaders would make up: \(words)"
            case .needed:
                "'\(source.name)' lacks \(what) that a '\(family)' model needs, and loaders would make up: \(words)"
            case .odd: "'\(source.name)' lacks \(what) that other layers of the same kind have: \(words)"
            }
        let isDropped = loss.cause == .dropped
        let finding = Finding(
            severity,
            code: "missing-tensors",
            message,
            fix: isDropped
                ? "leave \(count == 1 ? "it" : "them") in"
                : "check that the checkpoint is whole: 'suture inspect --tensors' lists what it has",
            accept: "missing-tensors"
        )
        return Diagnostic(finding, at: place(of: source, isDropped ? glob(of: loss.names[0]) : nil), in: composition)
    }

    private func place(of source: ResolvedSource, _ glob: Marked<String>?) -> Diagnostic.Place {
        (glob?.range ?? source.range).map(Diagnostic.Place.source)
            ?? .file(source.checkpoint.folder.string, tensor: nil)
    }

    /// What drops a tensor.
    private func glob(of name: String) -> Marked<String>? {
        composition.graph.output.drop.first { matchesGlob($0.value, name) }
    }
}

extension ResolvedSource {
    /// How its layers spell what a family needs.
    fileprivate var layerSpellings: [String: String] {
        var spellings: [String: String] = [:]
        for case .layer(anatomy.main, _, let suffix, _) in anatomy.parts {
            spellings[NeededTensors.key(suffix)] = suffix
        }
        return spellings
    }
}

extension Stack {
    /// Names of tensors, those of a run of layers as one: `model.layers.{0 to 3}.mlp.up_proj.weight`.
    fileprivate func listed(_ names: [String]) -> [String] {
        var order: [String] = []
        var layers: [String: [Int]] = [:]
        for name in names {
            let rest = name.hasPrefix(prefix + ".") ? name.dropFirst(prefix.count + 1) : ""
            let digits = rest.prefix { $0 != "." }
            let pattern = Int(digits) == nil ? name : "\(prefix).#" + rest.dropFirst(digits.count)
            if layers[pattern] == nil { order.append(pattern) }
            layers[pattern, default: []] += Int(digits).map { [$0] } ?? []
        }
        return order.map { pattern in
            guard let numbers = layers[pattern]?.sorted(), let first = numbers.first, let last = numbers.last else {
                return pattern
            }
            let isRun = numbers.count > 2 && last - first == numbers.count - 1
            let words = isRun ? "\(first) to \(last)" : numbers.map(String.init).joined(separator: ", ")
            return "\(prefix)." + (numbers.count == 1 ? words : "{\(words)}") + pattern.dropFirst(prefix.count + 2)
        }
    }
}
