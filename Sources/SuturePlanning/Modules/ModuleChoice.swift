import SutureArchitectures
import SutureTensors

/// Which tensors outside the main stack are meant: those of a module that the recipe names, or of one that it does not.
struct ModuleChoice {
    /// The word for the module.
    let name: String

    /// Whether the recipe names it.
    let isNamed: Bool

    /// All words for modules that the recipe names, and whether each is only mergekit's word for one called otherwise.
    let words: [(word: String, isFigurative: Bool)]

    /// Whether a tensor is meant.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - module: The module that it lies in.
    /// - Returns: Whether it is one of the module that was chosen.
    func means(_ name: String, in module: String) -> Bool {
        let relative = ModuleNames.relative(name)
        let best = words.compactMap { word in
            ModuleNames.fit(of: word.word, to: relative, isFigurative: word.isFigurative).map { (word.word, $0) }
        }.max { $0.1 < $1.1 }
        return isNamed ? best?.0 == self.name : best == nil && module == self.name
    }
}

extension ResolvedSource {
    /// The names of its modules, in the order of their tensors.
    var moduleNames: [String] {
        modules.compactMap(\.self).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// The module that each of its tensors lies in.
    private var modules: [String?] { anatomy.modules(of: checkpoint.tensors.map(\.spec.name)) }

    /// The model as one of its modules: its strip has the module's layers, and the rest of it at the lower end.
    ///
    /// - Returns: `nil` where it has nothing of the module.
    func focused(on choice: ModuleChoice) -> ResolvedSource? {
        let specs = checkpoint.tensors.map(\.spec)
        let members = zip(specs.indices, modules).compactMap { index, module in
            module.flatMap { choice.means(specs[index].name, in: $0) ? index : nil }
        }
        guard !members.isEmpty else { return nil }
        let module = anatomy.module(choice.name, of: members, specs, config: config)
        let slots = Dictionary(rest.map { ($0.slot.spec.name, $0.slot) }) { first, _ in first }
        let count = module.stack?.layerCount ?? 0
        var layers = (0..<count).map { layer in
            let origin = LayerOrigin(source: index, layer: layer)
            return Strip.Layer(
                slots: [],
                owner: index,
                attention: origin,
                mlp: origin,
                label: LayerLabel(source: name, layer: layer),
                range: range
            )
        }
        var loose: [Strip.Slot] = []
        for member in members {
            guard var slot = slots[specs[member].name], let place = module.places[member] else { continue }
            switch place {
            case .layer(let layer, let suffix, let role):
                (slot.suffix, slot.role) = (suffix, role)
                layers[layer].slots.append(slot)
            case .loose(let name):
                slot.suffix = name
                loose.append(slot)
            }
        }
        var focused = self
        focused.anatomy = anatomy.focused(on: module, config: config)
        let none = Strip.End(slots: [], owner: index, range: nil)
        var ends = Strip.Ends(embed: none, norm: none, head: none)
        ends.embed.slots = loose
        focused.strip = Strip(layers: layers, ends: ends, sources: [index])
        focused.rest = []
        return focused
    }
}
