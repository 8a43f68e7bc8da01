package import SutureCheckpoints
package import SutureTensors

/// A part of a model beside the stack that surgery works on and its ends: a tower, a projector, another stack, drafts.
package struct Module: Sendable {
    /// What recipes call it.
    package let name: String

    /// Its layers, where it has some; the prefix is that of its tensors' names.
    package let stack: Stack?

    /// Where each of its tensors stands in it, by the tensor's place in the checkpoint.
    package let places: [Int: Place]

    /// The keys that lead to what the config says of it.
    package let scopePath: [String]?

    /// Where a tensor stands.
    package enum Place: Hashable, Sendable {
        /// In a layer.
        case layer(Int, suffix: String, role: Role)
        /// Beside the layers; the relative name.
        case loose(String)
    }
}

extension Anatomy {
    /// The name of the module that each tensor outside the main stack and the ends lies in; `nil` for the others.
    ///
    /// - Parameter names: The names of all tensors, in their order.
    /// - Returns: A name or `nil` for each tensor.
    package func modules(of names: [String]) -> [String?] {
        let mainWords = mainStack.prefix.split(separator: ".")
        var found: [String?] = zip(parts, names).map { part, name in
            switch part {
            case .tower(let prefix), .draft(let prefix): return ModuleNames.relative(prefix)
            case .extraLayer: return "drafts"
            case .layer(let stack, _, _, _) where stack != main:
                let words = stacks[stack].prefix.split(separator: ".")
                let same = zip(words, mainWords).prefix { $0 == $1 }.count
                return ModuleNames.relative(words.prefix(same + 1).joined(separator: "."))
            case .layer, .end, .other: return nil
            }
        }
        let known = Set(found.compactMap(\.self))
        for (index, part) in parts.enumerated() where part == .other && index < names.count {
            let name = ModuleNames.relative(names[index])
            let words = name.split(separator: ".")
            let holder = (1...max(1, words.count)).lazy.map { words.prefix($0).joined(separator: ".") }
                .first { known.contains($0) }
            found[index] = holder ?? words.first.map(String.init) ?? name
        }
        return found
    }

    /// Takes a module apart.
    ///
    /// - Parameters:
    ///   - name: What recipes call it.
    ///   - members: Its tensors, by their places in the checkpoint.
    ///   - tensors: All tensors.
    ///   - config: The whole config.
    /// - Returns: The module; without layers where it has none that look like those of a transformer.
    package func module(_ name: String, of members: [Int], _ tensors: [TensorSpec], config: JSONObject) -> Module {
        let chosen = members.map { tensors[$0] }
        let finder = StackFinder(modelType: modelType, tensors: chosen, mayBeTowers: true)
        let largest = finder.transformers().max { finder.candidates[$0].byteCount < finder.candidates[$1].byteCount }
        var places: [Int: Module.Place] = [:]
        for index in members { places[index] = .loose(ModuleNames.relative(tensors[index].name)) }
        guard let largest else {
            return Module(name: name, stack: nil, places: places, scopePath: scope(of: name, 0, config)?.path)
        }
        let candidate = finder.candidates[largest]
        let count = candidate.end
        var suffixes: [Int: [String]] = [:]
        for entry in candidate.tensors { suffixes[entry.layer, default: []].append(entry.suffix) }
        var roles: [[String]: [String: Role]] = [:]
        for entry in candidate.tensors {
            let own = (suffixes[entry.layer] ?? []).sorted()
            if roles[own] == nil { roles[own] = Self.roles(of: own) }
            let role = roles[own]?[entry.suffix] ?? Role(.other, entry.suffix, sublayer: .other)
            places[members[entry.tensor]] = .layer(entry.layer, suffix: entry.suffix, role: role)
        }
        let scope = scope(of: name, count, config)
        let stack = Stack(
            prefix: candidate.prefix,
            layerCount: count,
            countPaths: scope?.count.map { [$0] } ?? [],
            isMain: true,
            extraLayers: count..<count
        )
        return Module(name: name, stack: stack, places: places, scopePath: scope?.path)
    }

    private static func roles(of suffixes: [String]) -> [String: Role] {
        let patterns = Dictionary(suffixes.map { ($0, LayeredName.pattern(of: $0)) }) { first, _ in first }
        let sorted = Set(patterns.values).sorted()
        let sublayers = FamilyTable.sublayers(of: sorted, modelType: "")
        let namer = RoleNamer(sorted)
        return Dictionary(
            suffixes.map { suffix in
                (suffix, namer.role(of: suffix, sublayer: sublayers[patterns[suffix] ?? suffix] ?? .other))
            }
        ) { first, _ in first }
    }

    /// What the config says of a module, and where it counts its layers.
    private func scope(of name: String, _ layers: Int, _ config: JSONObject) -> (path: [String], count: [String]?)? {
        var found: [(path: [String], count: [String]?)] = []
        func look(in object: JSONObject, at path: [String]) {
            for member in object.members {
                guard let inner = member.value.object, path.count < 3 else { continue }
                let own = path + [member.key]
                if ModuleNames.isConfig(member.key, of: name), own != scopePath {
                    let key = (ConfigScope.countKeys + ["depth"]).first { inner[$0]?.int == layers }
                    found.append((own, layers > 0 ? key.map { own + [$0] } : nil))
                }
                if member.key.hasSuffix("_config") { look(in: inner, at: own) }
            }
        }
        look(in: config, at: [])
        return found.first { $0.count != nil } ?? found.first
    }

    /// The same model seen from one of its modules: surgery works on that, and what else there is counts as nothing.
    package func focused(on module: Module, config: JSONObject) -> Anatomy {
        var focused = self
        let path = module.scopePath ?? []
        focused.stacks = [
            module.stack
                ?? Stack(prefix: module.name, layerCount: 0, countPaths: [], isMain: true, extraLayers: 0..<0)
        ]
        focused.main = 0
        focused.scopePath = path
        let family = path.isEmpty ? nil : config[path]?.object?["model_type"]?.string
        focused.families = [family].compactMap(\.self)
        focused.parts = parts.indices.map { index in
            switch module.places[index] {
            case .layer(let layer, let suffix, let role): .layer(stack: 0, layer: layer, suffix: suffix, role: role)
            case .loose, nil: .other
            }
        }
        return focused
    }
}
