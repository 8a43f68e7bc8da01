import SutureArchitectures
import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SutureMerging
import SutureTensors

/// Proves that a result computes what one of its sources computes, from expressions and configs alone.
///
/// All layers must be the source's own, in order, and so must the ends and what else a model has. Layers between
/// them must be neutral (LLaMA-Pro, arXiv 2401.02415): see ``Neutrality``. Nor may they change what the source's
/// layers do: by another number, by keys and values that later layers share, by a field that counts layers.
struct Identity {
    let composition: Composition
    let methods: MergeRegistry

    /// Something by which the result is not its source, and what to do about it.
    struct Difference {
        let words: String
        let fix: String
    }

    /// Why the result is not the input's identity; `nil` where it is.
    func difference(from name: String) -> Difference? {
        guard let source = composition.sources.first(where: { $0.name == name }) else {
            return Difference(words: "there is no input '\(name)'", fix: "name an input of the recipe")
        }
        switch origins(in: source) {
        case .failure(let difference): return difference
        case .success(let origins):
            return difference(outsideLayers: origins, from: source) ?? difference(inConfig: origins, from: source)
        }
    }

    // MARK: - Layers

    /// For each layer of the result the source's layer that it is, or `nil` for a neutral one.
    private func origins(in source: ResolvedSource) -> Result<[Int?], Difference> {
        let neutrality = Neutrality(of: source, methods: methods)
        let layers = source.strip.layers
        var origins: [Int?] = []
        var next = 0
        for (index, layer) in composition.strip.layers.enumerated() {
            if next < layers.count, areCopies(layer.slots, of: layers[next].slots) {
                if let loss = loss(in: layer.slots, of: layers[next].slots) {
                    return .failure(.rounding("\(loss) in layer \(index)"))
                }
                origins.append(next)
                next += 1
            } else if let obstacle = neutrality.obstacle(in: layer) {
                let words = "layer \(index) is neither layer \(next) of '\(source.name)' nor neutral"
                return .failure(Difference(words: "\(words) (\(obstacle.words))", fix: obstacle.fix))
            } else {
                origins.append(nil)
            }
        }
        guard next == layers.count else {
            return .failure(
                Difference(
                    words: "layer \(next) of '\(source.name)' is missing",
                    fix: "keep all layers of '\(source.name)', in order"
                )
            )
        }
        return .success(origins)
    }

    private func areCopies(_ slots: [Strip.Slot], of others: [Strip.Slot], layers: [Int?] = []) -> Bool {
        let table = Dictionary(others.map { ($0.suffix, $0.expression) }) { first, _ in first }
        return slots.count == others.count
            && slots.allSatisfy { slot in
                let expression = slot.expression.reduced(by: methods)
                guard let own = table[slot.suffix] else { return false }
                return expression == own || expression.isGathering(of: own, layers: layers)
            }
    }

    /// What the dtype that is written does to copies; `nil` where it holds all of their numbers.
    private func loss(in slots: [Strip.Slot], of others: [Strip.Slot]) -> String? {
        let table = Dictionary(others.map { ($0.suffix, $0.spec.dtype) }) { first, _ in first }
        for slot in slots {
            guard let stored = table[slot.suffix], !slot.spec.dtype.holdsEveryNumber(of: stored) else { continue }
            return "\(stored.rawValue) is rounded to \(slot.spec.dtype.rawValue)"
        }
        return nil
    }

    // MARK: - What lies outside layers

    private func difference(outsideLayers origins: [Int?], from source: ResolvedSource) -> Difference? {
        let strip = composition.strip.ends
        let ends: [(String, Strip.End, Strip.End)] = [
            ("embedding", strip.embed, source.strip.ends.embed),
            ("final norm", strip.norm, source.strip.ends.norm),
            ("head", strip.head, source.strip.ends.head),
        ]
        for (word, ours, theirs) in ends {
            if !areCopies(ours.slots, of: theirs.slots, layers: origins) {
                return Difference(
                    words: "its \(word) is another",
                    fix: "take embedding, norm and head from '\(source.name)'"
                )
            }
            if let loss = loss(in: ours.slots, of: theirs.slots) { return .rounding("\(loss) in its \(word)") }
        }
        // Drafts take no part in what the model computes.
        let ours = composition.rest.filter { !$0.part.isDraft }.map(\.slot)
        let theirs = source.rest.filter { !$0.part.isDraft }.map(\.slot)
        if let loss = loss(in: ours, of: theirs) { return .rounding("\(loss) outside its layers") }
        guard !areCopies(ours, of: theirs, layers: origins) else { return nil }
        let kept = Set(ours.map(\.suffix))
        let lost = theirs.first { !kept.contains($0.suffix) }
        return Difference(
            words: lost.map { "'\($0.suffix)' is left out" } ?? "what lies outside its layers is another's",
            fix: "keep what '\(source.name)' has beside its layers, or leave the promise out"
        )
    }

