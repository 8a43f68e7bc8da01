import SutureArchitectures
import SutureDiagnostics
import SutureRecipes
import SutureTensors

extension Lowering {
    /// Lowers an edit: a strip with tensors scaled or filled.
    mutating func edit(_ edit: Edit, in scope: Int, at position: Int) -> Strip? {
        guard var strip = strip(of: edit.from, in: scope, at: position) else { return nil }
        apply(scale: edit.scale, set: edit.set, to: &strip, in: scope, at: position)
        return strip
    }

    /// Lowers an expansion: copies of a neighbouring layer, changed, between the layers of a strip.
    mutating func expand(_ expansion: Expansion, in scope: Int, at position: Int) -> Strip? {
        guard let strip = strip(of: expansion.from, in: scope, at: position),
            let places = places(expansion.places, in: strip.layers.count, in: scope)
        else { return nil }
        // The new blocks are edited as a strip of their own, without ends: only they are meant.
        var copies = strip
        copies.ends.embed.slots = []
        copies.ends.norm.slots = []
        copies.ends.head.slots = []
        let last = strip.layers.count - 1
        let donors = places.sorted().map { expansion.donor == .previous ? $0 : min($0 + 1, last) }
        copies.layers = donors.map { donor in
            var copy = strip.layers[donor]
            copy.range = expansion.from.range
            return copy
        }
        apply(scale: expansion.scale, set: expansion.set, to: &copies, in: scope) { copy in
            // Before it stand all layers up to its place, and the copies before it.
            (donors[copy], of: strip.layers.count, lands: position + places.sorted()[copy] + 1 + copy)
        }
        var grown = strip
        grown.layers = []
        var rest = copies.layers[...]
        for (index, layer) in strip.layers.enumerated() {
            grown.layers.append(layer)
            guard places.contains(index), var copy = rest.popFirst() else { continue }
            copy.label = copy.label.marked("+")
            grown.layers.append(copy)
        }
        return grown
    }

    /// The layers after which a block is inserted.
    private mutating func places(_ places: Expansion.Places, in count: Int, in scope: Int) -> Set<Int>? {
        switch places {
        case .every(let expression):
            guard let step = integer(expression, in: scope) else { return nil }
            guard step >= 1, step <= count else {
                findings.append(.badExpansionStep(step, of: count, at: expression.range))
                return nil
            }
            if count % step != 0 { findings.append(.expansionLeavesLayers(count % step, at: expression.range)) }
            return Set(stride(from: step - 1, to: count, by: step))
        case .after(let expressions):
            var places: Set<Int> = []
            for expression in expressions {
                guard let index = integer(expression, in: scope) else { return nil }
                let absolute = index < 0 ? index + count : index
                guard (0..<count).contains(absolute) else {
                    findings.append(
                        .layerPastEnd(index, owner: Owner(name: "from", count: count), at: expression.range)
                    )
                    return nil
                }
                places.insert(absolute)
            }
            return places
        }
    }

