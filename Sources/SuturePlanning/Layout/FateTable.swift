import SutureArchitectures
import SutureCheckpoints
import SutureDiagnostics
import SutureRecipes
import SutureTensors

/// What of the sources is in an output, looked up tensor by tensor.
struct FateTable {
    private let composition: Composition
    private let dropped: [Int: Set<String>]
    private let used: [Int: Set<String>]
    private let outputNames: Set<String>
    private let sourcesInUse: Set<Int>
    private let unblended: UnblendedRest

    /// Whether the output is made of a source's tensor, among others.
    func isUsed(_ name: String, in source: ResolvedSource) -> Bool { used[source.index]?.contains(name) ?? false }

    /// The output's layers in which some tensor of a source's layer is used.
    private let places: [LayerOrigin: Set<Int>]

    /// What each layer of the output has, by suffix and by role.
    private let held: [Set<String>]
    private let heldAnywhere: Set<String>
    private let endRoles: Set<String>

    init(
        composition: Composition,
        tensors: [Plan.Tensor],
        dropped: [Int: Set<String>],
        unblended: UnblendedRest
    ) {
        self.composition = composition
        self.unblended = unblended
        self.dropped = dropped
        var used: [Int: Set<String>] = [:]
        for tensor in tensors {
            for leaf in tensor.expression.leaves { used[leaf.source, default: []].insert(leaf.spec.name) }
        }
        self.used = used
        outputNames = Set(tensors.map(\.spec.name))
        var places: [LayerOrigin: Set<Int>] = [:]
        for (index, layer) in composition.strip.layers.enumerated() {
            // A layer whose tensors are filled is used for its shapes all the same.
            for origin in [layer.attention, layer.mlp] { places[origin, default: []].insert(index) }
            for leaf in layer.slots.flatMap(\.expression.leaves) {
                let source = composition.sources[leaf.source]
                guard let number = source.checkpoint.index(of: leaf.spec.name),
                    case .layer(source.anatomy.main, let layer, _, _) = source.anatomy.parts[number]
                else { continue }
                places[LayerOrigin(source: leaf.source, layer: layer), default: []].insert(index)
            }
        }
        self.places = places
        held = composition.strip.layers.map { layer in
            Set(layer.slots.flatMap { [$0.suffix, Self.word($0.role)] })
        }
        heldAnywhere = held.reduce(into: []) { $0.formUnion($1) }
        let ends = composition.strip.ends
        endRoles = Set((ends.embed.slots + ends.norm.slots + ends.head.slots).map { Self.word($0.role) })
        sourcesInUse = Set(composition.strip.sources)
            .union(used.keys)
            .union(composition.strip.layers.flatMap { [$0.attention.source, $0.mlp.source] })
    }

    /// What becomes of one tensor of a source.
    func fate(of spec: TensorSpec, _ part: ModelPart, in source: ResolvedSource) -> Accounting.Fate {
        let name = spec.name
        if used[source.index]?.contains(name) ?? false { return .used }
        if dropped[source.index]?.contains(name) ?? false { return .dropped }
        guard sourcesInUse.contains(source.index) else { return .notAsked }
        if source.unread.contains(name) { return .unread }
        if unblended.isBlended(name, in: source) || composition.isOfModule(name) { return .replaced }
        let fate = fate(of: part, name, in: source)
        guard fate == .unaccounted else { return fate }
        if composition.graph.output.drop.contains(where: { matchesGlob($0.value, name) }) { return .dropped }
        if outputNames.contains(name) { return .counterpart }
        return spec.isBuffer ? .buffer : .unaccounted
    }

    private func fate(of part: ModelPart, _ name: String, in source: ResolvedSource) -> Accounting.Fate {
        switch part {
        case .layer(source.anatomy.main, let layer, let suffix, let role):
            guard let places = places[LayerOrigin(source: source.index, layer: layer)] else { return .outside }
            let others = [suffix, Self.word(role)]
            if places.contains(where: { place in others.contains { held[place].contains($0) } }) { return .replaced }
            // One tensor may serve all layers, and then stands in one of them.
            return heldAnywhere.contains(suffix) ? .replaced : .unaccounted
        case .end(let end):
            let strip = composition.strip
            let owner =
                switch end.owner {
                case .embed: strip.ends.embed.owner
                case .norm: strip.ends.norm.owner
                case .head: strip.ends.head.owner
                }
            if owner != source.index || endRoles.contains(Self.word(end.role)) { return .otherEnd }
            return end.owner == .head && composition.isTied ? .tied : .unaccounted
        case .extraLayer, .draft: return .draft
        case .tower: return source.index == composition.configDonor ? .unaccounted : .tower
        case .layer: return source.index == composition.configDonor ? .unaccounted : .stack
        case .other: return .unaccounted
        }
    }

    /// A role without the number of an expert.
    private static func word(_ role: Role) -> String {
        role.group == .expert ? "expert." + role.part : role.description
    }
}
