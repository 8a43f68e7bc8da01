import SutureArchitectures
import SutureDiagnostics
import SutureRecipes
import SutureTensors

/// A module of the output that is not simply the config donor's.
struct ComposedModule {
    /// Its name.
    let name: String
    /// Its layers, and at the lower end what lies beside them.
    let strip: Strip
    /// What each source has of it.
    let models: [ResolvedSource?]
    /// Where the recipe says whose it is.
    let range: SourceRange?
}

extension Composer {
    /// Settles what lies outside the layers and the ends: towers, projectors, other stacks.
    ///
    /// A module that the recipe names is what it says. Of the others a blend of whole models blends what all of them
    /// have, and all else is the config donor's.
    ///
    /// - Parameters:
    ///   - donor: The config donor.
    ///   - node: The node that is written.
    ///   - donors: Who gives what, to which modules are added.
    /// - Returns: The modules that are not simply the donor's.
    mutating func composeModules(donor: Int, node: String, donors: inout [Plan.Donor]) -> [ComposedModule] {
        let named = graph.output.modules
        guard !named.isEmpty || graph.mergesModels, !sources[donor].rest.isEmpty || !named.isEmpty else { return [] }
        let relatives = sources[donor].rest.map { ModuleNames.relative($0.slot.spec.name) }
        let words = named.map { setting in
            let word = setting.name.value
            let isFigurative = !relatives.contains { $0 == word || $0.hasPrefix(word + ".") }
            return (word: word, isFigurative: isFigurative)
        }
        var composed: [ComposedModule] = []
        for setting in named {
            let choice = ModuleChoice(name: setting.name.value, isNamed: true, words: words)
            let models = sources.map { $0.focused(on: choice) }
            guard models[donor] != nil else {
                findings.append(.noModuleOfDonor(setting.name, sources[donor]))
                continue
            }
            var focused = lowering.focused(on: choice, models: models)
            let strip = focused.strip(of: setting.from, in: 0, at: 0)
            adopt(focused)
            lowering.modules[choice.name] = focused
            guard let strip else { continue }
            composed.append(ComposedModule(name: choice.name, strip: strip, models: models, range: setting.name.range))
            donors.append(
                Plan.Donor(part: choice.name, source: words(of: strip), reason: "the recipe's word")
            )
        }
        guard graph.mergesModels else { return composed }
        for name in sources[donor].moduleNames {
            let choice = ModuleChoice(name: name, isNamed: false, words: words)
            let models = sources.map { $0.focused(on: choice) }
            // All of it may be under names of the recipe's.
            guard models[donor] != nil else { continue }
            var focused = lowering.focused(on: choice, models: models)
            let strip = focused.strip(ofNode: node, in: 0, at: 0)
            adopt(focused, module: name, donor: sources[donor].name)
            guard let strip, strip.isComputed || strip.sources == [donor] else {
                if strip == nil, !focused.findings.hasErrors {
                    let lacking = models.indices.filter { models[$0] == nil }.map { "'\(sources[$0].name)'" }
                    donors.append(
                        Plan.Donor(
                            part: name,
                            source: sources[donor].name,
                            reason: "the config's owner; \(lacking.joined(separator: ", ")) without one"
                        )
                    )
                    findings.append(.moduleCopied(name, sources[donor].name, lacking: lacking))
                }
                continue
            }
            guard strip.isComputed else { continue }
            composed.append(ComposedModule(name: name, strip: strip, models: models, range: nil))
            donors.append(Plan.Donor(part: name, source: words(of: strip), reason: "merged as the layers are"))
        }
        return composed
    }

    /// Takes over what the lowering of a module found.
    private mutating func adopt(
        _ focused: Lowering,
        module: String? = nil,
        donor: String = ""
    ) {
        for finding in focused.findings.all {
            guard let module, finding.severity == .error else {
                findings.append(finding)
                continue
            }
            findings.append(finding.inModule(module, donor: donor))
        }
        for (key, count) in focused.selectorUses { lowering.selectorUses[key, default: 0] += count }
    }

    /// What a module is made of, for people.
    private func words(of strip: Strip) -> String {
        let names = strip.sources.map { sources[$0].name }
        let methods = (strip.layers.flatMap(\.slots) + strip.ends.embed.slots).lazy.compactMap { slot -> String? in
            if case .blended(let blend) = slot.expression { blend.method } else { nil }
        }
        guard let method = methods.first else { return names.joined(separator: ", ") }
        return "\(method)(\(names.joined(separator: ", ")))"
    }