    /// Scales and fills the tensors of a strip as settings say; what is filled is not scaled.
    ///
    /// `place` says for each layer of the strip its place among how many, which curves and layer restrictions go by, and
    /// the output layer that it becomes.
    mutating func apply(
        scale: Value?,
        set: Value?,
        to strip: inout Strip,
        in scope: Int,
        locals: Locals = [:],
        place: (Int) -> (Int, of: Int, lands: Int)
    ) {
        guard scale != nil || set != nil else { return }
        for index in strip.layers.indices {
            let origin = strip.layers[index].attention
            let depth = sources[origin.source].depth(ofLayer: origin.layer)
            let (layer, count, landing) = place(index)
            var isChanged = false
            for slot in strip.layers[index].slots.indices {
                let site = TensorSite(
                    role: strip.layers[index].slots[slot].role,
                    name: outputName(of: strip.layers[index].slots[slot], in: strip, layer: landing),
                    layer: layer,
                    layerCount: count,
                    depth: depth
                )
                isChanged =
                    change(
                        &strip.layers[index].slots[slot],
                        at: site,
                        scale: scale,
                        set: set,
                        in: scope,
                        locals: locals
                    )
                    || isChanged
            }
            if isChanged { strip.layers[index].label = strip.layers[index].label.marked("*") }
        }
        let layers = strip.layers.enumerated().map { (offset: place($0).0, element: $1) }
        let count = strip.layers.isEmpty ? 0 : place(0).of
        judgeResidual(set: set, scale: scale, of: layers, count: count, in: scope, locals: locals)
        for end in [\Strip.Ends.embed, \.norm, \.head] {
            for slot in strip.ends[keyPath: end].slots.indices {
                var changed = strip.ends[keyPath: end].slots[slot]
                let site = TensorSite(role: changed.role, name: changed.suffix, layer: nil, layerCount: count)
                guard change(&changed, at: site, scale: scale, set: set, in: scope, locals: locals) else { continue }
                strip.ends[keyPath: end].slots[slot] = changed
            }
        }
    }

    /// Scales and fills the tensors of a strip whose first layer will be an output layer.
    mutating func apply(
        scale: Value?,
        set: Value?,
        to strip: inout Strip,
        in scope: Int,
        at position: Int,
        locals: Locals = [:]
    ) {
        let count = strip.layers.count
        apply(scale: scale, set: set, to: &strip, in: scope, locals: locals) { ($0, of: count, lands: position + $0) }
    }

    /// The name that a tensor of a strip, or one that comes to be in it, has in the output, as far as it is known.
    func outputName(of slot: Strip.Slot, in strip: Strip, layer: Int?) -> String {
        layer.map { "\(sources[strip.sources[0]].layerPrefix)\($0).\(slot.suffix)" } ?? slot.suffix
    }

    /// Scales or fills one tensor.
    ///
    /// - Returns: Whether it is other than before.
    private mutating func change(
        _ slot: inout Strip.Slot,
        at site: TensorSite,
        scale: Value?,
        set: Value?,
        in scope: Int,
        locals: Locals
    ) -> Bool {
        let number = set.flatMap { resolve($0, at: site, in: scope, locals: locals)?.value }
        let factor = number == nil ? scale.flatMap { resolve($0, at: site, in: scope, locals: locals)?.value } : nil
        guard number != nil || (factor ?? 1) != 1 else { return false }
        if let packing = packing(of: slot), slot.isCompanion || !slot.spec.dtype.isBlendable {
            findings.append(.cannotCompute(packing.source, packing.scheme, at: (set ?? scale)?.range))
            return false
        }
        if let number {
            slot.expression = .filled(number)
        } else if let factor {
            slot.expression = .scaled(slot.expression, by: factor)
        }
        guard slot.spec.dtype.isBlendable else {
            let range = (set ?? scale)?.range
            findings.append(.cannotScale(slot.spec.name, slot.spec.dtype.rawValue, at: range))
            return false
        }
        return true
    }
}

extension Diagnostic {
    /// A distance between inserted blocks that does not fit.
    static func badExpansionStep(_ step: Int, of count: Int, at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            code: "bad-expansion",
            "'every' is \(step), but the strip has \(count) layers",
            at: range,
            fix: FixIt("choose a number from 1 to \(count)")
        )
    }

    /// Layers after the last inserted block.
    static func expansionLeavesLayers(_ count: Int, at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "uneven-expansion",
            "the last \(count) layers are followed by no new block",
            at: range,
            fix: FixIt("choose 'every' so that it divides the number of layers")
        )
    }

    /// Numbers that are not stored as numbers.
    static func cannotScale(_ tensor: String, _ dtype: String, at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            code: "cannot-scale",
            "'\(tensor)' is stored as \(dtype), which is not scaled or filled",
            at: range,
            fix: FixIt("leave it out of the selector, or start from an unquantized checkpoint")
        )
    }
}
