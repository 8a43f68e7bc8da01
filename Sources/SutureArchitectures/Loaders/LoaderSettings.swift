import SutureDiagnostics
package import SutureJSON

/// Makes a config say to other programs what it says to transformers, and tells where it cannot.
package enum LoaderSettings {
    /// Completes the config of an output.
    ///
    /// - Parameters:
    ///   - config: The config, final but for this.
    ///   - sources: The models.
    ///   - donor: The model whose config it was.
    ///   - layers: Where each layer of the output comes from.
    /// - Returns: The config, what programs will make of it that transformers does not, and the lists that an older key
    ///   now says too.
    package static func complete(
        _ config: JSONObject,
        sources: [ConfigSurgery.Source],
        donor: Int,
        layers: [ConfigSurgery.Layer]
    ) -> (config: JSONObject, findings: [Finding], settled: Set<String>) {
        guard sources.indices.contains(donor) else { return (config, [], []) }
        let source = ConfigDraft.Source(sources[donor])
        var completion = Completion(
            scope: source.anatomy.scopePath.isEmpty ? config : config[source.anatomy.scopePath]?.object ?? JSONObject(),
            source: source,
            hasMoved: !ConfigSurgery.isIdentity(sources, donor, layers),
            depth: layers.count
        )
        let classes = Kinship.classes(of: source.families)
        for loader in Loader.all {
            completion.rotate(for: loader)
            completion.name(for: loader)
            for reading in loader.readings where classes.contains(where: reading.families.contains) {
                completion.tellApart(reading, for: loader)
            }
        }
        var result = config
        if source.anatomy.scopePath.isEmpty {
            result = completion.scope
        } else {
            result[source.anatomy.scopePath] = .object(completion.scope)
        }
        return (result, completion.findings, completion.settled)
    }

    /// Two keys of a model that say different things of one thing, of which programs read one each.
    package static func contradictions(in source: ConfigSurgery.Source) -> [Finding] {
        let source = ConfigDraft.Source(source)
        let spelling = RotarySpelling(source.scope, families: source.families)
        guard let found = spelling.contradiction else { return [] }
        let shown = { (value: JSONValue) in value.object == nil ? value.shown : JSONPrinter.print(value) }
        return [
            Finding(
                .warning,
                code: "rope-said-twice",
                "config.json of '\(source.name)' has \(found.key) \(shown(found.value)) and \(found.other) "
                    + "\(shown(found.inForce)): transformers 5 goes by \(found.other), older programs by the other",
                fix:
                    "correct the one that its layers were not trained with; the output says in both what transformers 5 goes by",
                field: source.anatomy.scopePath + [found.key],
                accept: "rope_theta"
            )
        ]
    }
}

/// The language model's config on its way to saying it to everyone.
private struct Completion {
    var scope: JSONObject
    let source: ConfigDraft.Source
    let hasMoved: Bool
    let depth: Int
    var findings: [Finding] = []
    var settled: Set<String> = []

    mutating func rotate(for loader: Loader) {
        let reader = Kinship.classes(of: source.families).lazy.compactMap { loader.rotations[$0] }.first
        let spelling = RotarySpelling(scope, families: source.families)
        guard let spelled = spelling.spelledOut(for: reader) else {
            report(
                loader,
                "rope_parameters",
                "reads rope_theta of a '\(family)' model, and no single one says what rope_parameters has for each kind of layer"
            )
            return
        }
        scope = spelled
    }

    mutating func name(for loader: Loader) {
        for family in Kinship.classes(of: source.families) {
            guard let (own, other) = loader.names[family], scope[own] == nil, let value = scope.setting(other) else {
                continue
            }
            scope[own] = value
        }
    }

    mutating func tellApart(_ reading: LayerReading, for loader: Loader) {
        respell(reading)
        guard
            let list = scope[reading.list.split(separator: ".").map(String.init)]?.array ?? derived(reading.list)
        else { return }
        let kinds = list.map { $0.string.map(Spellings.canonical) ?? "" }
        guard kinds.count == depth else { return }
        let view = { (config: JSONObject, layer: Int) in LayerView(config: config, i: layer, n: kinds.count) }
        if let other = reading.goesBy {
            let wrong = { (config: JSONObject) in kinds.indices.first { other.kind(view(config, $0)) != kinds[$0] } }
            if wrong(scope) != nil || isTooShort(reading, scope), let value = other.value(kinds, scope) {
                var changed = scope
                changed[other.name] = value
                if changed[reading.list] == nil { changed[reading.list] = .array(list) }
                if wrong(changed) == nil { scope = changed }

            }
            if wrong(scope) == nil { settled.insert(reading.list) }
            guard hasMoved else { return }
            if let layer = wrong(scope) {
                let taken = other.kind(view(scope, layer)) ?? "nothing that it knows"
                report(
                    loader,
                    reading.list,
                    "goes by \(other.name) and not by \(reading.list): it takes layer \(layer) for \(taken), it is \(kinds[layer])",
                    layer: layer
                )
                return
            }
        }
        guard hasMoved else { return }
        if isTooShort(reading, scope), let fewest = reading.fewest?(view(scope, 0)) {
            let key = reading.goesBy.map { " (\($0.name))" } ?? ""
            report(
                loader,
                reading.list,
                "runs no '\(family)' model of fewer than \(fewest) layers\(key), the output has \(depth)"
            )
        }
        for kind in reading.needs where !kinds.contains(kind) {
            report(
                loader,
                reading.list,
                "runs no '\(family)' model without a layer that is \(kind), the output has none"
            )
        }
    }

    private var family: String { source.families.first ?? "" }

    private func isTooShort(_ reading: LayerReading, _ config: JSONObject) -> Bool {
        (reading.fewest?(LayerView(config: config, i: 0, n: depth)) ?? 0) > depth
    }

    /// Writes the words that a program knows, where transformers knows them too.
    private mutating func respell(_ reading: LayerReading) {
        guard !reading.words.isEmpty, let list = scope.setting(reading.list)?.array else { return }
        scope[reading.list] = .array(
            list.map { value in value.string.flatMap { reading.words[$0] }.map(JSONValue.string) ?? value }
        )
    }

    /// The list that the class makes where the config has none.
    private func derived(_ key: String) -> [JSONValue]? {
        let rule = FieldTable.fields(for: source.families).first { $0.key == key }?.rule as? PerLayerList
        guard let fallback = rule?.fallback else { return nil }
        let list = (0..<depth).compactMap { fallback(LayerView(config: scope, i: $0, n: depth)) }
        return list.count == depth ? list : nil
    }

    private mutating func report(_ loader: Loader, _ key: String, _ words: String, layer: Int? = nil) {
        findings.append(
            Finding(
                .warning,
                code: "loader-differs",
                "\(loader.words) \(words)",
                fix: "run it with transformers 5, or keep the layers as the family has them",
                field: source.anatomy.scopePath + [key],
                layer: layer,
                accept: key
            )
        )
    }
}
