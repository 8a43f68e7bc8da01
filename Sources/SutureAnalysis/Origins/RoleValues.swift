import Glibc
import SutureArchitectures
import SutureRecipes

/// Numbers that belong to roles and layers of a run, in as few words of the recipe language as say them.
enum RoleValues {
    /// A number found by a fit, with as few digits behind the point as say it within its error, and five at most.
    static func text(_ value: Double, within error: Double = 5e-4) -> String {
        var power = 1.0
        while power < 1e5, abs((value * power).rounded() / power - value) > error { power *= 10 }
        let rounded = (value * power).rounded() / power
        return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
    }

    /// The factor that most tensors of a role agree on.
    private static func factor(_ parts: [ModelOrigins.Part], _ largest: ModelOrigins.Part) -> String {
        let count = parts.reduce(0) { $0 + $1.elementCount }
        let error = (parts.compactMap(\.origin.mixture?.error).max() ?? 0) / Double(max(1, count)).squareRoot()
        return text(agreed(parts, \.factor) ?? largest.factor, within: 4 * error + 1e-6)
    }

    /// How far a value found of so many elements may be from another that is meant to be the same.
    private static func tolerance(_ elementCount: Int) -> Double { 0.003 + 2 / Double(elementCount).squareRoot() }

    /// The weight of a source in a blend: a number, or one or a curve for each role.
    ///
    /// Weights sum to 1; what is more or less than that is a factor on the tensor.
    static func weights(_ run: OriginRun, of source: Int) -> PrintedYAML {
        printed(run) { part in
            if let mixture = part.origin.mixture { return mixture.weights[source] / part.factor }
            guard let copies = part.origin.copies else { return source == run.main ? 1 : 0 }
            return copies.filter { run.starts[$0] != nil }.min() == source ? 1 : 0
        }
    }

    /// How far a slerp turned from the first of two sources to the second; `nil` where that is not what made them.
    ///
    /// Of nearly parallel tensors the weights of a slerp are those of a linear blend, and are told as such.
    static func turns(_ run: OriginRun, _ members: [Int]) -> PrintedYAML? {
        var isTurned = false
        for part in run.roles.values.joined() {
            guard let mixture = part.origin.mixture else { continue }
            guard mixture.members.count == 2 else { return nil }
            guard let turn = mixture.turn else { return nil }
            if abs(mixture.weights[members[0]] + mixture.weights[members[1]] - 1) > 0.003 { isTurned = true }
            if abs(turn.misfit) > tolerance(part.elementCount) { return nil }
        }
        guard isTurned else { return nil }
        return printed(run) { part in
            if let turn = part.origin.mixture?.turn { return turn.t }
            return part.origin.copies?.contains(members[0]) == false ? 1 : 0
        }
    }

    /// `scale` and `set` of an item; the weights of a slerp sum to what they do.
    static func edits(_ run: OriginRun, isSlerp: Bool) -> [(String, PrintedYAML)] {
        var factors: [(String, String)] = []
        var fills: [(String, String)] = []
        for (role, parts) in run.roles.sorted(by: { $0.key < $1.key }) {
            let fill = parts.compactMap(\.origin.fill).first
            if let fill {
                if fill.sign == .minus, fill == 0 {
                    factors.append((role, "0"))
                } else {
                    fills.append((role, text(fill)))
                }
            } else if let largest = parts.max(by: { $0.elementCount < $1.elementCount }), !isSlerp,
                abs(largest.factor - 1) > tolerance(largest.elementCount)
            {
                factors.append((role, factor(parts, largest)))
            }
        }
        return [("scale", factors), ("set", fills)].compactMap { key, found in
            guard !found.isEmpty else { return nil }
            let waysOut = Set(run.roles.filter { $0.value.contains { $0.role.isWayOut && !$0.role.isNorm } }.keys)
            if Set(found.map(\.0)) == waysOut, Set(found.map(\.1)).count == 1 {
                return (key, .mapping([("residual", .literal(found[0].1))]))
            }
            return (key, .mapping(found.map { ($0.0, .literal($0.1)) }))
        }
    }

