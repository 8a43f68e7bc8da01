import Glibc
package import SutureKernels
import SutureTensors

/// Walks between two tensors along the arc, by their weights: for whole tensors, or for each row or column.
///
/// With a base, the walk is between the differences from it.
///
/// - Weights that sum to 0 say no place on the way and are refused. mergekit takes the middle.
/// - Vectors of zeros have no direction, and opposite ones (to a cosine of −0.9995) no single arc: there the walk is a
///   straight line. mergekit takes zeros to stand at a right angle and makes rounding noise large in the other case.
/// - Between nearly parallel vectors the walk is nearly straight. mergekit divides by zero there in float16.
/// - `nuslerp_row_wise` means, as in mergekit, vectors along the first axis: the columns of a stored matrix. In a stack
///   of matrices they are the columns of each; mergekit goes across the stack.
/// - Of embeddings with different numbers of rows, common rows are blended and the others kept. mergekit cuts them off.
package struct NuSlerpMerge: MergeMethod, DelegatingMerge {
    package static let descriptor = MergeDescriptor(
        name: "nuslerp",
        title: "NuSLERP",
        summary: "spherical interpolation by weights, also of differences from a base, also by row or column",
        parameters: [
            .number("weight", .perInput, "how much an input counts"),
            .flag("nuslerp_flatten", default: true, "take the whole tensor for one vector"),
            .flag(
                "nuslerp_row_wise",
                default: false,
                "where not flattened, vectors along the first axis, not the last"
            ),
        ],
        base: .optional,
        inputs: 2...2,
        decisions: [noArc, parallelHalves, stackedColumns],
        fragment: "blend: {method: nuslerp, inputs: [{from: a, weight: 0.6}, {from: b, weight: 0.4}]}"
    )

    /// Where no arc is the one to walk.
    package static let noArc = MergeDecision(
        "nuslerp-no-arc",
        documented: "between zeros or opposite vectors and anything the walk is a straight line"
    )

    /// How vectors that are nearly parallel are walked between.
    package static let parallelHalves = MergeDecision(
        "nuslerp-parallel-halves",
        documented: "the nearer to parallel two vectors are, the straighter is the walk between them"
    )

    /// Which vectors a stack of matrices has.
    package static let stackedColumns = MergeDecision(
        "nuslerp-stacked-columns",
        documented: "with `nuslerp_row_wise`, vectors of a stack of matrices are the columns of each matrix"
    )

    package var work: ArcWalk
    package private(set) var appliedDecisions: [MergeDecision] = []

    package static func algebra(of values: MergeParameters) -> MergeAlgebra {
        var algebra = MergeAlgebra()
        algebra.isMean = true
        return algebra
    }

    package init(_ values: MergeValues, layout: MergeLayout, random: RandomKey) throws(MergeParameterError) {
        let t = try normalisedWeights(values.each("weight"), of: Self.descriptor.name, flag: nil)[1]
        let rank = layout.shape.rank
        let vectors = ArcWalk.Vectors(values, layout, firstAxis: rank - 2)
        if case .columns = vectors, rank > 2 { appliedDecisions.append(Self.stackedColumns) }
        work = ArcWalk(along: vectors, layout, from: ArcWalk.Arc(straightTo: t)) { aLength, bLength, cosine in
            guard aLength > 0, bLength > 0, cosine > -0.9995, cosine < 1 else { return nil }
            let angle = acos(cosine)
            let sine = sin(angle)
            guard sine > 1e-12 else { return nil }
            return ArcWalk.Arc(first: sin((1 - t) * angle) / sine, second: sin(t * angle) / sine)
        }
    }

    package var possibleDecisions: [MergeDecision] {
        Self.descriptor.decisions.filter { $0 != Self.stackedColumns || appliedDecisions.contains($0) }
    }

    package mutating func absorb(_ statistics: MergeStatistics) {
        work.absorb(statistics)
        let products = stride(from: 0, to: statistics.sums.count, by: 3).map { sum in
            (aa: statistics.sums[sum], ab: statistics.sums[sum + 1], bb: statistics.sums[sum + 2])
        }
        let isLine = products.contains { aa, ab, bb in
            (aa == 0) != (bb == 0) || (ab < 0 && ab <= -0.9995 * (aa * bb).squareRoot())
        }
        if isLine { appliedDecisions.append(Self.noArc) }
        // Cosines from here on round to 1 in binary16.
        let isParallel = products.contains { $0.ab > 0 && $0.ab >= (1 - 0x1p-12) * ($0.aa * $0.bb).squareRoot() }
        if isParallel { appliedDecisions.append(Self.parallelHalves) }
    }
}
