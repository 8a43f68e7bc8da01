import SutureArchitectures
import SutureCheckpoints
import SutureDiagnostics
import SutureTensors

/// Moves the blocks of a tensor that holds one for each layer, so that each layer finds its own again.
struct BlockGathering {
    /// The tensor's module, by the end of its name.
    let module: String

    /// The dimension that holds the blocks.
    let dimension: Int

    /// The length of a block.
    let blockLength: Int

    /// How many blocks stand before those of the layers; the first model's are kept.
    let leading: Int

    /// Changes the tensors of the module, in ends and outside them.
    ///
    /// - Returns: What cannot be done.
    func apply(to composition: inout Composition) -> [Diagnostic] {
        var findings: [Diagnostic] = []
        let origins = composition.strip.layers.map { origin(of: $0, in: composition) }
        let sources = composition.sources
        let range = composition.firstRange
        func gather(_ slots: inout [Strip.Slot]) {
            for index in slots.indices
            where isMeant(slots[index].spec.name) && slots[index].spec.shape.rank > dimension {
                switch gathered(slots[index], origins, sources) {
                case .success(let slot): slots[index] = slot
                case .failure(let reason):
                    findings.append(.cannotRegather(slots[index].spec, reason.words, at: range))
                }
            }
        }
        gather(&composition.strip.ends.embed.slots)
        gather(&composition.strip.ends.norm.slots)
        gather(&composition.strip.ends.head.slots)
        gather(&composition.rest.slots)
        return findings
    }

    private struct Reason: Error {
        let words: String
    }

    private func isMeant(_ name: String) -> Bool { name.split(separator: ".").contains { $0 == module } }

    /// The layer whose block an output layer reads: the one that its gate of per-layer inputs comes from.
    private func origin(of layer: Strip.Layer, in composition: Composition) -> LayerOrigin {
        let gate = layer.slots.first { $0.suffix.contains("per_layer") }
        guard let leaf = gate?.expression.owned else { return layer.mlp }
        let source = composition.sources[leaf.source]
        guard let index = source.checkpoint.index(of: leaf.spec.name),
            case .layer(source.anatomy.main, let number, _, _) = source.anatomy.parts[index]
        else { return layer.mlp }
        return LayerOrigin(source: leaf.source, layer: number)
    }

    private func gathered(
        _ slot: Strip.Slot,
        _ origins: [LayerOrigin],
        _ sources: [ResolvedSource]
    ) -> Result<Strip.Slot, Reason> {
        guard case .stored(let own) = slot.expression, !slot.isCompanion else {
            return .failure(Reason(words: "only a tensor that is copied can have its blocks moved"))
        }
        var tensors: [StoredTensorReference] = []
        var places: [Int: Int] = [:]
        var blocks: [GatheredTensor.Block] = []
        for origin in origins {
            if places[origin.source] == nil {
                guard let reference = self.reference(alike: own, in: sources[origin.source]) else {
                    return .failure(Reason(words: "'\(sources[origin.source].name)' has no such tensor"))
                }
                let source = sources[origin.source]
                let length = reference.spec.shape.dimensions.dropFirst(dimension).first ?? 0
                guard length == (leading + source.anatomy.layerCount) * blockLength else {
                    return .failure(
                        Reason(
                            words: "in '\(source.name)' it is \(reference.spec.shape), not \(blockLength) for "
                                + (leading == 0 ? "a layer" : "the embedding and each layer")
                        )
                    )
                }
                places[origin.source] = tensors.count
                tensors.append(reference)
            }
            let tensor = places[origin.source] ?? 0
            if blocks.isEmpty { blocks += (0..<leading).map { GatheredTensor.Block(input: tensor, number: $0) } }
            blocks.append(GatheredTensor.Block(input: tensor, number: leading + origin.layer))
        }
        let gathered = GatheredTensor(
            inputs: tensors.map(TensorExpression.stored),
            dimension: dimension,
            blockLength: blockLength,
            blocks: blocks
        )
        guard let shape = gathered.shape, let dtype = gathered.commonDType else {
            return .failure(Reason(words: "the models' tensors differ in shape or dtype"))
        }
        var slot = slot
        do throws(TensorSpecError) { slot.spec = try TensorSpec(slot.spec.name, dtype, shape) } catch {
            return .failure(Reason(words: "\(error)"))
        }
        let isWhole = tensors.count == 1 && gathered.runs.count == 1 && shape == tensors[0].spec.shape
        slot.expression = isWhole ? .stored(tensors[0]) : .gathered(gathered)
        return .success(slot)
    }

    /// The tensor of a source that is what another is elsewhere.
    private func reference(alike own: StoredTensorReference, in source: ResolvedSource) -> StoredTensorReference? {
        let ends = source.strip.ends
        let slots = ends.embed.slots + ends.norm.slots + ends.head.slots + source.rest.map(\.slot)
        let leaf = Role.leaf(of: own.spec.name)
        let alike = slots.filter { isMeant($0.spec.name) && Role.leaf(of: $0.suffix) == leaf && !$0.isCompanion }
        guard alike.count == 1, case .stored(let reference) = alike[0].expression else { return nil }
        return reference
    }
}

extension TensorExpression {
    /// The one stored tensor it is made of, where it is made of one.
    fileprivate var owned: StoredTensorReference? {
        let leaves = leaves
        return leaves.count == 1 ? leaves[0] : nil
    }
}

extension Composition {
    /// Where the recipe asks for the first layer.
    var firstRange: SourceRange? { strip.layers.first?.range }
}

extension Diagnostic {
    /// A tensor with a block for every layer, whose blocks cannot follow the layers.
    static func cannotRegather(_ spec: TensorSpec, _ reason: String, at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            code: "per-layer-blocks",
            "'\(spec.name)' \(spec.shape) holds a block for every layer, and layers move: \(reason)",
            at: range,
            fix: FixIt("stack layers of models that store it alike, and blend them in a recipe of its own")
        )
    }
}
