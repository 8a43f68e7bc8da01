import SutureArchitectures
import SutureDiagnostics
import SutureRecipes
import SutureTensors

extension Lowering {
    /// Holds what `residual` was set to, or scaled by, against what blocks of the family make of it.
    ///
    /// `residual: 0` promises that a block does nothing, `scale: {residual: …}` that what it adds is multiplied:
    /// where the family's blocks cannot be made to, or a tensor is not understood, that is said.
    ///
    /// - Parameters:
    ///   - set: What was set.
    ///   - scale: What was scaled.
    ///   - layers: The layers, changed, with their places in the strip.
    ///   - count: The number of layers of the strip.
    ///   - scope: The recipe whose names the values are written over.
    ///   - locals: Loop variables that are known there.
    mutating func judgeResidual(
        set: Value?,
        scale: Value?,
        of layers: [(offset: Int, element: Strip.Layer)],
        count: Int,
        in scope: Int,
        locals: Locals
    ) {
        let isSet = set?.namesResidual ?? false
        let isScaled = scale?.namesResidual ?? false
        guard isSet || isScaled else { return }
        var said: Set<Neutrality.Obstacle> = []
        for (index, layer) in layers {
            let source = sources[layer.owner]
            let neutrality = Neutrality(of: source, methods: methods)
            let site = TensorSite(
                role: .residual,
                name: layer.slots.first?.spec.name ?? "",
                layer: index,
                layerCount: count,
                depth: source.depth(ofLayer: layer.attention.layer)
            )
            if isSet, let set, let number = resolve(set, at: site, in: scope, locals: locals) {
                guard number.value == 0 else {
                    findings.append(.residualIsSet(to: number.value, at: number.parts.first?.range ?? set.range))
                    return
                }
                guard let obstacle = neutrality.obstacle(in: layer), said.insert(obstacle).inserted else { continue }
                findings.append(.notSilenced(index, obstacle, at: set.range))
            } else if isScaled, let scale, let factor = resolve(scale, at: site, in: scope, locals: locals) {
                let obstacle =
                    factor.value == 0
                    ? neutrality.obstacle(in: layer)
                    : factor.value == 1 ? nil : neutrality.obstacleToScaling(layer)
                guard let obstacle, said.insert(obstacle).inserted else { continue }
                findings.append(.notScaled(index, obstacle, at: scale.range))
            }
        }
    }
}

extension Role {
    /// Something that stands for all that a block adds to the residual stream, and for nothing else.
    fileprivate static let residual = Role(.other, "residual", sublayer: .other, isWayOut: true)
}

extension Value {
    /// Whether it speaks of `residual` somewhere.
    fileprivate var namesResidual: Bool {
        guard case .cases(let cases) = content else { return false }
        return cases.contains { entry in
            entry.value.namesResidual || entry.selector.map { $0.including.contains(where: \.isResidual) } ?? false
        }
    }
}

extension Selector.Term {
    fileprivate var isResidual: Bool {
        switch self {
        case .role(let pattern), .layers(_, let pattern): pattern.value == RoleSelector.residual
        case .name: false
        }
    }
}

extension Diagnostic {
    /// `residual` set to something that is not nothing.
    fileprivate static func residualIsSet(to number: Double, at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            code: "residual-set",
            "'residual' is set to \(words(number)), but only to 0, which makes a block do nothing",
            at: range,
            fix: FixIt("set it to 0, or multiply what blocks add: scale: {residual: \(words(number))}")
        )
    }

    /// A block that does something all the same.
    fileprivate static func notSilenced(_ layer: Int, _ obstacle: Neutrality.Obstacle, at range: SourceRange?)
        -> Diagnostic
    {
        Diagnostic(
            code: "not-neutral",
            "with 'residual' at 0, layer \(layer) of the strip still does something: \(obstacle.words)",
            at: range,
            fix: FixIt(obstacle.fix)
        )
    }

    /// What a block adds is not multiplied by scaling what `residual` means.
    fileprivate static func notScaled(_ layer: Int, _ obstacle: Neutrality.Obstacle, at range: SourceRange?)
        -> Diagnostic
    {
        Diagnostic(
            code: "not-neutral",
            "scaling 'residual' does not scale what layer \(layer) of the strip adds: \(obstacle.words)",
            at: range,
            fix: FixIt(obstacle.fix)
        )
    }
}
