import SutureArchitectures
import SutureDiagnostics
import SutureRecipes
import SutureTensors

extension Splice: LoweredOperator {
    func strip(by lowering: inout Lowering, node: SliceGraph.Node, in scope: Int, at position: Int) -> Strip? {
        lowering.splice(self, node: node, in: scope, at: position)
    }

    func flat(by flattening: inout Flattening, in scope: Int) -> Operation? {
        flattening.splice(self, in: scope)
    }

    func computesNumbers(depth: Int) -> Bool { takes.contains { $0.blend != nil } }

    func places(of node: String, under path: String) -> [String: String] {
        Dictionary(
            takes.lazy.compactMap(\.blend).flatMap(\.parameters).map {
                ("\(node).\($0.name.value)", $0.value.range?.placeText)
            }
        ) { $1 }.compactMapValues(\.self)
    }
}

extension Lowering {
    /// Lowers a splice: one strip, with the parts that selectors name taken from others.
    mutating func splice(_ splice: Splice, node: SliceGraph.Node, in scope: Int, at position: Int) -> Strip? {
        guard var result = strip(of: splice.onto, in: scope, at: position) else {
            for take in splice.takes { _ = strip(of: take.from, in: scope, at: position) }
            return nil
        }
        var isSound = true
        for take in splice.takes {
            guard let donor = strip(of: take.from, in: scope, at: position) else {
                isSound = false
                continue
            }
            guard donor.layers.count == result.layers.count else {
                findings.append(
                    .lengthsDiffer(
                        "splice",
                        splice.onto.target.value,
                        result.layers.count,
                        take.from.target.value,
                        donor.layers.count,
                        at: take.from.range ?? take.range
                    )
                )
                isSound = false
                continue
            }
            isSound = graft(take, of: donor, onto: &result, node: node, in: scope, at: position) && isSound
        }
        return isSound ? result : nil
    }

    /// Puts one part of a donor onto a strip.
    private mutating func graft(
        _ take: Splice.Take,
        of donor: Strip,
        onto result: inout Strip,
        node: SliceGraph.Node,
        in scope: Int,
        at position: Int
    ) -> Bool {
        let count = result.layers.count
        var sublayers: Set<Sublayer> = []
        for index in 0..<count {
            let taken = donor.layers[index].slots.filter { slot in
                matches(take.selector, site(of: slot, in: result, layer: index, at: position), in: scope)
            }
            let replaced = result.layers[index].slots.filter { slot in
                matches(take.selector, site(of: slot, in: result, layer: index, at: position), in: scope)
            }
            guard !taken.isEmpty || !replaced.isEmpty else { continue }
            guard
                let slots = mix(
                    take,
                    taken,
                    into: replaced,
                    node: node,
                    in: scope,
                    layer: index,
                    of: result,
                    at: position
                )
            else {
                return false
            }
            result.layers[index].replace(replaced, with: slots)
            let reached = Set((taken + replaced).map(\.role.sublayer))
            sublayers.formUnion(reached)
            if take.blend == nil {
                let reached = Set((taken + replaced).lazy.filter(\.role.decidesKind).map(\.role.sublayer))
                if reached.contains(.attention) { result.layers[index].attention = donor.layers[index].attention }
                if reached.contains(.mlp) { result.layers[index].mlp = donor.layers[index].mlp }
            }
            result.layers[index].label = result.layers[index].label.spliced(
                with: donor.layers[index].label,
                part: take.selector.shortName
            )
        }
        for end in [\Strip.Ends.embed, \.norm, \.head] {
            let taken = donor.ends[keyPath: end].slots.filter {
                matches(take.selector, site(of: $0, in: result, layer: nil, at: position), in: scope)
            }
            let replaced = result.ends[keyPath: end].slots.filter {
                matches(take.selector, site(of: $0, in: result, layer: nil, at: position), in: scope)
            }
            guard !taken.isEmpty || !replaced.isEmpty else { continue }
            guard
                let slots = mix(
                    take,
                    taken,
                    into: replaced,
                    node: node,
                    in: scope,
                    layer: nil,
                    of: result,
                    at: position
                )
            else {
                return false
            }
            result.ends[keyPath: end].slots.removeAll { replaced.contains($0) }
            result.ends[keyPath: end].slots += slots
            if take.blend == nil {
                result.ends[keyPath: end].owner = donor.ends[keyPath: end].owner
                result.ends[keyPath: end].range = take.range
            }
        }
        result.sources += donor.sources.filter { !result.sources.contains($0) }
        return true
    }

