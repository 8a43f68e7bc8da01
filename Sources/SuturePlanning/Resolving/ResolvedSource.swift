package import SutureArchitectures
package import SutureCheckpoints
package import SutureDiagnostics
import SutureJSON
package import SutureTensors
import SutureTokenizers

/// A checkpoint that a recipe takes layers from, opened and taken apart; headers only.
package struct ResolvedSource: Sendable {
    /// Its place among the sources.
    package let index: Int

    /// The name of the first input that stands for it.
    package let name: String

    /// The reference as the recipe writes it.
    package let reference: String

    /// Where the recipe, or the command line, names it.
    package let range: SourceRange?

    /// Its files and tensors.
    package let checkpoint: Checkpoint

    /// The adapter that is put on it, and what that changes.
    package let adapter: (adapter: Adapter, changes: AdapterChanges)?

    /// How its weights are packed, where they are.
    package let quantization: Quantization?

    /// The dtype that its packed weights count as once they are numbers again; `nil` where they stay as they are.
    package let dequantizedDType: DType?

    private let vocabularies = VocabularyCache()

    /// Its tokens; `nil` where no file of it says which there are.
    var vocabulary: TokenVocabulary? { vocabularies.vocabulary(in: checkpoint.companions) }

    /// Whether its packed weights are made numbers again.
    var isDequantized: Bool { dequantizedDType != nil }

    /// What `config.json` says, of weights as they are used.
    var config: JSONObject { isDequantized ? QuantizationScheme.removed(from: checkpoint.config) : checkpoint.config }

    /// Which tensor belongs to which layer and plays which part.
    package let anatomy: Anatomy

    /// The whole model as a strip.
    package internal(set) var strip: Strip

    /// The names of tensors that are left out of it because no layer reads them.
    var unread: Set<String> = []

    /// Whether its experts have another form in the strip than in its files.
    var isRegrouped = false

    /// The same model without a tensor: layers that say whose they are and no more.
    var hollow: ResolvedSource {
        var hollow = self
        for index in hollow.strip.layers.indices { hollow.strip.layers[index].slots = [] }
        hollow.strip.ends.embed.slots = []
        hollow.strip.ends.norm.slots = []
        hollow.strip.ends.head.slots = []
        hollow.strip.rest.tensors = []
        return hollow
    }

    /// What config surgery goes by: its anatomy, with layers as the strip has them.
    var operable: ConfigSurgery.Source {
        guard isRegrouped else { return (config, anatomy, name) }
        let layers = strip.layers.map { layer in layer.slots.map { (suffix: $0.suffix, role: $0.role) } }
        return (config, anatomy.with(layers: layers), name)
    }

    /// The tensors outside layers and ends: towers, drafts, and what no rule knows.
    package var rest: [Rest] { strip.rest.tensors }

    /// A tensor outside layers and ends.
    package struct Rest: Hashable, Sendable {
        /// What it is a part of.
        package let part: ModelPart
        /// What it is.
        package var slot: Strip.Slot
    }

    /// What stands before a layer's number in tensor names, such as `model.layers.`.
    var layerPrefix: String { anatomy.mainStack.prefix + "." }

    /// Where a layer stands in its model, from 0 to 1.
    func depth(ofLayer layer: Int) -> Double {
        anatomy.layerCount > 1 ? Double(layer) / Double(anatomy.layerCount - 1) : 1
    }

    /// Takes an opened checkpoint apart.
    ///
    /// - Throws: `Diagnostics` with a packed weight that is larger than any file when it is made numbers.
    init(
        index: Int,
        name: String,
        reference: String,
        range: SourceRange?,
        checkpoint: Checkpoint,
        adapter: (adapter: Adapter, changes: AdapterChanges)? = nil,
        quantization: Quantization? = nil,
        dequantizedDType: DType? = nil,
        anatomy: Anatomy
    ) throws(Diagnostics) {
        self.index = index
        self.name = name
        self.reference = reference
        self.range = range
        self.checkpoint = checkpoint
        self.adapter = adapter
        self.quantization = quantization
        self.dequantizedDType = dequantizedDType
        self.anatomy = anatomy

        let label = adapter.map { name + "+" + $0.adapter.shortName.replacing("#", with: "") } ?? name
        var layers = (0..<anatomy.layerCount).map { layer in
            let origin = LayerOrigin(source: index, layer: layer)
            return Strip.Layer(
                slots: [],
                owner: index,
                attention: origin,
                mlp: origin,
                label: LayerLabel(source: label, layer: layer),
                range: range
            )
        }
        let none = Strip.End(slots: [], owner: index, range: nil)
        var ends = Strip.Ends(embed: none, norm: none, head: none)
        var rest: [Rest] = []
        let unpacked = dequantizedDType == nil ? nil : quantization
        for (tensor, part) in zip(checkpoint.tensors, anatomy.parts) {
            if let unpacked, unpacked.companions.contains(tensor.spec.name) { continue }
            var slot = Strip.Slot(
                suffix: tensor.spec.name,
                role: part.role,
                spec: tensor.spec,
                expression: .made(
                    of: tensor,
                    changed: adapter?.changes.changes[tensor.spec.name],
                    source: index,
                    adapterFiles: checkpoint.files.count
                ),
                isCompanion: quantization?.companions.contains(tensor.spec.name) ?? false
            )
            if let packed = unpacked?.scaled[tensor.spec.name], let dequantizedDType,
                let scales = checkpoint[packed.scales.name]
            {
                do throws(TensorSpecError) {
                    try slot.unpack(tensor, scales, packed.blocks, to: dequantizedDType, source: index)
                } catch { throw Diagnostics([.impossibleTensor(error, at: range)]) }
            }
            switch part {
            case .layer(anatomy.main, let layer, let suffix, _) where layers.indices.contains(layer):
                slot.suffix = suffix
                layers[layer].slots.append(slot)
            case .end(let end):
                switch end.owner {
                case .embed: ends.embed.slots.append(slot)
                case .norm: ends.norm.slots.append(slot)
                case .head: ends.head.slots.append(slot)
                }
            case .layer, .extraLayer, .draft, .tower, .other:
                rest.append(Rest(part: part, slot: slot))
            }
        }
        let outside = Strip.Rest(tensors: rest, sources: [index], range: nil)
        strip = Strip(layers: layers, ends: ends, rest: outside, sources: [index])
    }
}

