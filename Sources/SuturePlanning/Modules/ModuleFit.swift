import SutureArchitectures
import SutureDiagnostics
import SutureTensors

/// Holds a module that is put in against what the config donor has in its place, since one config describes both.
struct ModuleFit {
    let module: ComposedModule
    /// The donor's module.
    let own: ResolvedSource
    let sources: [ResolvedSource]

    func findings() -> [Diagnostic] {
        // What is the donor's own fits.
        guard module.strip.sources != [own.index] || module.strip.layers.count != own.strip.layers.count else {
            return []
        }
        return configs() + tensors()
    }

    private func configs() -> [Diagnostic] {
        module.strip.sources.filter { $0 != own.index }.compactMap { index in
            guard let other = module.models[index] else { return nil }
            let (mine, theirs) = (own.anatomy.scopePath, other.anatomy.scopePath)
            guard !mine.isEmpty, !theirs.isEmpty, let a = own.config[mine]?.object,
                let b = other.config[theirs]?.object,
                let (key, pair) = Compatibility.differingSetting(a, b)
            else { return nil }
            return .moduleSettingsDiffer(module, mine, key, (own.name, pair.0), (other.name, pair.1))
        }
    }

    private func tensors() -> [Diagnostic] {
        var kinds: Set<[String: Shape]> = []
        for layer in own.strip.layers { kinds.insert(layer.shapes) }
        for layer in module.strip.layers where !kinds.contains(layer.shapes) {
            let other = sources[layer.owner].name
            let known = kinds.first ?? [:]
            let odd =
                layer.shapes.first { known[$0.key] != $0.value }?.key ?? known.keys.first { layer.shapes[$0] == nil }
                ?? ""
            return [.moduleTensorsDiffer(module, odd, known[odd], own.name, layer.shapes[odd], other)]
        }
        let (mine, theirs) = (own.strip.ends.embed.slots.shapes, module.strip.ends.embed.slots.shapes)
        guard let odd = Set(mine.keys).union(theirs.keys).sorted().first(where: { mine[$0] != theirs[$0] }) else {
            return []
        }
        let other = sources[module.strip.ends.embed.owner].name
        return [.moduleTensorsDiffer(module, odd, mine[odd], own.name, theirs[odd], other)]
    }
}

extension Strip.Layer {
    fileprivate var shapes: [String: Shape] { slots.shapes }
}

extension [Strip.Slot] {
    fileprivate var shapes: [String: Shape] {
        Dictionary(map { ($0.suffix, $0.spec.shape) }) { first, _ in first }
    }
}

extension Diagnostic {
    /// Configs say different things of a module.
    fileprivate static func moduleSettingsDiffer(
        _ module: ComposedModule,
        _ path: [String],
        _ key: String,
        _ a: (name: String, value: String),
        _ b: (name: String, value: String)
    ) -> Diagnostic {
        let scope = path.joined(separator: ".")
        return Diagnostic(
            code: "settings-differ",
            "\(scope).\(key) is \(a.value) in '\(a.name)' and \(b.value) in '\(b.name)', and the output has "
                + "'\(module.name)' of both or of the latter beside the config of the former",
            at: module.range,
            fix: FixIt("take config and module from one model; 'output: {accept: [\(path[0])]}' lets it pass")
        )
    }

    /// A module has other tensors than the config donor's.
    fileprivate static func moduleTensorsDiffer(
        _ module: ComposedModule,
        _ name: String,
        _ own: Shape?,
        _ donor: String,
        _ shape: Shape?,
        _ other: String
    ) -> Diagnostic {
        let words = { (shape: Shape?) in shape.map { "is \($0)" } ?? "is missing" }
        return Diagnostic(
            code: "module-does-not-fit",
            "in '\(module.name)', '\(name)' \(words(own)) in '\(donor)', which gives the config, and \(words(shape)) in '\(other)'",
            at: module.range,
            fix: FixIt("take config and module from one model")
        )
    }
}
