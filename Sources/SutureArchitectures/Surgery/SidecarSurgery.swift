import SutureDiagnostics
package import SutureJSON

extension ConfigSurgery {
    /// Rewrites the donor's `generation_config.json`, where a few fields name layers.
    ///
    /// - Parameters:
    ///   - generation: The donor's file.
    ///   - sources: The models.
    ///   - donor: The model it is from.
    ///   - layers: Where each layer of the output comes from.
    /// - Returns: The file, and what was lost.
    package static func rewriteGeneration(
        _ generation: JSONObject,
        sources: [Source],
        donor: Int,
        layers: [Layer]
    ) -> Outcome {
        guard isSound(sources, donor, layers), !isIdentity(sources, donor, layers) else {
            return Outcome(config: generation, findings: [], consequences: [])
        }
        var result = generation
        var findings: [Finding] = []
        let name = sources[donor].name
        let places = { (layer: Int) in
            layers.indices.filter { layers[$0].attention == LayerOrigin(source: donor, layer: layer) }
        }
        if let heads = generation["alignment_heads"]?.array {
            let kept = heads.flatMap { pair -> [JSONValue] in
                guard let numbers = pair.array, numbers.count == 2, let layer = numbers[0].int else { return [] }
                return places(layer).map { .array([.int($0), numbers[1]]) }
            }
            result["alignment_heads"] = .array(kept)
            findings.append(
                Finding(
                    .warning,
                    code: "alignment-heads-moved",
                    "alignment_heads of '\(name)' name \(heads.count) heads, \(kept.count) are in the output",
                    fix: "check the word timestamps",
                    field: ["alignment_heads"],
                    accept: "alignment_heads"
                )
            )
        }
        if let dola = generation["dola_layers"]?.array {
            result["dola_layers"] = .array(dola.compactMap(\.int).flatMap(places).sorted().map { .int($0) })
        }
        if let exit = generation["assistant_early_exit"]?.int {
            result["assistant_early_exit"] = places(exit - 1).first.map { .int($0 + 1) }
        }
        return Outcome(config: result, findings: findings, consequences: [])
    }

    /// Rewrites names of layers in a file beside config.json, such as modelopt's `hf_quant_config.json`.
    ///
    /// - Parameters:
    ///   - files: The file of each source, `nil` where it has none; the donor's is the base.
    ///   - sources: The models.
    ///   - donor: The model whose file is the base.
    ///   - layers: Where each layer of the output comes from.
    /// - Returns: The file, empty where the donor has none.
    package static func rewriteNames(
        _ files: [JSONObject?],
        sources: [Source],
        donor: Int,
        layers: [Layer]
    ) -> Outcome {
        guard files.count == sources.count, files.indices.contains(donor), let own = files[donor],
            isSound(sources, donor, layers), !isIdentity(sources, donor, layers)
        else {
            let own = files.indices.contains(donor) ? files[donor] : nil
            return Outcome(config: own ?? JSONObject(), findings: [], consequences: [])
        }
        var surgery = ConfigDraft(sources: sources.map(ConfigDraft.Source.init), donor: donor, layers: layers)
        let result = QuantizedNames().rewritten(own, files, in: &surgery)
        return Outcome(config: result, findings: surgery.findings, consequences: [])
    }
}
