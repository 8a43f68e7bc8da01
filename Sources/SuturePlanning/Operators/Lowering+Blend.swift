import SutureArchitectures
import SutureDiagnostics
import SutureRecipes
import SutureTensors

extension Blend: LoweredOperator {
    func strip(by lowering: inout Lowering, node: SliceGraph.Node, in scope: Int, at position: Int) -> Strip? {
        lowering.blend(self, node: node, in: scope, at: position)
    }

    func flat(by flattening: inout Flattening, in scope: Int) -> Operation? {
        flattening.blend(self, in: scope)
    }

    func computesNumbers(depth: Int) -> Bool { !isPassthrough }

    func places(of node: String, under path: String) -> [String: String] {
        var places: [String: String] = [:]
        for argument in parameters { places["\(node).\(argument.name.value)"] = argument.value.range?.placeText }
        for (index, input) in inputs.enumerated() {
            for argument in input.parameters {
                places["\(node)[\(index)].\(argument.name.value)"] = argument.value.range?.placeText
            }
        }
        return places
    }
}

extension Lowering {
    /// Lowers a blend: strips of one length merged layer by layer, tensor by tensor.
    mutating func blend(_ blend: Blend, node: SliceGraph.Node, in scope: Int, at position: Int) -> Strip? {
        let method = self.method(blend.method, in: scope)
        var strips: [Strip] = []
        var slices: [SliceExpression] = []
        var isSound = method != nil
        for slice in blend.inputs.map(\.from) + (blend.base.map { [$0] } ?? []) {
            guard let strip = strip(of: slice, in: scope, at: position) else {
                isSound = false
                continue
            }
            strips.append(strip)
            slices.append(slice)
        }
        guard isSound, let method, let first = strips.first else { return nil }
        for (strip, slice) in zip(strips, slices) where strip.layers.count != first.layers.count {
            findings.append(
                .lengthsDiffer(
                    "blend",
                    slices[0].target.value,
                    first.layers.count,
                    slice.target.value,
                    strip.layers.count,
                    at: slice.range ?? node.range
                )
            )
            isSound = false
        }
        guard isSound, let parties = parties(of: blend, strips: strips, method: method, node: node, in: scope) else {
            return nil
        }
        if parties.strips.isEmpty, let base = parties.base {
            findings.append(.nothingToMerge(method.name, at: blend.method.range ?? node.range))
            return base
        }
        guard method.inputs.contains(parties.strips.count) else {
            findings.append(.wrongInputCount(method, parties.strips.count, at: blend.method.range ?? node.range))
            return nil
        }
        let before = findings
        findings = Diagnostics()
        let result = merge(parties, method: method, blend: blend, node: node, in: scope, at: position)
        let misfits = findings.all.contains { Self.misfits.contains($0.code) }
        let causes = misfits ? causes(among: parties, at: blend.method.range ?? node.range) : []
        // Where models of two families or sizes meet, every tensor that does not fit says the same.
        let own = causes.isEmpty ? findings.all : causes + findings.all.filter { !Self.misfits.contains($0.code) }
        findings = before
        findings.append(contentsOf: own)
        return result
    }

    /// The codes of tensors that do not fit together.
    private static let misfits: Set<String> = ["tensor-missing", "shapes-differ", "ends-differ", "rows-differ"]

    /// What the models of a blend disagree on where that keeps their tensors from fitting: families and sizes.
    private func causes(among parties: Parties, at range: SourceRange?) -> [Diagnostic] {
        let strips = parties.strips + (parties.base.map { [$0] } ?? [])
        let models = strips.flatMap(\.sources).reduce(into: [Int]()) { if !$0.contains($1) { $0.append($1) } }
        let compared = models.map { (sources[$0].config, sources[$0].anatomy, sources[$0].name) }
        let errors = Compatibility.compare(compared, base: 0).filter { $0.severity == .error }
        // What two families have differently, sizes among it, follows from their being two.
        let families = errors.filter { $0.code == "families-differ" }
        return (families.isEmpty ? errors.filter { $0.code == "shape-mismatch" } : families).map { finding in
            Diagnostic(code: finding.code, finding.message, at: range, fix: finding.fix.map { Diagnostic.FixIt($0) })
        }
    }

    /// The method of a name.
    mutating func method(_ name: Marked<Expression>, in scope: Int) -> RecipeVocabulary.Method? {
        guard let word = text(name, in: scope) else { return nil }
        guard let method = vocabulary.method(word) else {
            findings.append(.unknownMergeMethod(word, at: name.range, known: vocabulary.methods.map(\.name)))
            return nil
        }
        return method
    }

