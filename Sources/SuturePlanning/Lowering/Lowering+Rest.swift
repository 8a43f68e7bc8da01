import SutureArchitectures
import SutureDiagnostics
import SutureRecipes
import SutureTensors

extension Lowering {
    /// Merges what lies outside the layers of several strips, as the ends are merged.
    ///
    /// What not every strip has in the same shape is left out; ``UnblendedRest`` tells of it.
    ///
    /// - Parameters:
    ///   - strips: The strips, in the method's order; a base apart comes last.
    ///   - owner: The one of them whose tensors are asked for.
    ///   - blend: What is asked of every tensor.
    ///   - scope: The recipe that the blend is written in.
    /// - Returns: The tensors, or `nil` when something was wrong and has been reported.
    mutating func rest(of strips: [Strip], owner: Strip, _ blend: BlendRequest, in scope: Int) -> Strip.Rest? {
        var rest = owner.rest
        rest.range = blend.range
        rest.sources = strips.flatMap(\.rest.sources).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        // A model blended with parts of itself has one rest.
        guard rest.isBlend else { return rest }
        let tables = strips.map { strip in
            Dictionary(strip.rest.tensors.map { ($0.slot.suffix, $0.slot) }) { first, _ in first }
        }
        let lists = scopes[scope].graph.dialect == .mergekit ? TowerLayers(rest.tensors.slots) : nil
        var isSound = true
        rest.tensors = owner.rest.tensors.compactMap { tensor in
            let slots = tables.compactMap { $0[tensor.slot.suffix] }
            guard slots.count == strips.count, slots.allSatisfy({ $0.spec.shape == slots[0].spec.shape }) else {
                return nil
            }
            var request = blend
            request.parties = slots
            request.outputName = tensor.slot.suffix
            // Drafts stand behind the last layer; towers and encoders give the first one what it reads.
            request.depth = tensor.part.isDraft ? 1 : 0
            if let place = lists?.place(of: tensor.slot) { (request.layer, request.layerCount) = place }
            guard let slot = merge(request, in: scope) else {
                isSound = false
                return nil
            }
            return ResolvedSource.Rest(part: tensor.part, slot: slot)
        }
        return isSound ? rest : nil
    }
}

/// The layers of towers and encoders, over which curves of mergekit files run as they do over the main layers.
private struct TowerLayers {
    /// How many layers each list has, by what stands before their numbers.
    private var counts: [Substring: Int] = [:]

    init(_ slots: [Strip.Slot]) {
        for case let (list, layer)? in slots.map(Self.number) { counts[list] = max(counts[list] ?? 0, layer + 1) }
    }

    /// A tensor's layer, and how many its list has.
    func place(of slot: Strip.Slot) -> (layer: Int?, count: Int)? {
        Self.number(of: slot).map { ($0.layer, counts[$0.list] ?? 1) }
    }

    /// The first number in a name, where it counts layers.
    private static func number(of slot: Strip.Slot) -> (list: Substring, layer: Int)? {
        let parts = slot.suffix.split(separator: ".")
        guard let place = parts.firstIndex(where: { Int($0) != nil }), place > 0, let layer = Int(parts[place]),
            ["layers", "layer", "blocks", "block", "resblocks", "h"].contains(parts[place - 1])
        else { return nil }
        return (slot.suffix[..<parts[place].startIndex], layer)
    }
}

extension ResolvedSource {
    /// What an output whose config is this model's has outside layers and ends: its own, blended where the strip has it
    /// blended.
    ///
    /// Drafts are among it; they are left behind where the layers before them change.
    func rest(in strip: Strip) -> [Rest] {
        guard strip.rest.sources.contains(index) else { return rest }
        let made = Dictionary(strip.rest.tensors.map { ($0.slot.suffix, $0.slot) }) { first, _ in first }
        return rest.map { Rest(part: $0.part, slot: made[$0.slot.suffix] ?? $0.slot) }
    }
}
