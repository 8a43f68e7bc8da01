import Glibc
package import SutureKernels

/// Walks from the first tensor to the second along the arc between their directions.
///
/// The angle is that of the whole tensors, so they are surveyed before a block is combined. Where the directions are
/// the same or opposite, to a cosine of 0.9995, the walk is a straight line.
///
/// - A tensor of zeros has no direction: the walk is a straight line. mergekit takes it to stand at a right angle.
/// - Of embeddings with different numbers of rows, common rows are blended and the others kept. mergekit cuts them off.
package struct SlerpMerge: MergeMethod {
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
        decisions: [zeroVector, .rowsCut],
        fragment: """
            blend: {method: slerp, inputs: [a, b], params: {t: 0.5}}
            """
    )

    private static let zeroVector = MergeDecision(
        "slerp-zero-vector",
        documented: "a tensor of zeros has no direction, so the walk is a straight line",
        .always("a tensor of zeros stands at a right angle: at t 0.5 the other is multiplied by 0.7071, not 0.5")
    )

    private let t: Double
    private let version: MergekitVersion?
    private var isMergekit: Bool { version != nil }
    private var factors: [Double]?
    package private(set) var appliedDecisions: [MergeDecision] = []

    package static func algebra(of values: MergeParameters, in version: MergekitVersion?) -> MergeAlgebra {
        MergeAlgebra(walkTo: values.global["t"])
    }

    package init(
        _ parameters: MergeParameters,
        layout: MergeLayout,
        random: RandomKey
    ) throws(MergeParameterError) {
        let values = try CheckedParameters(parameters, of: Self.descriptor, layout)
        t = values.number("t")
        version = parameters.compatibility.version
    }

    package var maximumSurveyCount: Int { 1 }

    package var pendingSurvey: SurveyPass? { factors == nil ? GramMatrix.pass(of: 2) : nil }

    package func survey(
        _ block: inout MergeBlock,
        scratch: inout MergeScratch,
        adding statistics: inout MergeStatistics
    ) {
        GramMatrix.survey(block, adding: &statistics)
    }

    package mutating func absorb(_ statistics: MergeStatistics) {
        let gram = GramMatrix(statistics, of: 2)
        let lengths = (first: gram.length(0), second: gram.length(1))
        // mergekit leaves shorter vectors as they are, so that their product is next to nothing.
        let isDirected = isMergekit ? min(lengths.first, lengths.second) > 1e-8 : gram[0, 0] > 0 && gram[1, 1] > 0
        guard isDirected || isMergekit else {
            if gram[0, 0] != gram[1, 1] { appliedDecisions = [Self.zeroVector] }
            factors = [1 - t, t]
            return
        }
        let cosine = isDirected ? min(1, max(-1, gram[0, 1] / lengths.first / lengths.second)) : 0
        guard abs(cosine) <= 0.9995 else {
            factors = [1 - t, t]
            return
        }
        guard version != .v015 else {
            let (angle, t) = (acosf(Float(cosine)), Float(t))
            factors = [sinf((1 - t) * angle), sinf(t * angle)].map { Double($0 / sinf(angle)) }
            return
        }
        let angle = acos(cosine)
        factors = [sin((1 - t) * angle) / sin(angle), sin(t * angle) / sin(angle)]
    }

    package func combine(
        _ block: inout MergeBlock,
        scratch: inout MergeScratch,
        into output: inout MutableSpan<Float>
    ) {
        let factors = factors ?? [1 - t, t]
        guard version == .v015 else { return block.combine(factors, into: &output) }
        let (first, second) = (Float(factors[0]), Float(factors[1]))
        SutureKernels.combine(block.input(0), times: first, block.input(1), times: second, into: &output)
    }
}
