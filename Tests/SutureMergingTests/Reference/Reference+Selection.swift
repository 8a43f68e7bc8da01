import Glibc

extension Reference {
    /// What one input's differences keep by magnitude, without its outliers.
    func largest(_ input: Int) -> [Double] {
        let values = differences[input]
        let density = each("density")[input]
        guard density < 1 else { return values }
        let kept = Int(density * Double(values.count))
        let dropped = min(Int(each("gamma")[input] * Double(values.count)), values.count - kept)
        // The merge subtracts in single precision, and so sees equal magnitudes where these are not quite.
        let single = zip(inputs[input], base).map { abs(Float($0) - Float($1)) }
        let order = single.indices.sorted { (single[$0], $1) > (single[$1], $0) }
        var result = values.map { _ in 0.0 }
        for place in order[dropped..<(dropped + kept)] { result[place] = values[place] }
        guard number("rescale") == 1 else { return result }
        let (before, after) = (values.reduce(0) { $0 + abs($1) }, result.reduce(0) { $0 + abs($1) })
        return after > 0 ? result.map { $0 * before / after } : result
    }

    func weighted(_ vectors: [[Double]]) -> [[Double]] {
        zip(vectors, weights).map { vector, weight in vector.map { $0 * weight } }
    }

    /// The sum of weighted vectors, divided by the weights where that is asked for.
    func sum(_ vectors: [[Double]]) -> [Double] {
        let total = weights.reduce(0, +)
        let divisor = number("normalize") == 1 && abs(total) > 1e-8 ? total : 1
        return combination(vectors.map { _ in 1 / divisor }, of: vectors)
    }

    /// The sum of what agrees with the sign of the sum.
    func elected(_ vectors: [[Double]]) -> [Double] {
        let votes = weighted(vectors)
        return votes[0].indices.map { i in
            let isPositive = votes.reduce(0) { $0 + $1[i] } >= 0
            let agreeing = votes.indices.filter { isPositive ? votes[$0][i] > 0 : votes[$0][i] < 0 }
            let weight = agreeing.reduce(0) { $0 + weights[$1] }
            let total = agreeing.reduce(0) { $0 + votes[$1][i] }
            return number("normalize") == 1 && abs(weight) > 1e-8 ? total / weight : total
        }
    }

    var sce: [Double] {
        var vectors = differences
        let count = Double(vectors.count)
        if number("select_topk") < 1 {
            let variances = base.indices.map { i -> Float in
                let single = inputs.map { Double(Float($0[i]) - Float(base[i])) }
                let mean = single.reduce(0, +) / count
                return Float(single.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count)
            }
            let wanted = Int(Float(variances.count { $0 > 0 }) * Float(number("select_topk")))
            let order = variances.indices.sorted { (variances[$0], $1) > (variances[$1], $0) }
            for place in order.dropFirst(wanted) {
                for input in vectors.indices { vectors[input][place] = 0 }
            }
        }
        let squares = vectors.map { dot($0, $0) }
        let sum = squares.reduce(0, +)
        let shares = squares.map { sum > 0 ? $0 / sum : 1 / count }
        return base.indices.map { i in
            let isPositive = vectors.reduce(0) { $0 + $1[i] } >= 0
            let agreeing = vectors.indices.filter { isPositive ? vectors[$0][i] > 0 : vectors[$0][i] < 0 }
            let share = agreeing.reduce(0) { $0 + shares[$1] }
            guard share > 0 else { return base[i] }
            return base[i] + agreeing.reduce(0) { $0 + shares[$1] * vectors[$1][i] } / share
        }
    }

    private func isChange(_ value: Double) -> Bool { abs(Float(value)) > Float(number("epsilon")) }

    func ram(_ factors: [Double]) -> [Double] {
        base.indices.map { i in
            let changes = differences.indices.filter { isChange(differences[$0][i]) }
            guard changes.count > 1 else {
                return base[i] + changes.reduce(0) { $0 + differences[$1][i] * factors[$1] }
            }
            return base[i] + changes.reduce(0) { $0 + differences[$1][i] } / Double(changes.count)
        }
    }

    var ramFactors: [Double] {
        let differences = differences
        return differences.indices.map { input in
            var (shared, own) = (0.0, 0.0)
            for i in base.indices where isChange(differences[input][i]) {
                if differences.count(where: { isChange($0[i]) }) > 1 { shared += 1 } else { own += 1 }
            }
            return 1 + number("r") * min(shared / max(own, number("epsilon")), number("alpha"))
        }
    }

    var magmax: [Double] {
        let vectors = weighted(differences)
        return onBase(
            base.indices.map { i in
                vectors.map { $0[i] }.max { (abs($0), $0) < (abs($1), $1) } ?? 0
            }
        )
    }

    var consensus: [Double] {
        let vectors = weighted(differences)
        let total = sum(vectors)
        return onBase(
            base.indices.map { i in
                let all = vectors.reduce(0) { $0 + $1[i] }
                let needs = vectors.count { abs($0[i]) >= number("mask") * abs(all - $0[i]) && $0[i] != 0 }
                return Double(needs) >= number("k") ? total[i] : 0
            }
        )
    }

    var nearswap: [Double] {
        zip(base, differences[0]).map { $0 + max(-number("t"), min(number("t"), $1)) }
    }

    var arceeFusion: [Double] {
        func softmax(_ row: [Double]) -> [Double] {
            let top = row.max() ?? 0
            let sum = row.reduce(0) { $0 + exp($1 - top) }
            return row.map { exp($0 - top) / sum + 1e-8 }
        }
        let divergences = zip(rows(inputs[1]), rows(inputs[0])).flatMap { other, base in
            let value = zip(softmax(other), softmax(base)).reduce(0) { $0 + $1.0 * log($1.0 / $1.1) }
            return other.map { _ in value }
        }
        let importance = inputs[0].indices.map { abs(inputs[1][$0] - inputs[0][$0]) * divergences[$0] }
        let order = importance.sorted()
        func quantile(_ part: Float) -> Double { order[Int(part * Float(order.count - 1))] }
        guard !order.isEmpty else { return [] }
        let threshold = quantile(0.5) + 1.5 * (quantile(0.75) - quantile(0.25))
        return inputs[0].indices.map { importance[$0] >= threshold ? inputs[1][$0] : inputs[0][$0] }
    }
}
