import Glibc
package import SutureKernels

/// Walks from the first tensor to the second along the arc between their directions.
///
/// The angle is that of the whole tensors, so they are surveyed before a block is combined. Where the directions are
/// the same or opposite, to a cosine of 0.9995, the walk is a straight line.
///
/// - A tensor of zeros has no direction: the walk is a straight line. mergekit takes it to stand at a right angle.
/// - Of embeddings with different numbers of rows, common rows are blended and the others kept. mergekit cuts them off.
package struct SlerpMerge: MergeMethod, GramMerge {
    package static let descriptor = MergeDescriptor(
        name: "slerp",
        title: "SLERP",
        summary: "spherical interpolation between two models",
        paper: .init(title: "Slerp", url: "https://en.wikipedia.org/wiki/Slerp"),
        parameters: [
            .number("t", .global, in: 0...1, isStrict: true, "0 gives the first model (the base), 1 the second")
        ],
        base: .firstInput,
        inputs: 2...2,
        decisions: [zeroVector],
        fragment: "blend: {method: slerp, inputs: [a, b], params: {t: 0.5}}"
    )

    /// What becomes of a tensor that points nowhere.
    package static let zeroVector = MergeDecision(
        "slerp-zero-vector",
        documented: "a tensor of zeros has no direction, so the walk is a straight line"
    )

    private let t: Double
    package var factors: [Double]?
    package private(set) var appliedDecisions: [MergeDecision] = []

    package static func algebra(of values: MergeParameters) -> MergeAlgebra {
        MergeAlgebra(walkTo: values.global["t"])
    }

    package init(_ values: MergeValues, layout: MergeLayout, random: RandomKey) { t = values.number("t") }

    package var inputCount: Int { 2 }

    package mutating func absorb(_ gram: GramMatrix) {
        factors = [1 - t, t]
        guard gram[0, 0] > 0, gram[1, 1] > 0 else {
            if gram[0, 0] != gram[1, 1] { appliedDecisions = [Self.zeroVector] }
            return
        }
        let cosine = min(1, max(-1, gram[0, 1] / gram.length(0) / gram.length(1)))
        guard abs(cosine) <= 0.9995 else { return }
        let angle = acos(cosine)
        factors = [sin((1 - t) * angle) / sin(angle), sin(t * angle) / sin(angle)]
    }
}
