import SutureArchitectures

/// Neighbouring layers of a model that were made in one way of layers that follow each other in their sources.
package struct OriginRun: Sendable {
    /// The layers of the model.
    package private(set) var layers: Range<Int>

    /// For each source that has a part in them, the layer of it that the first of them is of.
    package let starts: [Int: Int]

    /// What was found of the tensors, by the role that they play.
    package private(set) var roles: [String: [ModelOrigins.Part]]

    /// The source that most of their numbers are of.
    package var main: Int {
        var shares: [Int: Double] = [:]
        for part in roles.values.joined() {
            for (source, share) in part.shares { shares[source, default: 0] += share * Double(part.elementCount) }
        }
        return starts.keys.max { (shares[$0] ?? 0, $1) < (shares[$1] ?? 0, $0) } ?? 0
    }

    /// The layers of a source that have a part in them.
    package func range(of source: Int) -> Range<Int>? { starts[source].map { $0..<$0 + layers.count } }

    /// Groups the layers of a model.
    package static func all(of origins: ModelOrigins) -> [OriginRun] {
        var runs: [OriginRun] = []
        let byLayer = Dictionary(grouping: origins.parts.filter { $0.layer != nil }) { $0.layer ?? 0 }
        for layer in origins.model.layers.indices {
            let parts = byLayer[layer] ?? []
            let next = OriginRun(layer, parts, origins)
            if var last = runs.last, last.goesOn(with: next) {
                last.append(next)
                runs[runs.count - 1] = last
            } else {
                runs.append(next)
            }
        }
        return runs
    }

    private init(_ layer: Int, _ parts: [ModelOrigins.Part], _ origins: ModelOrigins) {
        layers = layer..<layer + 1
        roles = Dictionary(grouping: parts) { $0.role.description }
        // Models that say the same bytes are one source here: as few as explain all.
        // Any two norms are near each other: a source that is but near is one where its layer is like this one.
        var used = Set(
            parts.flatMap { part -> [Int] in
                let members = part.origin.mixture?.members ?? []
                guard case .near = part.origin else { return members }
                return members.filter { origins.alignments[$0].origins[layer] != nil }
            }
        )
        var open = parts.compactMap(\.origin.copies).filter { used.isDisjoint(with: $0) }
        while let most = open.joined().mostFrequent {
            used.insert(most)
            open.removeAll { $0.contains(most) }
        }
        if used.isEmpty {
            let like = origins.alignments.indices.filter { origins.alignments[$0].origins[layer] != nil }
            let nearest = like.max { origins.alignments[$0].likeness[layer] < origins.alignments[$1].likeness[layer] }
            if let nearest { used.insert(nearest) }
        }
        starts = Dictionary(
            uniqueKeysWithValues: used.compactMap { source in origins.places[source][layer].map { (source, $0) } }
        )
    }

    /// Whether another run's layers are made as these are, of the layers that follow on theirs.
    private func goesOn(with next: OriginRun) -> Bool {
        guard starts.mapValues({ $0 + layers.count }) == next.starts else { return false }
        return next.roles.allSatisfy { role, parts in
            guard let own = roles[role]?.last, let other = parts.first else { return true }
            switch (own.origin, other.origin) {
            case (.copy(let a), .copy(let b)): return !starts.keys.allSatisfy { a.contains($0) != b.contains($0) }
            case (.fill(let a), .fill(let b)): return a == b
            case (.copy, .fill), (.fill, .copy), (.unknown, _), (_, .unknown):
                return own.origin == other.origin
            default: return !own.isExplained || !other.isExplained || abs(own.factor - other.factor) < 0.05
            }
        }
    }

    private mutating func append(_ next: OriginRun) {
        layers = layers.lowerBound..<next.layers.upperBound
        roles.merge(next.roles) { $0 + $1 }
    }
}

extension ModelOrigins.Part {
    /// What part each source has in it.
    var shares: [(source: Int, share: Double)] {
        switch origin {
        case .copy(let sources): sources.map { ($0, 1) }
        case .sum(let mixture), .near(let mixture): mixture.members.map { ($0, abs(mixture.weights[$0])) }
        case .fill, .unknown: []
        }
    }

    /// What the weights of a sum come to: of one source's tensor, what it was multiplied by; 1 of all that is no sum.
    var factor: Double {
        guard let mixture = origin.mixture else { return 1 }
        let sum = mixture.weights.reduce(0, +)
        return abs(sum) > 0.05 ? sum : 1
    }
}

extension TensorOrigin {
    /// The models whose bytes it has.
    var copies: [Int]? {
        guard case .copy(let sources) = self else { return nil }
        return sources
    }

    /// The number that it is everywhere.
    var fill: Double? {
        guard case .fill(let value) = self else { return nil }
        return value
    }
}

extension Sequence<Int> {
    /// The number that comes most often; of several the least.
    fileprivate var mostFrequent: Int? {
        var counts: [Int: Int] = [:]
        for number in self { counts[number, default: 0] += 1 }
        return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    }
}
