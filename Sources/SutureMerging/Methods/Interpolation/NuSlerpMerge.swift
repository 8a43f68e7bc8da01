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
package struct NuSlerpMerge: MergeMethod {
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
        decisions: [noArc, parallelHalves, stackedColumns, .mixedDTypes, .rowsCut],
        fragment: """
            blend: {method: nuslerp, inputs: [{from: a, weight: 0.6}, {from: b, weight: 0.4}]}
            """
    )

    private static let noArc = MergeDecision(
        "nuslerp-no-arc",
        documented: "between zeros or opposite vectors and anything the walk is a straight line",
        .until(.v014, "zeros stand at a right angle to anything; opposite vectors give rounding noise made large"),
        .since(
            .v015,
            "zeros stand at a right angle to anything; nearly opposite vectors give rounding noise made large"
        )
    )

    private static let parallelHalves = MergeDecision(
        "nuslerp-parallel-halves",
        documented: "the nearer to parallel two vectors are, the straighter is the walk between them",
        .until(.v014, "in float16, vectors whose angle has a sine that rounds to 0 give NaN", onlyIn: .float16)
    )

    private static let stackedColumns = MergeDecision(
        "nuslerp-stacked-columns",
        documented: "with `nuslerp_row_wise`, vectors of a stack of matrices are the columns of each matrix",
        .always("with `nuslerp_row_wise`, vectors of a stack of matrices go across the stack")
    )

    private enum Vectors: Sendable {
        case tensor
        case rows
        /// Vectors of `length` elements, `stride` apart.
        case columns(length: Int, stride: Int)
    }

    /// What the two vectors of a pair are multiplied by, and then divided by.
    struct Arc: Sendable {
        var first: Double
        var second: Double
        var divisor: Float
    }

    private let t: Double
    private let version: MergekitVersion?
    private var isMergekit: Bool { version != nil }
    private let rounding: StepRounding
    private let layout: MergeLayout
    private let vectors: Vectors
    private var lengths: [Double]?
    private var arcs: [Arc]?
    package private(set) var appliedDecisions: [MergeDecision] = []

    package static func algebra(of values: MergeParameters, in version: MergekitVersion?) -> MergeAlgebra {
        var algebra = MergeAlgebra()
        algebra.isMean = true
        return algebra
    }

    package init(
        _ parameters: MergeParameters,
        layout: MergeLayout,
        random: RandomKey
    ) throws(MergeParameterError) {
        let values = try CheckedParameters(parameters, of: Self.descriptor, layout)
        let weights = values.each("weight")
        version = parameters.compatibility.version
        t =
            parameters.compatibility.isMergekit
            ? abs(weights[0] + weights[1]) < 1e-6 ? 0.5 : weights[1] / (weights[0] + weights[1])
            : try normalisedWeights(weights, of: Self.descriptor.name, flag: nil)[1]
        rounding = parameters.compatibility.rounding
        self.layout = layout
        let dimensions = layout.shape.dimensions
        if values.flag("nuslerp_flatten") || dimensions.count < 2 || layout.elementCount == 0 {
            vectors = .tensor
        } else if !values.flag("nuslerp_row_wise") {
            vectors = .rows
        } else {
            let isMergekit = parameters.compatibility.isMergekit
            let axis = isMergekit ? 0 : dimensions.count - 2
            vectors = .columns(
                length: dimensions[axis],
                stride: dimensions[(axis + 1)...].reduce(1, *)
            )
            if !isMergekit, dimensions.count > 2 { appliedDecisions.append(Self.stackedColumns) }
        }
    }

    package var possibleDecisions: [MergeDecision] {
        Self.descriptor.ownDecisions.filter { $0 != Self.stackedColumns || appliedDecisions.contains($0) }
    }

    package var granularity: MergeGranularity {
        if case .rows = vectors { .rows } else { .elements }
    }

    package var usesDifferences: Bool { layout.hasBase }

    private var groupCount: Int {
        switch vectors {
        case .tensor: 1
        case .rows: 0
        case .columns(let length, _): layout.elementCount / max(1, length)
        }
    }

    package var maximumSurveyCount: Int {
        if case .rows = vectors { 0 } else { rounding == .none ? 1 : 2 }
    }

    package var statisticsByteCount: Int { 3 * groupCount * MemoryLayout<Double>.stride }

    package var pendingSurvey: SurveyPass? {
        guard arcs == nil, groupCount > 0 else { return nil }
        return SurveyPass(sums: 3 * groupCount)
    }

    package func survey(
        _ block: inout MergeBlock,
        scratch: inout MergeScratch,
        adding statistics: inout MergeStatistics
    ) {
        let (a, b) = (block.input(0), block.input(1))
        if case .tensor = vectors {
            if let lengths {
                statistics.sums[1] += roundedDot(a, b, rounding(lengths[0]), rounding(lengths[2]))
            } else {
                statistics.sums[0] += dot(a, a)
                statistics.sums[1] += dot(a, b)
                statistics.sums[2] += dot(b, b)
            }
            return
        }
        forEachRun(block.elements) { start, count, group in
            for i in 0..<count {
                let (x, y) = (a[start + i], b[start + i])
                let sum = 3 * (group + i)
                if let lengths {
                    let (u, v) = (rounding(x / rounding(lengths[sum])), rounding(y / rounding(lengths[sum + 2])))
                    statistics.sums[sum + 1] += Double(rounding(u * v))
                } else {
                    statistics.sums[sum] += Double(x) * Double(x)
                    statistics.sums[sum + 1] += Double(x) * Double(y)
                    statistics.sums[sum + 2] += Double(y) * Double(y)
                }
            }
        }
    }

    private func roundedDot(_ a: Span<Float>, _ b: Span<Float>, _ aLength: Float, _ bLength: Float) -> Double {
        var sum = 0.0
        for i in a.indices { sum += Double(rounding(rounding(a[i] / aLength) * rounding(b[i] / bLength))) }
        return sum
    }

    package mutating func absorb(_ statistics: MergeStatistics) {
        let groups = 0..<groupCount
        guard rounding != .none, lengths == nil else {
            arcs = groups.map { group in
                let sums = lengths ?? statistics.sums.map { $0.squareRoot() }
                let cosine =
                    rounding == .none
                    ? statistics.sums[3 * group + 1] / (sums[3 * group] * sums[3 * group + 2])
                    : statistics.sums[3 * group + 1]
                return arc(sums[3 * group], sums[3 * group + 2], cosine)
            }
            noteArcs(statistics)
            return
        }
        // mergekit rounds unit vectors before it multiplies them, so their lengths come first.
        lengths = statistics.sums.map { max(Double(rounding($0.squareRoot())), 1e-7) }
    }

    private mutating func noteArcs(_ statistics: MergeStatistics) {
        guard !isMergekit else { return }
        let isLine = stride(from: 0, to: statistics.sums.count, by: 3).contains { sum in
            let (aa, ab, bb) = (statistics.sums[sum], statistics.sums[sum + 1], statistics.sums[sum + 2])
            return (aa == 0) != (bb == 0) || (ab < 0 && ab <= -0.9995 * (aa * bb).squareRoot())
        }
        if isLine { appliedDecisions.append(Self.noArc) }
        let isParallel = stride(from: 0, to: statistics.sums.count, by: 3).contains { sum in
            let (aa, ab, bb) = (statistics.sums[sum], statistics.sums[sum + 1], statistics.sums[sum + 2])
            // Cosines from here on round to 1 in binary16.
            return ab > 0 && ab >= (1 - 0x1p-12) * (aa * bb).squareRoot()
        }
        if isParallel { appliedDecisions.append(Self.parallelHalves) }
    }

    /// The factors between two vectors of these lengths and that cosine.
    private func arc(_ aLength: Double, _ bLength: Double, _ cosine: Double) -> Arc {
        guard isMergekit else {
            guard aLength > 0, bLength > 0, cosine > -0.9995, cosine < 1 else {
                return Arc(first: 1 - t, second: t, divisor: 1)
            }
            let angle = acos(cosine)
            let sine = sin(angle)
            guard sine > 1e-12 else { return Arc(first: 1 - t, second: t, divisor: 1) }
            return Arc(first: sin((1 - t) * angle) / sine, second: sin(t * angle) / sine, divisor: 1)
        }
        let measured = aLength > 1e-7 && bLength > 1e-7 || rounding != .none ? cosine : 0
        let nearest = min(1, max(-1, rounding(measured)))
        let angle = rounding(acosf(nearest))
        let sine = rounding(sinf(angle))
        // Until 0.1.4, in binary16 the limit rounds to 0, and parallel vectors are divided by it.
        let isStraight =
            version == .v014
            ? abs(sine) < rounding(1e-8 as Float)
            : rounding(1 - rounding(nearest * nearest)) <= rounding(1e-16 as Float)
        guard !isStraight else { return Arc(first: 1 - t, second: t, divisor: 1) }
        return Arc(
            first: Double(rounding(sinf(rounding(angle * Float(1 - t))))),
            second: Double(rounding(sinf(rounding(angle * Float(t))))),
            divisor: sine
        )
    }

    package func combine(
        _ block: inout MergeBlock,
        scratch: inout MergeScratch,
        into output: inout MutableSpan<Float>
    ) {
        let (a, b) = (block.input(0), block.input(1))
        switch vectors {
        case .tensor:
            if !isMergekit {
                let arc = arcs?.first ?? Arc(first: 1 - t, second: t, divisor: 1)
                return block.combine([arc.first, arc.second], base: layout.hasBase ? 1 : 0, into: &output)
            }
            write(a, b, arcs?.first, 0..<block.count, into: &output)
        case .rows:
            for start in stride(from: 0, to: block.count, by: layout.rowLength) {
                let row = start..<min(start + layout.rowLength, block.count)
                write(a, b, arc(a.extracting(row), b.extracting(row)), row, into: &output)
            }
        case .columns:
            let arcs = arcs ?? []
            for run in runs(block.elements) {
                for i in 0..<run.count {
                    let arc = arcs[run.group + i]
                    let j = run.start + i
                    output[j] = point(a[j], b[j], arc)
                }
            }
        }
        guard layout.hasBase else { return }
        round(&output, to: rounding)
        add(block.base, to: &output)
    }

    private func arc(_ a: Span<Float>, _ b: Span<Float>) -> Arc {
        let (aLength, bLength) = (dot(a, a).squareRoot(), dot(b, b).squareRoot())
        guard rounding == .none else {
            let lengths = (max(rounding(aLength), 1e-7), max(rounding(bLength), 1e-7))
            return arc(Double(lengths.0), Double(lengths.1), roundedDot(a, b, lengths.0, lengths.1))
        }
        return arc(aLength, bLength, dot(a, b) / (aLength * bLength))
    }

    private func write(
        _ a: Span<Float>,
        _ b: Span<Float>,
        _ arc: Arc?,
        _ range: Range<Int>,
        into output: inout MutableSpan<Float>
    ) {
        let arc = arc ?? Arc(first: 1 - t, second: t, divisor: 1)
        for i in range { output[i] = point(a[i], b[i], arc) }
    }

    /// One element on the way between two.
    private func point(_ a: Float, _ b: Float, _ arc: Arc) -> Float {
        guard isMergekit else { return Float(Double(a) * arc.first + Double(b) * arc.second) }
        let sum = rounding(rounding(a * Float(arc.first)) + rounding(b * Float(arc.second)))
        return arc.divisor == 1 ? sum : rounding(sum / arc.divisor)
    }

    private func forEachRun(_ elements: Range<Int>, _ body: (_ start: Int, _ count: Int, _ group: Int) -> Void) {
        for run in runs(elements) { body(run.start, run.count, run.group) }
    }

    /// Runs of neighbours that lie in neighbouring vectors.
    private func runs(_ elements: Range<Int>) -> [(start: Int, count: Int, group: Int)] {
        guard case .columns(let length, let stride) = vectors, stride > 0, length > 0 else { return [] }
        var runs: [(start: Int, count: Int, group: Int)] = []
        var element = elements.lowerBound
        while element < elements.upperBound {
            let column = element % stride
            let count = min(stride - column, elements.upperBound - element)
            let group = element / (length * stride) * stride + column
            runs.append((element - elements.lowerBound, count, group))
            element += count
        }
        return runs
    }
}
