import SutureArchitectures
import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SutureTensors
import SystemPackage

extension Checkpoint {
    /// The stack of repeated layers that an adapter was trained on (`layer_replication`): the model that PEFT makes of
    /// this one before it puts the adapter on.
    ///
    /// - Parameter adapter: The adapter, which lists ranges of layers.
    /// - Returns: The stack as a model, and what the user should know.
    /// - Throws: `Diagnostics` where the layers cannot be stacked so.
    func restacked(by adapter: Adapter) throws(Diagnostics) -> (checkpoint: Checkpoint, notices: [Diagnostic]) {
        let ranges = adapter.config.replication
        let anatomy = try self.anatomy
        if let range = ranges.first(where: { $0.upperBound > anatomy.layerCount }) {
            throw Diagnostics([.noSuchLayers(adapter, range, anatomy.layerCount)])
        }
        let layers = ranges.flatMap { $0.map { LayerOrigin(source: 0, layer: $0) } }
        let outcome = ConfigSurgery.rewrite(
            sources: [(config, anatomy, reference.text)],
            donor: 0,
            layers: layers.map { ($0, $0) }
        )
        var faults = Diagnostics(outcome.findings.filter { $0.severity == .error }.map { Diagnostic($0, in: self) })
        let odd = outcome.consequences.filter { $0 != .dropDrafts }
        if !odd.isEmpty || QuantizationScheme(of: config) != nil { faults.append(.cannotRestack(adapter)) }
        try faults.throwIfErrors()

        var places: [Int: [Int]] = [:]
        for (place, origin) in layers.enumerated() { places[origin.layer, default: []].append(place) }
        var tensors: [StoredTensor] = []
        var storedNames: [String: String] = [:]
        for (tensor, part) in zip(self.tensors, anatomy.parts) {
            guard case .layer(anatomy.main, let layer, let suffix, _) = part else {
                if !part.isDraft { tensors.append(tensor) }
                continue
            }
            for place in places[layer] ?? [] {
                let name = anatomy.mainStack.name(layer: place, suffix: suffix)
                tensors.append(
                    StoredTensor(
                        spec: tensor.spec.renamed(name),
                        file: tensor.file,
                        offset: tensor.offset,
                        strides: tensor.strides
                    )
                )
                if name != tensor.spec.name { storedNames[name] = tensor.spec.name }
            }
        }
        let stacked = seen(as: outcome.config, tensors: tensors, storedNames: storedNames, companions: companions)
        return (stacked, [.restacked(adapter, layers.count, anatomy.layerCount)])
    }
}

extension Diagnostic {
    fileprivate static func noSuchLayers(_ adapter: Adapter, _ range: Range<Int>, _ count: Int) -> Diagnostic {
        adapterFitsNoTensor(
            "'layer_replication' asks for layers \(range.lowerBound) to \(range.upperBound - 1), and the model has \(count)",
            at: adapter.configPath.string,
            fix: FixIt("put it on the model it was made for" + (adapter.config.base.map { ": \(excerpt($0))" } ?? ""))
        )
    }

    fileprivate static func cannotRestack(_ adapter: Adapter) -> Diagnostic {
        adapterUnsupported(
            "the adapter uses 'layer_replication', and the layers of this model are not its tensors alone",
            at: adapter.configPath.string,
            fix: FixIt(
                "stack the layers that it lists with a recipe first, take 'layer_replication' out of adapter_config.json, "
                    + "and put the adapter on that model"
            )
        )
    }

    fileprivate static func restacked(_ adapter: Adapter, _ count: Int, _ before: Int) -> Diagnostic {
        Diagnostic(
            .note,
            code: "adapter-stacks-layers",
            "the adapter was trained on \(count) layers made of the model's \(before) (layer_replication): "
                + "with it, the model has those \(count)",
            at: .file(adapter.configPath.string, tensor: nil)
        )
    }
}