    /// Roles as a selector: `attn.*` where all of a group are meant.
    static func selector(
        _ roles: [String],
        in run: OriginRun,
        orMaybe: (String) -> Bool = { _ in false }
    ) -> PrintedYAML {
        let all = run.roles.keys
        func group(_ role: String) -> String { role.split(separator: ".").first.map(String.init) ?? role }
        var words: [String] = []
        for group in Set(roles.map(group)).sorted() {
            let members = all.filter { $0.split(separator: ".").first.map(String.init) == group }
            let isWhole =
                group != "norm" && members.count > 1 && members.allSatisfy { roles.contains($0) || orMaybe($0) }
            words += isWhole ? ["\(group).*"] : roles.filter { $0 == group || $0.hasPrefix("\(group).") }.sorted()
        }
        return words.count == 1 ? .text(words[0]) : .list(words.map { .text($0) })
    }

    /// Values of a run's tensors, as one number where they agree, else by role, and along the layers by a curve.
    private static func printed(_ run: OriginRun, _ value: (ModelOrigins.Part) -> Double) -> PrintedYAML {
        let parts = run.roles.values.flatMap(\.self)
        if let one = agreed(parts, value) { return .literal(text(one)) }
        var groups: [(roles: [String], curve: [Double])] = []
        for (role, parts) in run.roles.sorted(by: { $0.key < $1.key }) {
            let curve = run.layers.map { layer -> Double in
                let own = parts.filter { $0.layer == layer }
                return agreed(own, value) ?? own.max { $0.elementCount < $1.elementCount }.map(value) ?? 0
            }
            let count = parts.map(\.elementCount).max() ?? 1
            let line = agreed(parts, value).map { one in curve.map { _ in one } } ?? curve
            if let place = groups.firstIndex(where: { group in
                zip(group.curve, line).allSatisfy { abs($0 - $1) <= tolerance(count) }
            }) {
                groups[place].roles.append(role)
            } else {
                groups.append(([role], line))
            }
        }
        groups.sort { $0.roles.count < $1.roles.count }
        return .list(
            groups.enumerated().map { place, group in
                let values = group.curve.map { text($0) }
                let value: PrintedYAML =
                    Set(values).count == 1
                    ? .literal(values[0])
                    : .compact(.mapping([("curve", .list(values.map { .literal($0) }))]))
                guard place < groups.count - 1 else { return .mapping([("value", value)]) }
                return .mapping([("where", selector(group.roles, in: run)), ("value", value)])
            }
        )
    }

    /// The one weight that a source has in all tensors of a blend, where it has one.
    static func weight(_ run: OriginRun, of source: Int) -> Double? {
        agreed(run.roles.values.flatMap(\.self)) { part in
            part.origin.mixture.map { $0.weights[source] / part.factor } ?? 0
        }
    }

    /// Whether a tensor outside the layers is a sum with the same weights as a blend's.
    static func agrees(_ part: ModelOrigins.Part, with weight: Double, of source: Int) -> Bool {
        part.origin.mixture.map { abs($0.weights[source] - weight) <= tolerance(part.elementCount) } ?? false
    }

    /// The mean of values that agree as far as they are known, weighed by how well that is.
    private static func agreed(_ parts: [ModelOrigins.Part], _ value: (ModelOrigins.Part) -> Double) -> Double? {
        let count = parts.reduce(0) { $0 + $1.elementCount }
        guard count > 0 else { return nil }
        let mean = parts.reduce(0) { $0 + value($1) * Double($1.elementCount) } / Double(count)
        return parts.allSatisfy { abs(value($0) - mean) <= tolerance($0.elementCount) } ? mean : nil
    }
}

extension OriginRun {
    /// The sources that all tensors of a role are of; none where they are filled.
    func owners(of role: String) -> Set<Int> {
        let parts = roles[role] ?? []
        let sets = parts.compactMap { part -> Set<Int>? in
            if let copies = part.origin.copies { return Set(copies.filter { starts[$0] != nil }) }
            return part.origin.mixture.map { Set($0.members) }
        }
        return sets.dropFirst().reduce(sets.first ?? []) { $0.intersection($1) }
    }
}

extension TensorOrigin.Mixture {
    /// How far a slerp of two tensors that made this turned, and how far its weights are from such a one's.
    var turn: (t: Double, misfit: Double)? {
        guard let cosine, members.count == 2 else { return nil }
        let angle = acos(max(-1, min(1, cosine)))
        guard angle > 1e-4 else { return nil }
        let (a, b) = (weights[members[0]], weights[members[1]])
        let t = atan2(b * sin(angle), a + b * cosine) / angle
        return (t, a - sin((1 - t) * angle) / sin(angle))
    }
}