    /// The strips that are merged, in the method's order.
    struct Parties {
        /// The strips; for methods with a base apart, the base is not among them.
        var strips: [Strip]
        /// Their own parameters.
        var parameters: [[Argument]]
        /// Where they are named.
        var ranges: [SourceRange?]
        /// The base, where the method takes one apart from its inputs.
        var base: Strip?

        /// Whose tensors are asked for, and whose ends and rows are kept: the base, or else the first.
        var owner: Strip { base ?? strips[0] }
    }

    /// Sorts a blend's strips into the places its method has for them.
    private mutating func parties(
        of blend: Blend,
        strips: [Strip],
        method: RecipeVocabulary.Method,
        node: SliceGraph.Node,
        in scope: Int
    ) -> Parties? {
        var inputs = Array(strips.prefix(blend.inputs.count))
        var parameters = blend.inputs.map(\.parameters)
        var ranges = blend.inputs.map { $0.from.range ?? $0.from.target.range }
        guard let base = blend.base else {
            if method.base == .required {
                findings.append(.missingBase(method.name, at: blend.method.range))
                return nil
            }
            return Parties(strips: inputs, parameters: parameters, ranges: ranges, base: nil)
        }
        let whole = strips[blend.inputs.count]
        let twin = blend.inputs.firstIndex { $0.from.means(base) }
        switch method.base {
        case .member:
            // The base is the end at t = 0, whichever of the two it was listed as.
            if let twin {
                inputs.swapAt(0, twin)
                parameters.swapAt(0, twin)
                ranges.swapAt(0, twin)
            } else {
                inputs.insert(whole, at: 0)
                parameters.insert([], at: 0)
                ranges.insert(base.range ?? base.target.range, at: 0)
            }
            return Parties(strips: inputs, parameters: parameters, ranges: ranges, base: nil)
        case .required, .optional:
            if let twin {
                inputs.remove(at: twin)
                parameters.remove(at: twin)
                ranges.remove(at: twin)
            }
            return Parties(strips: inputs, parameters: parameters, ranges: ranges, base: whole)
        case .unused:
            return Parties(strips: inputs, parameters: parameters, ranges: ranges, base: nil)
        }
    }

    private mutating func merge(
        _ parties: Parties,
        method: RecipeVocabulary.Method,
        blend: Blend,
        node: SliceGraph.Node,
        in scope: Int,
        at position: Int
    ) -> Strip? {
        let owner = parties.owner
        let count = owner.layers.count
        let everybody = parties.strips + (parties.base.map { [$0] } ?? [])
        let nodeName = scopes[scope].path + node.name.value
        var result = owner
        result.sources = everybody.reduce(into: []) { all, strip in
            all += strip.sources.filter { !all.contains($0) }
        }
        var isSound = true

        func request(_ slots: [Strip.Slot], layer: Int?, depth: Double?, name: String) -> BlendRequest {
            BlendRequest(
                method: method,
                parties: slots,
                baseIndex: parties.base == nil ? nil : everybody.count - 1,
                parameters: blend.parameters,
                inputParameters: parties.parameters,
                methodRange: blend.method.range,
                inputRanges: parties.ranges,
                layer: layer,
                layerCount: count,
                depth: depth,
                outputName: name,
                node: nodeName,
                range: node.range
            )
        }

        for index in 0..<count {
            let layers = everybody.map { $0.layers[index] }
            let origin = owner.layers[index].attention
            let depth = sources[origin.source].depth(ofLayer: origin.layer)
            let slots = layers.map(\.slots)
            guard let groups = align(slots, owner: owner.layers[index].slots, by: .ofLayers, at: node.range) else {
                isSound = false
                continue
            }
            result.layers[index].slots = groups.compactMap { group in
                let name = outputName(of: group[0], in: owner, layer: position + index)
                let request = request(group, layer: index, depth: depth, name: name)
                let slot = merge(request, in: scope)
                if slot == nil { isSound = false }
                return slot
            }
            result.layers[index].label = .made(by: method.name, of: layers.map(\.label))
            guard isSound else { return nil }
        }
        for end in [\Strip.Ends.embed, \.norm, \.head] {
            var slots = everybody.map { $0.ends[keyPath: end].slots }
            let holders = slots.filter { !$0.isEmpty }
            guard let holder = holders.first else { continue }
            // Where one model stores a head, the tied ones give their embedding, which is their head.
            if end == \.head, holder.count == 1 {
                for index in slots.indices where slots[index].isEmpty {
                    slots[index] = everybody[index].tiedHead(named: holder[0])
                }
            }
            let holderCount = slots.count { !$0.isEmpty }
            guard holderCount == slots.count else {
                findings.append(.endsDiffer(everybody.map { sources[$0.sources[0]].name }, slots, at: node.range))
                isSound = false
                continue
            }
            guard let groups = align(slots, owner: holder, by: .ofEnds(slots), at: node.range) else {
                isSound = false
                continue
            }
            result.ends[keyPath: end].slots = groups.compactMap { group in
                let request = request(group, layer: nil, depth: nil, name: group[0].suffix)
                let slot = merge(request, in: scope)
                if slot == nil { isSound = false }
                return slot
            }
        }
        let whole = request([], layer: nil, depth: nil, name: "")
        if let rest = rest(of: everybody, owner: owner, whole, in: scope) {
            result.rest = rest
        } else {
            isSound = false
        }
        let takesWeights = method.parameters.contains { $0.isPerInput && $0.name == "weight" }
        if isSound, parties.base != nil, takesWeights, !weightedNodes.contains(nodeName) {
            let divides = blend.parameters.first { $0.name.value == "normalize" }?.value.content
            let fallback = method.parameters.first { $0.name == "normalize" }?.fallback ?? 0
            let isError = divides.map { $0 == .constant(.boolean(true)) } ?? (fallback == 1)
            findings.append(.noWeights(method.name, isError: isError, at: blend.method.range ?? node.range))
        } else if isSound, parties.base != nil, compatibility == nil, !countedNodes.contains(nodeName) {
            findings.append(.nothingKept(method, at: blend.method.range ?? node.range))
        }
        return isSound ? result : nil
    }

