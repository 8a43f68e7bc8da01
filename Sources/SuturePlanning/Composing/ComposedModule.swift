import SutureArchitectures
import SutureDiagnostics
import SutureJSON

/// A module outside the layers that the recipe says what to make of: a tower, a projector, another stack.
struct ComposedModule {
    /// What the recipe calls it.
    let name: Marked<String>

    /// Its layers, and at the lower end what lies beside them.
    let strip: Strip

    /// What each source has of it; `nil` where it has nothing.
    let models: [ResolvedSource?]

    /// The names of its tensors in the sources.
    let tensorNames: Set<String>
}

extension Composition {
    /// Whether a tensor of a source is of a module that the recipe says what to make of.
    func isOfModule(_ name: String) -> Bool { modules.contains { $0.tensorNames.contains(name) } }
}

extension ComposedModule {
    /// Makes the config follow the module's layers, as it follows those of the language model.
    func operate(after outcome: ConfigSurgery.Outcome, donor: Int) -> ConfigSurgery.Outcome {
        guard let own = models[donor] else { return outcome }
        let isMoved =
            strip.layers.count != own.anatomy.layerCount
            || strip.layers.enumerated().contains { $1.attention.layer != $0 || $1.mlp.layer != $0 }
        guard isMoved else { return outcome }
        let path = own.anatomy.scopePath
        guard !own.anatomy.mainStack.countPaths.isEmpty else {
            return outcome.followed(by: outcome.config, [.uncounted(name.value, own.name)])
        }
        let sources = models.map { model -> ConfigSurgery.Source in
            let model = model ?? own
            return (model.index == donor ? outcome.config : model.config, model.anatomy, model.name)
        }
        let moved = ConfigSurgery.rewrite(
            sources: sources,
            donor: donor,
            layers: strip.layers.map { ($0.attention, $0.mlp) }
        )
        let scope = path.isEmpty ? own.config : own.config[path]?.object ?? JSONObject()
        let numbers = numbers(in: own.config, [], own) + (path.isEmpty ? [] : numbers(in: scope, path, own))
        // Numbers of the output's layers are not those of the sources'.
        let findings = moved.findings.map { finding in
            Finding(
                finding.severity,
                code: finding.code,
                "in '\(name.value)': \(finding.message)",
                fix: finding.fix,
                field: finding.field,
                accept: finding.accept
            )
        }
        let lost = moved.consequences.first { !isMet($0) }.map { _ in Finding.notFollowed(name.value, own.name) }
        let more = numbers.map { Finding.lostNumbers($0, name.value, own.name) } + [lost].compactMap(\.self)
        return outcome.followed(by: moved.config, findings + more)
    }

    /// Whether what moving the layers asks for beyond renumbering is so already.
    private func isMet(_ consequence: TensorConsequence) -> Bool {
        switch consequence {
        case .dropDrafts: true
        case .onlyInFirstLayer(let suffix, let origin):
            strip.layers.first?.attention == origin
                && strip.layers.enumerated().allSatisfy { place, layer in
                    layer.slots.contains { $0.suffix.hasSuffix(suffix) } == (place == 0)
                }
        case .onlyInLastLayer, .onlyInLayer, .regather: false
        }
    }

    /// The settings that name layers of a tower by number, which stay where the layers move.
    private func numbers(
        in scope: JSONObject,
        _ path: [String],
        _ own: ResolvedSource
    ) -> [(path: [String], value: JSONValue)] {
        scope.members.compactMap { member in
            let key = member.key.lowercased()
            let isOfLayers = path.isEmpty ? ["vision", "audio"].contains(where: key.contains) : true
            guard isOfLayers, key.hasSuffix("feature_layer") || key.hasSuffix("indexes") || key.hasSuffix("indices")
            else { return nil }
            let numbers = member.value.array?.compactMap(\.int) ?? [member.value.int].compactMap(\.self)
            // From the end, a layer may be counted as before.
            let count = strip.layers.count
            let stay = numbers.allSatisfy { number in
                number < 0 && count + number >= 0
                    && strip.layers[count + number].attention.layer == own.anatomy.layerCount + number
            }
            return stay ? nil : (path + [member.key], member.value)
        }
    }
}

extension Finding {
    /// Layers of a module are moved, and no config counts them.
    fileprivate static func uncounted(_ module: String, _ donor: String) -> Finding {
        Finding(
            .error,
            code: "module-not-counted",
            "layers of '\(module)' are moved, and nothing in the config of '\(donor)' is known to count them",
            fix: "take as many layers as there are, each in its place"
        )
    }

    /// A tensor that serves all layers is not where it was.
    fileprivate static func notFollowed(_ module: String, _ donor: String) -> Finding {
        Finding(
            .error,
            code: "module-not-followed",
            "a tensor in one layer of '\(module)' serves others too, and that layer moves",
            fix: "begin with the first layer of '\(donor)', and have it once"
        )
    }

    /// Features are taken from layers by number.
    fileprivate static func lostNumbers(
        _ setting: (path: [String], value: JSONValue),
        _ module: String,
        _ donor: String
    ) -> Finding {
        let key = setting.path[setting.path.count - 1]
        return Finding(
            .error,
            code: "module-reference-lost",
            "\(setting.path.joined(separator: ".")) of '\(donor)' is \(JSONPrinter.print(setting.value)), and the layers of "
                + "'\(module)' move",
            fix: "set it by hand",
            field: setting.path,
            accept: key
        )
    }
}
