import SutureArchitectures
import SutureDiagnostics
import SutureRecipes

/// A tensor as a setting sees it: what it is, what it is called, where it stands.
struct TensorSite {
    /// The part it plays.
    var role: Role
    /// The name that globs are held against: the one that the tensor will have in the output.
    var name: String
    /// Its layer in the strip at hand; `nil` outside layers.
    var layer: Int?
    /// The number of layers of the strip at hand.
    var layerCount: Int
    /// Where in its whole model the layer came from, 0 at the first and 1 at the last.
    var depth: Double?

    /// Where the tensor stands along an axis, from 0 to 1.
    ///
    /// mergekit's rule: the only layer of a strip stands at 1, and what lies outside layers at 0.
    func position(along axis: Value.Axis) -> Double {
        guard let layer else { return 0 }
        switch axis {
        case .slice: return layerCount > 1 ? Double(layer) / Double(layerCount - 1) : 1
        case .depth: return depth ?? 0
        }
    }
}

/// A number that a setting gives a tensor.
struct SettledNumber {
    /// The number.
    var value: Double

    /// The numbers it was made of, where they are written: itself, or the points of a curve around it.
    var parts: [Marked<Double>]

    /// A number written in one place.
    init(_ value: Double, at range: SourceRange?) {
        self.value = value
        parts = [Marked(value, at: range)]
    }

    /// A number between two points of a curve, nearer to `end` the nearer `fraction` is to 1.
    init(between start: Marked<Double>, and end: Marked<Double>, at fraction: Double) {
        value = (1 - fraction) * start.value + fraction * end.value
        parts = fraction == 0 ? [start] : [start, end]
    }

    /// The number to blame where something is wrong with it: the first of its parts with which that is wrong too.
    func culprit(where isWrong: (Double) -> Bool) -> Marked<Double> {
        parts.first { isWrong($0.value) } ?? Marked(value, at: parts.first?.range)
    }
}

extension Lowering {
    /// What a setting says about a tensor.
    ///
    /// - Returns: The number, or `nil` when the setting says nothing about it (or something wrong,
    ///   which has been reported).
    mutating func resolve(
        _ value: Value,
        at site: TensorSite,
        in scope: Int,
        locals: Locals = [:]
    ) -> SettledNumber? {
        switch value.content {
        case .constant(.name(let name)):
            // A parameter may be a curve, which only has a value at a place.
            if locals[name] == nil, let (given, owner) = argument(name, in: scope), !given.isConstant {
                return resolve(given, at: site, in: owner)
            }
            let number = number(Marked(.name(name), at: value.range), in: scope, locals: locals)
            return number.map { SettledNumber($0, at: value.range) }
        case .constant(let expression):
            let number = number(Marked(expression, at: value.range), in: scope, locals: locals)
            return number.map { SettledNumber($0, at: value.range) }
        case .curve(let points, let axis):
            return curve(points, at: site.position(along: axis), in: scope, locals: locals)
        case .cases(let cases):
            for entry in cases {
                guard entry.selector.map({ matches($0, site, in: scope, locals: locals) }) ?? true else { continue }
                if let number = resolve(entry.value, at: site, in: scope, locals: locals) { return number }
            }
            return nil
        }
    }

    /// The value of a piecewise linear curve at `t` from 0 to 1.
    private mutating func curve(
        _ points: [Marked<Expression>],
        at t: Double,
        in scope: Int,
        locals: Locals
    ) -> SettledNumber? {
        guard !points.isEmpty else { return nil }
        let place = t * Double(points.count - 1)
        let lower = min(points.count - 1, max(0, Int(place)))
        let upper = min(points.count - 1, lower + 1)
        let fraction = place - Double(lower)
        guard let a = number(points[lower], in: scope, locals: locals),
            let b = number(points[upper], in: scope, locals: locals)
        else { return nil }
        return SettledNumber(
            between: Marked(a, at: points[lower].range),
            and: Marked(b, at: points[upper].range),
            at: fraction
        )
    }

    /// Whether a selector means a tensor.
    mutating func matches(_ selector: Selector, _ site: TensorSite, in scope: Int, locals: Locals = [:]) -> Bool {
        let key = SelectorKey(selector: selector, isFilter: scopes[scope].graph.dialect == .mergekit)
        var use = selectorUses[key] ?? SelectorUse(selector)
        let isMeant = contains(selector.including, site, in: scope, locals: locals, matched: &use.including)
        let isExcluded =
            isMeant && contains(selector.excluding, site, in: scope, locals: locals, matched: &use.excluding)
        selectorUses[key] = use
        return isMeant && !isExcluded
    }

    /// Whether one of several terms means a tensor; those that have meant none yet are asked all the same.
    private mutating func contains(
        _ terms: [Selector.Term],
        _ site: TensorSite,
        in scope: Int,
        locals: Locals,
        matched: inout [Bool]
    ) -> Bool {
        var isMeant = false
        for (index, term) in terms.enumerated() where !isMeant || !matched[index] {
            guard matches(term, site, in: scope, locals: locals) else { continue }
            isMeant = true
            if !matched[index] { matched[index] = true }
        }
        return isMeant
    }

    private mutating func matches(
        _ term: Selector.Term,
        _ site: TensorSite,
        in scope: Int,
        locals: Locals
    ) -> Bool {
        switch term {
        case .role(let pattern):
            return roleSelector(pattern.value)?.matches(site.role) ?? false
        case .name(let glob):
            namesAsked += 1
            return matchesGlob(glob.value, site.name)
        case .layers(let pieces, let pattern):
            guard let layer = site.layer, roleSelector(pattern.value)?.matches(site.role) ?? false else { return false }
            let key = LayerSetKey(pieces: pieces, count: site.layerCount, scope: scope)
            if let known = layerSets[key] { return known.contains(layer) }
            let slice = SliceExpression(
                target: Marked("layers", at: pattern.range),
                pieces: pieces,
                range: pattern.range
            )
            let chosen = layers(pieces, of: site.layerCount, slice: slice, in: scope, locals: locals)
            let set = Set(chosen ?? [])
            layerSets[key] = set
            return set.contains(layer)
        }
    }

    private mutating func roleSelector(_ pattern: String) -> RoleSelector? {
        if let known = roleSelectors[pattern] { return known }
        let selector = try? RoleSelector(parsing: pattern)
        roleSelectors[pattern] = .some(selector)
        return selector
    }

    /// The layers that `layers[…]` means in a strip of a length.
    struct LayerSetKey: Hashable {
        let pieces: [SliceExpression.Piece]
        let count: Int
        let scope: Int
    }
}

extension Value {
    /// Whether it is the same everywhere.
    var isConstant: Bool {
        if case .constant = content { true } else { false }
    }
}
