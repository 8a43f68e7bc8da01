import SutureDiagnostics
package import SutureJSON

/// Makes the config of an output whose layers come from other places, so that each runs as it was trained.
///
/// The effective value of every field that follows the layers is worked out for every source, gathered by
/// where the layers come from, and written back in the form that the family understands. Where no config can
/// say it there is a finding, with the layer and the nearest thing that works.
package struct ConfigSurgery: Sendable {
    /// A model that layers come from: its config, its anatomy and what the recipe calls it.
    package typealias Source = (config: JSONObject, anatomy: Anatomy, name: String)

    /// Where the two halves of a layer of the output come from.
    package typealias Layer = (attention: LayerOrigin, mlp: LayerOrigin)

    /// The output's config and what it took.
    package struct Outcome: Sendable {
        /// The config.
        package let config: JSONObject

        /// What is wrong, or worth knowing.
        package let findings: [ConfigFinding]

        /// What must happen to tensors beyond renumbering.
        package let consequences: [TensorConsequence]

        /// The same after the layers of a module have been seen to as well.
        package func followed(by config: JSONObject, _ more: [ConfigFinding]) -> Outcome {
            Outcome(config: config, findings: findings + more, consequences: consequences)
        }
    }

    /// Rewrites the donor's config for layers that come from the sources.
    ///
    /// All the donor's layers in their order give the donor's config, byte for byte.
    ///
    /// - Parameters:
    ///   - sources: The models.
    ///   - donor: The model whose config is the base.
    ///   - layers: Where each layer of the output comes from; layers out of range are a finding.
    /// - Returns: The config, the donor's own where nothing could be made of the layers.
    package static func rewrite(sources: [Source], donor: Int, layers: [Layer]) -> Outcome {
        guard sources.indices.contains(donor) else {
            return Outcome(config: JSONObject(), findings: [.noDonor(donor, of: sources.count)], consequences: [])
        }
        if isIdentity(sources, donor, layers) {
            return Outcome(config: sources[donor].config, findings: [], consequences: [])
        }
        guard isSound(sources, donor, layers) else {
            let stray = layers.firstIndex { !isSound(sources, donor, [$0]) }
            return Outcome(config: sources[donor].config, findings: [.strayLayer(stray)], consequences: [])
        }
        var surgery = ConfigDraft(sources: sources.map(ConfigDraft.Source.init), donor: donor, layers: layers)
        surgery.run()
        return Outcome(config: surgery.written, findings: surgery.findings, consequences: surgery.consequences)
    }

    /// Whether all the donor's layers are there, in their order and no other.
    static func isIdentity(_ sources: [Source], _ donor: Int, _ layers: [Layer]) -> Bool {
        layers.count == sources[donor].anatomy.layerCount
            && layers.enumerated().allSatisfy { place, layer in
                layer.attention == LayerOrigin(source: donor, layer: place) && layer.mlp == layer.attention
            }
    }

    /// Whether every layer comes from one that exists, and there is one.
    static func isSound(_ sources: [Source], _ donor: Int, _ layers: [Layer]) -> Bool {
        sources.indices.contains(donor) && !layers.isEmpty
            && layers.allSatisfy { layer in
                [layer.attention, layer.mlp].allSatisfy { origin in
                    sources.indices.contains(origin.source)
                        && (0..<sources[origin.source].anatomy.layerCount).contains(origin.layer)
                }
            }
    }
}

extension ConfigDraft.Source {
    init(_ source: ConfigSurgery.Source) {
        let anatomy = source.anatomy
        let root = PairedBlocks.byLayers(source.config, depths: [anatomy.layerCount])
        let scope = anatomy.scopePath.isEmpty ? root : root[anatomy.scopePath]?.object ?? JSONObject()
        self.init(
            name: source.name,
            anatomy: anatomy,
            root: root,
            scope: scope,
            countsBlocks: root != source.config,
            families: anatomy.families
        )
    }
}

extension ConfigDraft {
    /// Applies every rule that the donor's family has, then those that hold for any.
    mutating func run() {
        LayerCounts().rewrite(in: &self)
        dropDrafts()
        let fields = FieldTable.fields(for: sources[donor].families)
        handled.formUnion(fields.flatMap(\.keys))
        for field in fields { field.rule.rewrite(field.key, in: &self) }
        UnknownFields().rewrite(in: &self)
        UnknownStructure().check(in: &self)
        settleDerivedLists(fields)
        QuantizedNames().rewrite(in: &self)
        LayerKinds().check(in: &self)
    }

    /// Says that there are no draft layers, which were trained behind another stack.
    private mutating func dropDrafts() {
        let anatomy = sources[donor].anatomy
        let hasDrafts =
            !anatomy.mainStack.extraLayers.isEmpty
            || anatomy.parts.contains { part in
                if case .draft = part { true } else { false }
            }
        let keys = ConfigScope.draftKeys.filter { (setting($0)?.int ?? 0) > 0 }
        for key in keys { set(key, .int(0)) }
        if !keys.isEmpty {
            for member in scope.members where member.key.hasPrefix("mtp_") && member.value.array != nil {
                set(member.key, nil)
            }
        }
        guard hasDrafts else { return }
        consequences.append(.dropDrafts)
        report(
            .warning,
            "drafts-dropped",
            "draft (MTP) layers of '\(sources[donor].name)' were trained behind its own stack, the output's is another",
            key: keys.first,
            fix: "leave them out and train new ones",
            accept: "drafts"
        )
    }

    /// A list left to the class must still come out right after all other keys are final.
    private mutating func settleDerivedLists(_ fields: [Field]) {
        for field in fields {
            guard let rule = field.rule as? PerLayerList, let values = values[field.key], setting(field.key) == nil,
                let fallback = rule.fallback
            else { continue }
            let isRight = values.indices.allSatisfy { fallback(view($0)) == values[$0] }
            if !isRight { set(field.key, .array(values)) }
        }
    }
}

extension Finding {
    /// The config donor is none of the sources.
    static func noDonor(_ donor: Int, of count: Int) -> Finding {
        Finding(.error, code: "no-config-donor", "the config is to come from source \(donor), there are \(count)")
    }

    /// A layer comes from nowhere, or there are none.
    static func strayLayer(_ layer: Int?) -> Finding {
        guard let layer else { return .noLayers("the output would have no layers") }
        return Finding(
            .error,
            code: "layer-out-of-range",
            "layer \(layer) of the output comes from a layer that its source does not have",
            layer: layer
        )
    }
}