    /// Puts modules in place of the config donor's.
    func place(_ modules: [ComposedModule], in composition: inout Composition) -> [Diagnostic] {
        var findings: [Diagnostic] = []
        var slots: [String: Strip.Slot] = [:]
        var order: [(name: String, module: String)] = []
        var replaced: Set<String> = []
        for module in modules {
            guard let own = module.models[composition.configDonor] else { continue }
            findings += ModuleFit(module: module, own: own, sources: sources).findings()
            let names = Dictionary(own.strip.ends.embed.slots.map { ($0.suffix, $0.spec.name) }) { first, _ in first }
            for slot in own.strip.ends.embed.slots + own.strip.layers.flatMap(\.slots) {
                replaced.insert(slot.spec.name)
            }
            for slot in module.strip.ends.embed.slots {
                let name = names[slot.suffix] ?? slot.spec.name
                slots[name] = slot
                order.append((name, module.name))
            }
            for (layer, content) in module.strip.layers.enumerated() {
                for slot in content.slots {
                    let name = own.anatomy.mainStack.name(layer: layer, suffix: slot.suffix)
                    slots[name] = slot
                    order.append((name, module.name))
                }
            }
        }
        var rest: [ResolvedSource.Rest] = []
        for entry in composition.rest {
            guard replaced.contains(entry.slot.spec.name) else {
                rest.append(entry)
                continue
            }
            guard let slot = slots.removeValue(forKey: entry.slot.spec.name) else { continue }
            rest.append(ResolvedSource.Rest(part: entry.part, slot: slot.named(entry.slot.suffix)))
        }
        for (name, module) in order {
            guard let slot = slots.removeValue(forKey: name) else { continue }
            rest.append(ResolvedSource.Rest(part: .tower(module), slot: slot.named(name)))
        }
        composition.rest = rest
        composition.modules = modules
        for source in modules.flatMap(\.strip.sources) where !composition.strip.sources.contains(source) {
            composition.strip.sources.append(source)
        }
        return findings
    }
}

extension Strip {
    /// Whether any of its tensors is made of several, or of one that is changed.
    fileprivate var isComputed: Bool {
        (layers.flatMap(\.slots) + ends.embed.slots).contains { slot in
            switch slot.expression {
            case .stored, .adapted: false
            case .rounded(let inner, _): !inner.isStored
            case .scaled, .filled, .blended, .extended, .gathered: true
            }
        }
    }
}

extension Strip.Slot {
    fileprivate func named(_ name: String) -> Strip.Slot {
        var slot = self
        slot.suffix = name
        slot.role = Role(.other, sublayer: .other)
        return slot
    }
}

extension SliceGraph {
    /// Whether whole models are merged in it, or in a recipe that it uses.
    fileprivate var mergesModels: Bool {
        nodes.contains { node in
            switch node.operation {
            case .blend: true
            case .use(let use): use.graph.mergesModels
            case .slice, .stack, .splice, .expand, .edit: false
            }
        }
    }
}

extension Diagnostic {
    /// The config donor has nothing of a module that the recipe names.
    fileprivate static func noModuleOfDonor(_ name: Marked<String>, _ donor: ResolvedSource) -> Diagnostic {
        let known = donor.moduleNames
        return Diagnostic(
            code: "no-such-module",
            "'\(donor.name)', which gives the config, has no module '\(name.value)'",
            at: name.range,
            fix: .didYouMean(name.value, among: known)
                ?? FixIt(
                    known.isEmpty ? "it is a language model and no more" : "it has: " + known.joined(separator: ", ")
                )
        )
    }

    /// A module that not all merged models have.
    fileprivate static func moduleCopied(_ name: String, _ donor: String, lacking: [String]) -> Diagnostic {
        Diagnostic(
            .note,
            code: "module-copied",
            "'\(name)' is not merged but copied from '\(donor)': \(lacking.joined(separator: ", ")) "
                + "\(lacking.count == 1 ? "has" : "have") none",
            at: nil as SourceRange?
        )
    }

    /// The same message, of a module that is merged because whole models are.
    fileprivate func inModule(_ module: String, donor: String) -> Diagnostic {
        Diagnostic(
            severity,
            code: code,
            "in '\(module)': \(message)",
            at: place,
            fix: FixIt("to copy it from one model: output: {modules: {\(module): \(donor)}}"),
            notes: notes
        )
    }
}
