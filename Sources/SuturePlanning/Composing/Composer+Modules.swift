import SutureArchitectures
import SutureCheckpoints
import SutureDiagnostics
import SutureRecipes
import SutureTensors

extension Composer {
    /// Makes the modules that the recipe names, each by the same operators as the layers: there, an input stands for what
    /// its model has of the module.
    mutating func composeModules(of composition: inout Composition) {
        let named = graph.output.modules
        guard !named.isEmpty else { return }
        let donor = composition.donor
        let names = donor.outsideNames
        let prefixes = named.map { ModuleWord.prefixes(of: $0.name.value, among: names) }
        for (place, setting) in named.enumerated() {
            guard !prefixes[place].isEmpty else {
                findings.append(.noModule(setting.name, known: ModuleWord.known(names), of: donor.name))
                continue
            }
            let models = sources.map { $0.focused(on: place, of: prefixes) }
            guard let own = models[donor.index] else { continue }
            var focused = Lowering(
                sources: zip(sources, models).map { $1 ?? $0.withoutTensors },
                sourceNumbers: lowering.sourceNumbers,
                methods: lowering.methods,
                roundsStages: lowering.roundsStages,
                compatibility: lowering.compatibility,
                root: lowering.scopes[0]
            )
            let strip = focused.strip(of: setting.from, in: 0, at: 0)
            focused.reportUnmatchedSelectors()
            lowering.modules[setting.name.value] = focused
            let isMissed = focused.findings.all.contains { ["lengths-differ", "range-outside"].contains($0.code) }
            let lacking = strip.map(\.sources) ?? (isMissed ? Array(models.indices) : [])
            if let lacking = lacking.first(where: { models[$0] == nil }) {
                findings.append(
                    .noModule(
                        setting.name,
                        known: ModuleWord.known(sources[lacking].outsideNames),
                        of: sources[lacking].name
                    )
                )
                continue
            }
            findings.append(contentsOf: focused.findings.all)
            guard let strip else { continue }
            let tensorNames = models.compactMap { $0?.moduleNames }.reduce(into: Set<String>()) { $0.formUnion($1) }
            let module = ComposedModule(name: setting.name, strip: strip, models: models, tensorNames: tensorNames)
            guard fits(module, own) else { continue }
            put(module, own, in: &composition)
        }
    }

    /// Holds a module against what the config donor has in its place, since one config describes both.
    private mutating func fits(_ module: ComposedModule, _ own: ResolvedSource) -> Bool {
        let before = findings
        for index in module.strip.sources where index != own.index {
            guard let other = module.models[index] else { continue }
            let path = own.anatomy.scopePath
            let found = Compatibility.compareTowers(
                (sources[own.index].config, sources[own.index].anatomy, own.name),
                (other.config, sources[index].anatomy, other.name)
            )
            for finding in found where !path.isEmpty && finding.field.starts(with: path) {
                let isAccepted = graph.output.accept.contains { $0.value == finding.accept }
                guard !isAccepted else { continue }
                findings.append(
                    Diagnostic(
                        code: finding.code,
                        finding.message,
                        at: module.name.range,
                        fix: Diagnostic.FixIt(
                            "take module and config from one model; 'output: {accept: [\(finding.accept ?? "")]}' lets it pass"
                        )
                    )
                )
            }
        }
        let known = own.strip.layers.map { $0.slots.shapes(\.suffix) }
        for layer in module.strip.layers where !known.contains(layer.slots.shapes(\.suffix)) {
            findings.append(.misfit(module.name, layer.slots.shapes(\.suffix), known.first ?? [:], own.name))
            break
        }
        let relative: (Strip.Slot) -> String = { String(ModuleWord.relative($0.suffix)) }
        let (mine, theirs) = (
            own.strip.ends.embed.slots.shapes(relative), module.strip.ends.embed.slots.shapes(relative)
        )
        if mine != theirs { findings.append(.misfit(module.name, theirs, mine, own.name)) }
        return findings.all.count == before.all.count
    }

