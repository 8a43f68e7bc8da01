import SutureArchitectures
import SutureDiagnostics
import SutureRecipes
import SutureTensors

extension Edit: LoweredOperator {
    func strip(by lowering: inout Lowering, node: SliceGraph.Node, in scope: Int, at position: Int) -> Strip? {
        lowering.edit(self, in: scope, at: position)
    }

    func flat(by flattening: inout Flattening, in scope: Int) -> Operation? {
        guard let from = flattening.slice(from, in: scope, locals: [:]) else { return nil }
        let scale = scale.flatMap { flattening.value($0, in: scope, locals: [:]) }
        let set = set.flatMap { flattening.value($0, in: scope, locals: [:]) }
        return .edit(Edit(from: from, scale: scale, set: set))
    }

    func computesNumbers(depth: Int) -> Bool { scale != nil || set != nil }
}

extension Lowering {
    /// Lowers an edit: a strip with tensors scaled or filled.
    mutating func edit(_ edit: Edit, in scope: Int, at position: Int) -> Strip? {
        guard var strip = strip(of: edit.from, in: scope, at: position) else { return nil }
        apply(scale: edit.scale, set: edit.set, to: &strip, in: scope, at: position)
        return strip
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
        guard abs(number ?? factor ?? 0) <= Double(Float.greatestFiniteMagnitude) else {
            findings.append(.pastFloat32(number ?? factor ?? 0, of: slot.spec.name, at: (set ?? scale)?.range))
            return false
        }
        if let packing = packing(of: slot), slot.isCompanion || !slot.spec.dtype.isBlendable {
            findings.append(.cannotCompute(packing.source, packing.scheme, at: (set ?? scale)?.range))
            return false
        }
        if let number {
            slot.expression = .filled(number)
        } else if let factor {
            slot.expression = .scaled(slot.expression, by: factor)
        }
        if number == 0, slot.spec.dtype.isGGML, slot.spec.dtype.isZeroInZeroBytes { return true }
        guard slot.spec.dtype.holdsWeights else {
            let range = (set ?? scale)?.range
            findings.append(.cannotScale(slot.spec.name, slot.spec.dtype.rawValue, at: range))
            return false
        }
        return true
    }
}

extension Diagnostic {
    /// A number that no tensor can hold, nor be multiplied by.
    static func pastFloat32(_ number: Double, of tensor: String, at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            code: "number-too-large",
            "\(number) is given to '\(tensor)', and float32, which numbers are computed in, ends at \(Float.greatestFiniteMagnitude)",
            at: range,
            fix: FixIt("give a smaller number")
        )
    }

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
            .note,
            code: "uneven-expansion",
            (count == 1 ? "the last layer is" : "the last \(count) layers are") + " followed by no new block",
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
