/// The weights with which tensors sum up nearest to another, by least squares.
package struct MixtureFit: Hashable, Sendable {
    /// The weight of each; 0 of one that was left out, or is itself a sum of the others.
    package let weights: [Double]

    /// The sum of squares that is left unexplained.
    package let residual: Double

    /// Fits some of the others to the tensor that was asked about.
    ///
    /// - Parameters:
    ///   - finding: What is known of the tensor and the others.
    ///   - members: Which of the others may have a weight; at least one.
    ///   - sumsToOne: Whether the weights are held to a sum of 1.
    ///
    /// It is `nil` where numbers are not finite.
    package init?(_ finding: MixtureStatistics.Finding, of members: [Int], sumsToOne: Bool) {
        let width = finding.equalCounts.count + 1
        guard let first = members.first, finding.products.allSatisfy(\.isFinite) else { return nil }
        // Each vector is a sum of those whose products are known: x₁, what x₂ … have more, and what y has more.
        func unit(_ place: Int) -> [Double] { (0..<width).map { $0 == place ? 1 : 0 } }
        func excess(_ member: Int) -> [Double] { member == 0 ? Array(repeating: 0, count: width) : unit(member) }
        func minus(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 - $1 } }
        func product(_ a: [Double], _ b: [Double]) -> Double {
            var sum = 0.0
            for i in a.indices where a[i] != 0 {
                for j in b.indices where b[j] != 0 { sum += a[i] * finding.products[i * width + j] * b[j] }
            }
            return sum
        }
        let target = minus(unit(width - 1), excess(first))
        var design = members.dropFirst().map { minus(excess($0), excess(first)) }
        if !sumsToOne {
            let whole = zip(unit(0), excess(first)).map { $0 + $1 }
            design.append(whole)
        }
        let gram = design.map { a in design.map { product(a, $0) } }
        let right = design.map { product($0, target) }
        let solution = Self.solve(gram, right)
        var residual = product(target, target)
        for i in design.indices {
            residual -= 2 * solution[i] * right[i]
            for j in design.indices { residual += solution[i] * gram[i][j] * solution[j] }
        }
        var weights = Array(repeating: 0.0, count: width - 1)
        for (place, member) in members.dropFirst().enumerated() { weights[member] = solution[place] }
        let rest = members.dropFirst().reduce(0) { $0 + weights[$1] }
        weights[first] = 1 + (sumsToOne ? 0 : solution.last ?? 0) - rest
        self.weights = weights
        self.residual = max(0, residual)
    }

    /// Solves symmetric equations by Cholesky's method, after each unknown has been scaled to a diagonal of 1.
    ///
    /// An unknown that depends on those before it becomes 0.
    private static func solve(_ matrix: [[Double]], _ right: [Double]) -> [Double] {
        let scales = matrix.indices.map { matrix[$0][$0] > 0 ? 1 / matrix[$0][$0].squareRoot() : 0 }
        var lower = matrix.map { $0.map { _ in 0.0 } }
        for i in matrix.indices {
            for j in 0...i {
                var sum = matrix[i][j] * scales[i] * scales[j]
                for k in 0..<j { sum -= lower[i][k] * lower[j][k] }
                if i == j {
                    lower[i][i] = sum > 1e-9 ? sum.squareRoot() : 0
                } else {
                    lower[i][j] = lower[j][j] > 0 ? sum / lower[j][j] : 0
                }
            }
        }
        var solution = right.indices.map { right[$0] * scales[$0] }
        for i in solution.indices {
            for k in 0..<i { solution[i] -= lower[i][k] * solution[k] }
            solution[i] = lower[i][i] > 0 ? solution[i] / lower[i][i] : 0
        }
        for i in solution.indices.reversed() {
            for k in (i + 1)..<max(i + 1, solution.count) { solution[i] -= lower[k][i] * solution[k] }
            solution[i] = lower[i][i] > 0 ? solution[i] / lower[i][i] : 0
        }
        return solution.indices.map { solution[$0] * scales[$0] }
    }
}