    /// Puts a module in place of the config donor's.
    private func put(_ module: ComposedModule, _ own: ResolvedSource, in composition: inout Composition) {
        let names = own.strip.ends.embed.slots.reduce(into: [Substring: String]()) {
            $0[ModuleWord.relative($1.suffix)] = $1.suffix
        }
        var made = module.strip.ends.embed.slots.map { slot in
            slot.outside(as: names[ModuleWord.relative(slot.suffix)] ?? slot.suffix)
        }
        for (layer, content) in module.strip.layers.enumerated() {
            made += content.slots.map { slot in
                slot.outside(as: own.anatomy.mainStack.name(layer: layer, suffix: slot.suffix))
            }
        }
        let replaced = own.moduleNames
        composition.rest.removeAll { replaced.contains($0.slot.suffix) }
        composition.rest += made.map { ResolvedSource.Rest(part: .tower(module.name.value), slot: $0) }
        composition.modules.append(module)
        let givers = module.strip.sources.map { sources[$0].name }.joined(separator: ", ")
        composition.donors.append(Plan.Donor(part: module.name.value, source: givers, reason: "the recipe's word"))
    }
}

extension ResolvedSource {
    /// The relative names of what it has outside layers and ends, drafts left out.
    fileprivate var outsideNames: [Substring] {
        rest.filter { !$0.part.isDraft }.map { ModuleWord.relative($0.slot.spec.name) }
    }

    /// The tensors of a model that is focused on a module.
    fileprivate var moduleNames: Set<String> {
        Set((strip.ends.embed.slots + strip.layers.flatMap(\.slots)).map(\.spec.name))
    }

    /// The model as one of its modules.
    ///
    /// - Parameters:
    ///   - place: The module, by its place among all that the recipe names.
    ///   - modules: What the relative names of their tensors begin with. The longest decides.
    /// - Returns: The model; `nil` where it has no tensor of the module.
    fileprivate func focused(on place: Int, of modules: [[String]]) -> ResolvedSource? {
        func isMeant(_ name: String) -> Bool {
            let name = ModuleWord.relative(name)
            let fits = modules.enumerated().flatMap { place, prefixes in
                prefixes.filter { ModuleWord.begins(name, with: $0) }.map { (place: place, length: $0.utf8.count) }
            }
            return fits.max { $0.length < $1.length }?.place == place
        }
        let outside = Set(rest.lazy.filter { !$0.part.isDraft }.map(\.slot.spec.name))
        let specs = checkpoint.tensors.map(\.spec)
        let members = specs.indices.filter { outside.contains(specs[$0].name) && isMeant(specs[$0].name) }
        guard !members.isEmpty else { return nil }
        let focus = anatomy.focused(on: members, specs, config: config)
        guard
            var model = try? ResolvedSource(
                index: index,
                name: name,
                reference: reference,
                range: range,
                checkpoint: checkpoint,
                adapter: adapter,
                quantization: quantization,
                dequantizedDType: dequantizedDType,
                anatomy: focus
            )
        else { return nil }
        model.strip.rest.tensors = []
        return model
    }

    /// The model without a layer or a tensor, where it has nothing of a module.
    fileprivate var withoutTensors: ResolvedSource {
        var model = hollow
        model.strip.layers = []
        return model
    }
}

extension [Strip.Slot] {
    fileprivate func shapes(_ key: (Strip.Slot) -> String) -> [String: Shape] {
        Dictionary(map { (key($0), $0.spec.shape) }) { first, _ in first }
    }
}

extension Strip.Slot {
    /// The tensor as one outside the layers, under its whole name.
    fileprivate func outside(as name: String) -> Strip.Slot {
        var slot = self
        slot.suffix = name
        slot.role = ModelPart.tower("").role
        return slot
    }
}

extension Diagnostic {
    /// A model has nothing of a module that the recipe names.
    fileprivate static func noModule(_ name: Marked<String>, known: [String], of model: String) -> Diagnostic {
        Diagnostic(
            code: "no-such-module",
            "'\(model)' has no module '\(name.value)'",
            at: name.range,
            fix: .didYouMean(name.value, among: known)
                ?? FixIt(
                    known.isEmpty
                        ? "it is a language model and no more" : "it has: " + known.joined(separator: ", ")
                )
        )
    }

    /// A module has other tensors than the config donor's.
    fileprivate static func misfit(
        _ name: Marked<String>,
        _ shapes: [String: Shape],
        _ own: [String: Shape],
        _ donor: String
    ) -> Diagnostic {
        let odd = Set(shapes.keys).union(own.keys).sorted().first { shapes[$0] != own[$0] } ?? ""
        let words = { (shape: Shape?) in shape.map { "is \($0)" } ?? "is missing" }
        return Diagnostic(
            code: "module-does-not-fit",
            "'\(odd)' of '\(name.value)' \(words(shapes[odd])), and \(words(own[odd])) in '\(donor)', which gives the config",
            at: name.range,
            fix: FixIt("take config and module from one model")
        )
    }
}