extension ResolvedSource {
    /// The files that its tensors lie in: the checkpoint's, and after them the adapter's.
    package var files: [CheckpointFile] { checkpoint.files + (adapter?.adapter.files ?? []) }

    /// Whether an adapter's tensor takes the place of a tensor of the checkpoint.
    func isReplacedByAdapter(_ name: String) -> Bool { adapter?.changes.changes[name]?.whole != nil }
}

extension [ResolvedSource.Rest] {
    /// The tensors, without what they are parts of; as many are put back as were taken.
    var slots: [Strip.Slot] {
        get { map(\.slot) }
        set { for (index, slot) in zip(indices, newValue) { self[index].slot = slot } }
    }
}

extension Strip.Slot {
    /// Makes a packed weight numbers.
    fileprivate mutating func unpack(
        _ tensor: StoredTensor,
        _ scales: StoredTensor,
        _ blocks: [Int],
        to dtype: DType,
        source: Int
    ) throws(TensorSpecError) {
        spec = try spec.stored(as: dtype)
        expression = .adapted(
            StoredTensorReference(tensor, source: source),
            by: .dequantized(scales: StoredTensorReference(scales, source: source), blocks: blocks)
        )
    }
}

extension StoredTensorReference {
    /// A tensor of a source, of whose files the first is the plan's file of a number.
    fileprivate init(_ tensor: StoredTensor, source: Int, firstFile: Int = 0) {
        self.init(
            source: source,
            file: firstFile + tensor.file,
            offset: tensor.offset,
            spec: tensor.spec,
            strides: tensor.strides
        )
    }
}

extension TensorExpression {
    /// A tensor as its source has it, with what an adapter does to it.
    fileprivate static func made(
        of tensor: StoredTensor,
        changed change: AdapterChanges.Change?,
        source: Int,
        adapterFiles: Int
    ) -> TensorExpression {
        func reference(_ tensor: StoredTensor) -> StoredTensorReference {
            StoredTensorReference(tensor, source: source, firstFile: adapterFiles)
        }
        let base = change?.whole.map(reference) ?? StoredTensorReference(tensor, source: source)
        switch change?.edit {
        case nil: return .stored(base)
        case .cleared: return .scaled(.stored(base), by: 0)
        case .added(let other, let scale): return .adapted(base, by: .sum(reference(other), scale: scale))
        case .rows(let other, let numbers):
            // Rows of the adapter's tensor, in its order, take the place of rows of these numbers.
            let places = Dictionary(zip(numbers, numbers.indices)) { _, last in last }
            let rows = 0..<(base.spec.shape.dimensions.first ?? 0)
            return .gathered(
                GatheredTensor(
                    inputs: [.stored(base), .stored(reference(other))],
                    dimension: 0,
                    blockLength: 1,
                    blocks: rows.map { row in
                        places[row].map { GatheredTensor.Block(input: 1, number: $0) }
                            ?? GatheredTensor.Block(input: 0, number: row)
                    }
                )
            )
        case .lowRank(let update):
            return .adapted(
                base,
                by: .lowRank(
                    LowRankUpdate(
                        rows: reference(update.rows),
                        columns: reference(update.columns),
                        scale: update.scale,
                        magnitudes: update.magnitudes.map(reference),
                        scalesColumns: update.scalesColumns
                    )
                )
            )
        }
    }
}
