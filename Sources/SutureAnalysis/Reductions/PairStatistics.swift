package import SutureExecution
import SutureKernels

/// How the second of two tensors that lie side by side differs from the first.
///
/// Sums are taken in `Double` over float32 numbers, in one order whatever the number of threads.
package struct PairStatistics: Reduction {
    /// What is known of a pair.
    package struct Finding: Hashable, Sendable {
        /// The elements looked at.
        package var count = 0

        /// How many of them are the same bits in both.
        package var equalCount = 0

        /// How many have one sign in the first and the other in the second; zeros have none.
        package var flippedCount = 0

        /// How many of each are no finite numbers.
        package var strangeCounts = [0, 0]

        /// The sums of squares of each, and of their products.
        package var aa = 0.0, bb = 0.0, ab = 0.0

        /// The sum of squares of what the second has more or less than the first.
        package var dd = 0.0

        /// Creates what is known of no numbers.
        package init() {}

        /// Adds what is known of others.
        package mutating func add(_ other: Finding) {
            count += other.count
            equalCount += other.equalCount
            flippedCount += other.flippedCount
            strangeCounts = zip(strangeCounts, other.strangeCounts).map { $0 + $1 }
            aa += other.aa
            bb += other.bb
            ab += other.ab
            dd += other.dd
        }

        /// Whether all bits are the same.
        package var isEqual: Bool { equalCount == count }

        /// `|b - a| / |a|`, Frobenius norms; infinite where the first is zero and the second is not.
        package var relative: Double { dd == 0 ? 0 : (dd / aa).squareRoot() }

        /// The cosine of the angle between them; 1 where both are zero, 0 where one is.
        package var cosine: Double {
            guard aa > 0, bb > 0 else { return aa == bb ? 1 : 0 }
            return max(-1, min(1, ab / (aa * bb).squareRoot()))
        }

        /// The share of elements whose sign turned.
        package var flipped: Double { count == 0 ? 0 : Double(flippedCount) / Double(count) }

        /// The factor that brings the first nearest to the second.
        package var scale: Double { aa > 0 ? ab / aa : 0 }

        /// Whether the second is the first times ``scale``, but for the rounding of numbers with so many bits behind the point.
        ///
        /// What a nearest rounding leaves is at most half a step of 2^-bits of each number.
        package func isScaled(fractionBits bits: Int) -> Bool {
            guard aa > 0, bb > 0, !isEqual else { return false }
            let step = Double(sign: .plus, exponent: -bits - 1, significand: 1)
            return max(0, bb - ab * ab / aa) <= step * step * bb
        }
    }

    /// Creates the analysis.
    package init() {}

    package func begin(_ tensor: AlignedTensor) -> Finding { Finding() }

    package func add(_ block: NumberBlock, to finding: inout Finding) {
        let (first, second) = (block.rows[0], block.rows[1])
        let a = first.span.extracting(0..<block.count)
        let b = second.span.extracting(0..<block.count)
        var equal = 0
        var flipped = 0
        var strange = [0, 0]
        for index in 0..<block.count {
            if a[index].bitPattern == b[index].bitPattern { equal += 1 }
            if a[index] * b[index] < 0 { flipped += 1 }
            if !a[index].isFinite { strange[0] += 1 }
            if !b[index].isFinite { strange[1] += 1 }
        }
        let products = products(a, b)
        // Taken apart before it is squared: of nearly equal numbers the squares' difference would keep nothing.
        var rest = second
        var whole = rest.mutableSpan
        var numbers = whole._mutatingExtracting(0..<block.count)
        subtract(a, from: &numbers)
        let apart = numbers.span
        finding.count += block.count
        finding.equalCount += equal
        finding.flippedCount += flipped
        finding.strangeCounts = zip(finding.strangeCounts, strange).map { $0 + $1 }
        finding.aa += products.aa
        finding.bb += products.bb
        finding.ab += products.ab
        finding.dd += dot(apart, apart)
    }

    package func join(_ later: Finding, to finding: inout Finding) { finding.add(later) }
}