    /// The taken tensors, or their mixtures with what was there.
    private mutating func mix(
        _ take: Splice.Take,
        _ taken: [Strip.Slot],
        into replaced: [Strip.Slot],
        node: SliceGraph.Node,
        in scope: Int,
        layer: Int?,
        of strip: Strip,
        at position: Int
    ) -> [Strip.Slot]? {
        guard let takeBlend = take.blend else { return taken }
        guard let method = self.method(takeBlend.method, in: scope) else { return nil }
        // What was there and what is taken are the two inputs; there is no third to be a base.
        guard method.base != .required else {
            findings.append(.missingBase(method.name, at: takeBlend.method.range))
            return nil
        }
        guard method.inputs.contains(2) else {
            findings.append(.wrongInputCount(method, 2, at: takeBlend.method.range))
            return nil
        }
        var mixed: [Strip.Slot] = []
        let keys: SlotKeys = layer == nil ? .ofEnds([replaced, taken]) : .ofLayers
        for slot in taken {
            guard let there = replaced.first(where: { keys[$0] == keys[slot] }) else {
                mixed.append(slot)
                continue
            }
            let request = BlendRequest(
                method: method,
                parties: [there, slot],
                baseIndex: nil,
                parameters: takeBlend.parameters,
                inputParameters: [[], []],
                methodRange: takeBlend.method.range,
                layer: layer,
                layerCount: strip.layers.count,
                depth: nil,
                outputName: outputName(of: there, in: strip, layer: layer.map { position + $0 }),
                node: scopes[scope].path + node.name.value,
                range: take.range
            )
            guard let blended = merge(request, in: scope) else { return nil }
            mixed.append(blended)
        }
        return mixed
    }

    /// Where a tensor stands that belongs to a layer of a strip, or comes to.
    private func site(of slot: Strip.Slot, in strip: Strip, layer: Int?, at position: Int) -> TensorSite {
        TensorSite(
            role: slot.role,
            name: outputName(of: slot, in: strip, layer: layer.map { position + $0 }),
            layer: layer,
            layerCount: strip.layers.count
        )
    }
}

extension Strip.Layer {
    /// Puts tensors where others were; what has no counterpart goes to the end.
    mutating func replace(_ old: [Strip.Slot], with new: [Strip.Slot]) {
        var incoming = Dictionary(new.map { ($0.suffix, $0) }) { first, _ in first }
        let leaving = Set(old.map(\.suffix))
        slots = slots.compactMap { slot in
            guard leaving.contains(slot.suffix) || incoming[slot.suffix] != nil else { return slot }
            return incoming.removeValue(forKey: slot.suffix)
        }
        slots += new.filter { incoming[$0.suffix] != nil }
    }
}

extension Selector {
    /// The selector as a label shows it: `attn.*`, or the first of several and `…`.
    var shortName: String {
        let first = including.first?.text ?? "nothing"
        return including.count > 1 || !excluding.isEmpty ? first + "…" : first
    }
}

extension Flattening {
    fileprivate mutating func splice(_ splice: Splice, in scope: Int) -> Operation? {
        guard let onto = slice(splice.onto, in: scope, locals: [:]) else { return nil }
        var takes: [Splice.Take] = []
        for var take in splice.takes {
            guard let from = slice(take.from, in: scope, locals: [:]) else { return nil }
            take.from = from
            if var blend = take.blend {
                guard let method = lowering.method(blend.method, in: scope) else { return nil }
                blend.parameters = arguments(blend.parameters, of: method, in: scope)
                take.blend = blend
            }
            takes.append(take)
        }
        return .splice(Splice(onto: onto, takes: takes))
    }
}
