package import SutureExecution
import SutureKernels

/// How far each tensor is from the first of those beside it, relative to the first: `|b - a| / |a|`, Frobenius norms.
///
/// Sums are taken in `Double` over float32 numbers, in one order whatever the number of threads.
package struct RelativeDifference: Reduction {
    /// What is known of one aligned tensor.
    package struct Finding: Hashable, Sendable {
        /// The sum of squares of the first.
        package var squares: Double

        /// For each of the others, the sum of squares of what it has more or less than the first.
        package var differences: [Double]

        /// The relative difference of each of the others; infinite where the first is zero and the other is not.
        package var relative: [Double] {
            differences.map { $0 == 0 ? 0 : ($0 / squares).squareRoot() }
        }
    }

    /// Creates the analysis.
    package init() {}

    package func begin(_ tensor: AlignedTensor) -> Finding {
        Finding(squares: 0, differences: Array(repeating: 0, count: tensor.members.count - 1))
    }

    package func add(_ block: NumberBlock, to finding: inout Finding) {
        let row = block.rows[0]
        let first = row.span.extracting(0..<block.count)
        finding.squares += dot(first, first)
        for other in 1..<block.rows.count {
            // Taken apart before it is squared: of nearly equal numbers the squares' difference would keep nothing.
            var rest = block.rows[other]
            var whole = rest.mutableSpan
            var numbers = whole._mutatingExtracting(0..<block.count)
            subtract(first, from: &numbers)
            let span = numbers.span
            finding.differences[other - 1] += dot(span, span)
        }
    }

    package func join(_ later: Finding, to finding: inout Finding) {
        finding.squares += later.squares
        for i in finding.differences.indices { finding.differences[i] += later.differences[i] }
    }
}
