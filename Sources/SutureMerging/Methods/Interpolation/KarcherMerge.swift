import Glibc
package import SutureKernels

/// Averages directions on the sphere: the point from which the great-circle distances to all inputs sum to nothing.
///
/// The result has the mean length of the inputs. The iterations need the inputs' inner products only, so the tensors
/// are read twice whatever `max_iter` is.
///
/// - Only an input of zeros has no direction. For mergekit none has that is shorter than `tol`.
package struct KarcherMerge: MergeMethod, GramMerge {
    package static let descriptor = MergeDescriptor(
        name: "karcher",
        title: "Karcher Mean",
        summary: "mean direction on the sphere, with the mean length",
        paper: .init(title: "Karcher mean", url: "https://en.wikipedia.org/wiki/Karcher_mean"),
        parameters: [
            .integer("max_iter", in: 1...1_000_000, default: 10, "the most iterations"),
            .number("tol", .global, in: 0 ... .infinity, default: 1e-5, "the step below which it stops"),
        ],
        inputs: 1 ... .max,
        decisions: [zeroInput],
        fragment: "blend: {method: karcher, inputs: [a, b, c]}"
    )

    /// Which inputs have no direction.
    package static let zeroInput = MergeDecision(
        "karcher-zero-input",
        documented: "only an input of zeros has no direction; it counts in the mean length"
    )

    private let iterationCount: Int
    private let tolerance: Double
    private let least: Double
    package let inputCount: Int
    package var factors: [Double]?
    package private(set) var appliedDecisions: [MergeDecision] = []

    package static func algebra(of values: MergeParameters) -> MergeAlgebra {
        var algebra = MergeAlgebra()
        algebra.isMean = true
        return algebra
    }

    package init(_ values: MergeValues, layout: MergeLayout, random: RandomKey) {
        self.init(values, inputCount: layout.inputCount, least: 0)
    }

    /// Creates a mean in which an input has a direction only if it is longer than `least`.
    package init(_ values: MergeValues, inputCount: Int, least: Double) {
        iterationCount = Int(values.number("max_iter"))
        tolerance = values.number("tol")
        self.least = least
        self.inputCount = inputCount
        if inputCount == 1 { factors = [1] }
    }

    package var possibleDecisions: [MergeDecision] { inputCount > 1 ? [Self.zeroInput] : [] }

    package mutating func absorb(_ gram: GramMatrix) {
        factors = mean(gram)
        let isShort = (0..<inputCount).contains { gram.length($0) > 0 && gram.length($0) <= tolerance }
        if isShort { appliedDecisions.append(Self.zeroInput) }
    }

    /// The coefficients of the mean.
    private func mean(_ gram: GramMatrix) -> [Double] {
        let lengths = (0..<inputCount).map { gram.length($0) }
        let valid = lengths.indices.filter { lengths[$0] > least }
        guard let first = valid.first else { return lengths.map { _ in 0 } }
        let weight = 1 / Double(valid.count)

        /// The coefficients of one input's unit vector.
        func unit(_ input: Int) -> [Double] { lengths.indices.map { $0 == input ? 1 / lengths[input] : 0 } }

        var mean = lengths.indices.map { lengths[$0] > least ? weight / lengths[$0] : 0 }
        let length = gram.length(mean)
        mean = length < max(tolerance, 1e-12) ? unit(first) : mean.map { $0 / length }
        for _ in 0..<iterationCount {
            var step = lengths.map { _ in 0.0 }
            for input in valid {
                let unit = unit(input)
                let cosine = min(1, max(-1, gram.dot(mean, unit)))
                let angle = acos(cosine)
                guard angle >= tolerance, sin(angle) != 0 else { continue }
                let scale = weight * angle / sin(angle)
                for i in step.indices { step[i] += scale * (unit[i] - cosine * mean[i]) }
            }
            let size = gram.length(step)
            guard size >= tolerance, size > 0 else { break }
            mean = mean.indices.map { cos(size) * mean[$0] + sin(size) / size * step[$0] }
            let length = gram.length(mean)
            if length > tolerance { mean = mean.map { $0 / length } }
        }
        let scale = lengths.reduce(0, +) / Double(inputCount)
        return mean.map { $0 * scale }
    }
}