    /// The tensors of several layers or ends, those that match together, in the owner's order.
    private mutating func align(
        _ lists: [[Strip.Slot]],
        owner: [Strip.Slot],
        by keys: SlotKeys,
        at range: SourceRange?
    ) -> [[Strip.Slot]]? {
        let tables = lists.map { Dictionary($0.map { (keys[$0], $0) }) { first, _ in first } }
        let companions = Dictionary(
            lists.lazy.flatMap { $0 }.filter(\.isCompanion).map { (Role.module(of: $0.suffix), $0) }
        ) { first, _ in first }
        var seen: Set<SlotKeys.Key> = []
        var groups: [[Strip.Slot]] = []
        var isSound = true
        for slot in owner + lists.flatMap({ $0 }) where seen.insert(keys[slot]).inserted {
            let group = tables.compactMap { $0[keys[slot]] }
            guard group.count == lists.count else {
                isSound = false
                // A packed weight has other tensors than a plain one; what is wrong is that it is packed.
                if let packed = companions[Role.module(of: slot.suffix)], let packing = packing(of: packed) {
                    findings.append(.cannotCompute(packing.source, packing.scheme, at: range))
                    continue
                }
                let holder = group[0].spec.name
                findings.append(
                    .tensorMissing(slot.suffix, example: holder, holders: group.count, of: lists.count, at: range)
                )
                continue
            }
            groups.append(group)
        }
        return isSound ? groups : nil
    }
}

extension SliceExpression {
    /// Whether two slices are written for the same layers.
    func means(_ other: SliceExpression) -> Bool {
        target.value == other.target.value && pieces.map(describe) == other.pieces.map(describe)
    }

    private func describe(_ pieces: [Piece]) -> [[Expression?]] {
        pieces.map { piece in
            switch piece {
            case .layer(let index): [index.value]
            case .run(let start, let end, let step, _): [start?.value, end?.value, step?.value]
            }
        }
    }
}

extension Flattening {
    fileprivate mutating func blend(_ blend: Blend, in scope: Int) -> Operation? {
        var result = blend
        guard let method = lowering.method(blend.method, in: scope) else { return nil }
        result.method = Marked(.text(method.name), at: blend.method.range)
        result.inputs = []
        for input in blend.inputs {
            // A base that stands among the inputs is the base and nothing else, where the method takes one apart.
            if let base = blend.base, method.base == .required || method.base == .optional, input.from.means(base) {
                continue
            }
            guard let from = slice(input.from, in: scope, locals: [:]) else { return nil }
            result.inputs.append(
                Blend.Input(from: from, parameters: arguments(input.parameters, of: method, in: scope))
            )
        }
        if let base = blend.base {
            guard let flat = slice(base, in: scope, locals: [:]) else { return nil }
            result.base = flat
        }
        result.parameters = arguments(blend.parameters, of: method, in: scope)
        return .blend(result)
    }
}

extension Blend {
    /// Whether it only moves what it is given.
    fileprivate var isPassthrough: Bool {
        method.value == .text("passthrough") && parameters.isEmpty && inputs.allSatisfy { $0.parameters.isEmpty }
    }
}
