package import SutureJSON
package import SutureTensors

/// The words that recipes have for parts of a model outside its layers and ends: towers, projectors, other stacks.
package enum ModuleWord {
    /// A tensor's name without what only some savers put before it.
    package static func relative(_ name: String) -> Substring {
        name.hasPrefix("model.") ? name.dropFirst(6) : name[...]
    }

    /// What the relative names of a module's tensors begin with.
    ///
    /// - Parameters:
    ///   - word: The recipe's word: a part of tensor names, or mergekit's for what the family calls otherwise.
    ///   - names: The relative names of what the model has outside layers and ends.
    /// - Returns: The beginnings; none where the model has no such module.
    package static func prefixes(of word: String, among names: [Substring]) -> [String] {
        let own = String(relative(word.hasSuffix(".") ? String(word.dropLast()) : word))
        func isThere(_ prefix: String) -> Bool { names.contains { begins($0, with: prefix) } }
        return isThere(own) ? [own] : (synonyms[own] ?? []).filter(isThere)
    }

    /// Whether a relative name lies under a prefix.
    package static func begins(_ name: Substring, with prefix: String) -> Bool {
        name == prefix || name.hasPrefix(prefix + ".")
    }

    /// The first words of relative names, each once, by which a recipe may call modules.
    package static func known(_ names: [Substring]) -> [String] {
        names.reduce(into: []) { known, name in
            let word = String(name.prefix { $0 != "." })
            if !known.contains(word) { known.append(word) }
        }
    }

    /// What mergekit's words for modules mean where the family has others.
    private static let synonyms = [
        "vision_tower": ["visual", "vision_model", "vision_encoder"],
        "vision_model": ["visual", "vision_tower", "vision_encoder"],
        "audio_tower": ["audio_model", "audio_encoder", "audio"],
        "multi_modal_projector": [
            "visual.merger", "visual.deepstack_merger_list", "connector", "aligner", "embed_vision",
        ],
    ]
}

extension Anatomy {
    /// The model seen from a module of it: the module's layers are its layers, what else the module has stands at the
    /// lower end, and all else is nothing that anybody asks for.
    ///
    /// - Parameters:
    ///   - members: The module's tensors, by their places.
    ///   - tensors: All tensors.
    ///   - config: The whole config.
    /// - Returns: The anatomy; without layers where the module has none that are like a transformer's.
    package func focused(on members: [Int], _ tensors: [TensorSpec], config: JSONObject) -> Anatomy {
        let finder = StackFinder(modelType: modelType, tensors: members.map { tensors[$0] }, mayBeTowers: true)
        // Lists of mergers and adapters look like layers, and no config counts them.
        let largest = finder.transformers().map { finder.candidates[$0] }.max { a, b in
            let counted = [a, b].map { !countPaths(of: $0.prefix, layers: $0.end, config).isEmpty }
            return counted[0] == counted[1] ? a.byteCount < b.byteCount : counted[1]
        }
        var parts = [ModelPart](repeating: .other, count: tensors.count)
        for member in members { parts[member] = .end(.embedCompanion("module")) }
        let prefix = largest?.prefix ?? ""
        let counts = largest.map { countPaths(of: $0.prefix, layers: $0.end, config) } ?? []
        let path = counts.first.map { Array($0.dropLast()) } ?? []
        let object = path.isEmpty ? config : config[path]?.object ?? JSONObject()
        let families = [object["model_type"]?.string].compactMap(\.self)
        let stream = ResidualStream(families: families, config: object)
        for (layer, entries) in Dictionary(grouping: largest?.tensors ?? [], by: \.layer) {
            var kind = AnatomyReader.LayerKind(
                entries.map { LayeredName.pattern(of: $0.suffix) },
                modelType: "",
                stream: stream
            )
            for entry in entries {
                let role = kind.role(of: entry.suffix, pattern: LayeredName.pattern(of: entry.suffix))
                parts[members[entry.tensor]] = .layer(stack: 0, layer: layer, suffix: entry.suffix, role: role)
            }
        }
        let count = largest?.end ?? 0
        return Anatomy(
            modelType: modelType,
            architectureNames: architectureNames,
            stacks: [
                Stack(prefix: prefix, layerCount: count, countPaths: counts, isMain: true, extraLayers: count..<count)
            ],
            main: 0,
            parts: parts,
            followers: [],
            facts: facts,
            scopePath: path,
            families: families,
            stream: stream,
            findings: []
        )
    }

    /// Where the config counts the layers of a module.
    private func countPaths(of prefix: String, layers: Int, _ config: JSONObject) -> [[String]] {
        if let known = stacks.first(where: { $0.prefix == prefix }) { return known.countPaths }
        let scopes = ConfigScope.others(in: config, besides: ConfigScope.all(in: config))
        let counting = scopes.map { scope in
            (scope: scope, keys: (ConfigScope.countKeys + ["depth"]).filter { scope.object[$0]?.int == layers })
        }.filter { !$0.keys.isEmpty }
        let described = counting.filter { $0.scope.describes(prefix) }
        let chosen = described.isEmpty && counting.count == 1 ? counting : described
        return chosen.first.map { chosen in chosen.keys.map { chosen.scope.path + [$0] } } ?? []
    }
}
