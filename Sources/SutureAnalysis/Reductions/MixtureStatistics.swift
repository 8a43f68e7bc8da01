package import SutureExecution
import SutureKernels

/// What is needed to say of which sums of other tensors a tensor may be.
///
/// The first of the tensors that lie side by side is the one that is asked about, `y`; the others, `x₁ … xₙ`, are what it
/// may be made of. Fine-tunes of one model are nearly the same numbers, so that products of them would tell nothing of
/// their weights: kept are those of `x₁`, of what the others have more than it, and of what `y` has more than it.
package struct MixtureStatistics: Reduction {
    /// What is known of a tensor.
    package struct Finding: Hashable, Sendable {
        /// The elements looked at.
        package var count = 0

        /// For each of the others, how many of its elements are `y`'s to the bit.
        package var equalCounts: [Int]

        /// The least and the greatest of `y`.
        package var least = Float.infinity, greatest = -Float.infinity

        /// How many elements of `y` are zeros with a minus, which a factor of 0 leaves.
        package var minusZeroCount = 0

        /// How many elements of any of them are no finite numbers.
        package var strangeCount = 0

        /// The products of `x₁`, `x₂ - x₁` … `xₙ - x₁` and `y - x₁` with each other: a symmetric matrix, row by row.
        package var products: [Double]

        /// The sum of squares of `y`.
        package var yy = 0.0

        /// The sum of squares of the powers of two at or below the magnitudes of `y`, which say how coarsely it is rounded.
        package var powers = 0.0

        init(_ others: Int) {
            equalCounts = Array(repeating: 0, count: others)
            products = Array(repeating: 0, count: (others + 1) * (others + 1))
        }

        /// What rounding to the nearest is expected to leave, as a sum of squares, and no more than by a rare chance.
        ///
        /// An error is anything up to half a step with the same chance; so its square is a twelfth of a step's on average.
        package func rounding(fractionBits bits: Int) -> Double {
            let step = Double(sign: .plus, exponent: -bits, significand: 1)
            return powers * step * step / 12 * (1 + 8 / Double(max(1, count)).squareRoot())
        }

        /// The cosine of the angle between two of the others.
        package func cosine(_ a: Int, _ b: Int) -> Double? {
            let width = equalCounts.count + 1
            // Each is x₁ and what it has more than that.
            func product(_ a: Int, _ b: Int) -> Double {
                var sum = 0.0
                for i in Set([0, a]) { for j in Set([0, b]) { sum += products[i * width + j] } }
                return sum
            }
            let length = (product(a, a) * product(b, b)).squareRoot()
            return length > 0 ? product(a, b) / length : nil
        }

        /// Adds what is known of other elements.
        package mutating func add(_ other: Finding) {
            count += other.count
            minusZeroCount += other.minusZeroCount
            strangeCount += other.strangeCount
            least = min(least, other.least)
            greatest = max(greatest, other.greatest)
            yy += other.yy
            powers += other.powers
            for index in equalCounts.indices { equalCounts[index] += other.equalCounts[index] }
            for index in products.indices { products[index] += other.products[index] }
        }
    }

    /// Creates the analysis.
    package init() {}

    package func begin(_ tensor: AlignedTensor) -> Finding { Finding(tensor.members.count - 1) }

    package func add(_ block: NumberBlock, to finding: inout Finding) {
        let rows = block.rows
        let asked = rows[0]
        let y = asked.span.extracting(0..<block.count)
        finding.count += block.count
        finding.yy += dot(y, y)
        for index in 0..<block.count {
            finding.least = min(finding.least, y[index])
            finding.greatest = max(finding.greatest, y[index])
            if y[index].bitPattern == (-Float.zero).bitPattern { finding.minusZeroCount += 1 }
        }
        let exponents = (0..<block.count).map { Float(bitPattern: y[$0].bitPattern & 0x7f80_0000) }
        finding.powers += dot(exponents.span, exponents.span)
        for (place, row) in rows.dropFirst().enumerated() {
            let x = row.span.extracting(0..<block.count)
            var equal = 0
            for index in 0..<block.count where x[index].bitPattern == y[index].bitPattern { equal += 1 }
            finding.equalCounts[place] += equal
        }
        for row in rows {
            let numbers = row.span.extracting(0..<block.count)
            for index in 0..<block.count where !numbers[index].isFinite { finding.strangeCount += 1 }
        }
        // x₁, then what each other one and at last y has more than it.
        var basis = Array(rows[1...]) + [rows[0]]
        let origin = rows[1]
        let first = origin.span.extracting(0..<block.count)
        for place in basis.indices.dropFirst() {
            var whole = basis[place].mutableSpan
            var numbers = whole._mutatingExtracting(0..<block.count)
            subtract(first, from: &numbers)
        }
        for a in basis.indices {
            let left = basis[a]
            for b in a..<basis.count {
                let right = basis[b]
                let product = dot(left.span.extracting(0..<block.count), right.span.extracting(0..<block.count))
                finding.products[a * basis.count + b] += product
                if a != b { finding.products[b * basis.count + a] += product }
            }
        }
    }

    package func join(_ later: Finding, to finding: inout Finding) { finding.add(later) }
}
