import SutureArchitectures
import SutureCheckpoints
import SutureDiagnostics

extension ComposedModule {
    /// Makes the config follow the module's layers, where they are others than the config donor's in their order.
    func operate(after outcome: ConfigSurgery.Outcome, donor: Int) -> ConfigSurgery.Outcome {
        guard let own = models[donor] else { return outcome }
        let stay = strip.layers.enumerated().allSatisfy { place, layer in
            layer.attention.layer == place && layer.mlp.layer == place
        }
        guard !stay || strip.layers.count != own.strip.layers.count else { return outcome }
        guard !own.anatomy.scopePath.isEmpty, !own.anatomy.mainStack.countPaths.isEmpty else {
            return outcome.followed(by: outcome.config, [.uncounted(name, own.name)])
        }
        let sources = models.enumerated().map { index, model -> ConfigSurgery.Source in
            let model = model ?? own
            return (index == donor ? outcome.config : model.config, model.anatomy, model.name)
        }
        let layers = strip.layers.map { (attention: $0.attention, mlp: $0.mlp) }
        let moved = ConfigSurgery.rewrite(sources: sources, donor: donor, layers: layers)
        var findings = moved.findings.map { $0.inModule }
        if let feature = own.config["vision_feature_layer"], feature.int.map({ $0 >= 0 }) ?? (feature.array != nil) {
            findings.append(.featureLayers(feature, own.name))
        }
        return outcome.followed(by: moved.config, findings)
    }
}

extension ConfigFinding {
    /// The same finding, at no layer of the main stack.
    fileprivate var inModule: ConfigFinding {
        ConfigFinding(severity, code: code, message, fix: fix, field: field, accept: accept)
    }

    /// Layers of a module are moved, and no config counts them.
    fileprivate static func uncounted(_ module: String, _ donor: String) -> ConfigFinding {
        ConfigFinding(
            .error,
            code: "module-not-counted",
            "layers of '\(module)' are moved, and the config of '\(donor)' does not say how many it has",
            fix: "leave its layers where they are"
        )
    }

    /// Features are taken from layers by number.
    fileprivate static func featureLayers(_ value: JSONValue, _ donor: String) -> ConfigFinding {
        ConfigFinding(
            .error,
            code: "layer-reference-lost",
            "vision_feature_layer of '\(donor)' is \(JSONPrinter.print(value)), and the layers of its tower are moved",
            fix: "set it by hand",
            accept: "vision_feature_layer"
        )
    }
}