    // MARK: - The config

    /// What the new blocks change about the source's layers, although they add nothing.
    ///
    /// The config is made once more as if the new blocks were a stranger's. Whatever then is found, or comes out
    /// otherwise, is something that a layer has of its place, or takes from a layer that is now another.
    private func difference(inConfig origins: [Int?], from source: ResolvedSource) -> Difference? {
        let asWritten = ConfigSurgery.rewrite(
            sources: composition.sources.map { ($0.config, $0.anatomy, $0.name) },
            donor: composition.configDonor,
            layers: composition.strip.layers.map { ($0.attention, $0.mlp) }
        )
        var takers: Set<Int> = []
        var asStrangers = rewritten(origins, takers: takers, from: source)
        while let finding = asStrangers.findings.first(where: {
            $0.severity > .note && !Self.harmless.contains($0.code)
        }) {
            // A new block that takes what an earlier layer gives has no use for it, and hands it on as it is.
            guard finding.code == "producer-changed", let layer = finding.layer, origins.indices.contains(layer),
                origins[layer] == nil, takers.insert(layer).inserted
            else {
                return Difference(
                    words: "the new blocks change what others do (\(finding.message))",
                    fix: finding.fix ?? "put the new blocks elsewhere, or leave the promise out"
                )
            }
            asStrangers = rewritten(origins, takers: takers, from: source)
        }
        let isSame = asStrangers.config.settings == asWritten.config.settings
        guard isSame || composition.configDonor == source.index else {
            return Difference(
                words: "its config is that of '\(composition.donor.name)'",
                fix: "take it from '\(source.name)': output: {config: \(source.name)}"
            )
        }
        guard isSame else {
            return Difference(
                words: "its config takes a new block for the layer that it is a copy of",
                fix: "put the new blocks elsewhere, or leave the promise out"
            )
        }
        return nil
    }

    /// The source's config for the layers of the result, of which new ones are a stranger's unless they only take.
    private func rewritten(_ origins: [Int?], takers: Set<Int>, from source: ResolvedSource) -> ConfigSurgery.Outcome {
        let count = composition.sources.count
        let strangers = composition.sources.map { ($0.config, $0.anatomy, "\($0.name) (new)") }
        let layers = zip(origins, composition.strip.layers).enumerated().map { place, pair -> ConfigSurgery.Layer in
            if let origin = pair.0 {
                let kept = LayerOrigin(source: source.index, layer: origin)
                return (kept, kept)
            }
            let distance = takers.contains(place) ? 0 : count
            return (pair.1.attention.moved(by: distance), pair.1.mlp.moved(by: distance))
        }
        return ConfigSurgery.rewrite(
            sources: composition.sources.map { ($0.config, $0.anatomy, $0.name) } + strangers,
            donor: source.index,
            layers: layers
        )
    }

    /// Findings of what takes no part in what the model computes, or that neutral blocks do not need.
    private static let harmless: Set<String> = ["drafts-dropped", "explicit-list-needed", "one-for-all-layers"]
}

extension Identity.Difference: Error {
    /// Copies that the dtype which is written does not hold.
    fileprivate static func rounding(_ words: String) -> Self {
        Self(words: words, fix: "leave output.dtype out, or the promise")
    }
}

extension JSONObject {
    /// What it says but for where it came from and how the weights are stored.
    fileprivate var settings: JSONObject {
        var settings = self
        for key in ["_name_or_path", "transformers_version", "dtype", "torch_dtype"] { settings[key] = nil }
        return settings
    }
}

extension LayerOrigin {
    /// The same layer of a source so many places on.
    fileprivate func moved(by count: Int) -> LayerOrigin { LayerOrigin(source: source + count, layer: layer) }
}

extension TensorExpression {
    /// Whether it is a tensor with one block for each layer, with blocks for new layers among its own.
    fileprivate func isGathering(of own: TensorExpression, layers: [Int?]) -> Bool {
        guard case .gathered(let gathered) = self, !gathered.isOfRows, let tensor = gathered.inputs.firstIndex(of: own)
        else { return false }
        let blocks = gathered.runs.flatMap { run -> [Int?] in
            guard case .blocks(tensor, let numbers) = run else { return Array(repeating: nil, count: run.count) }
            return numbers.map(Optional.some)
        }
        guard blocks.count >= layers.count else { return false }
        let leading = blocks.count - layers.count
        let kept = zip(blocks.dropFirst(leading), layers).filter { $1 != nil }
        return blocks.prefix(leading).enumerated().allSatisfy { place, block in block == place }
            && kept.allSatisfy { block, layer in block == leading + (layer ?? 0) }
    }
}
