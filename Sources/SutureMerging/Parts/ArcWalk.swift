package import SutureKernels
import SutureTensors

/// A walk between two tensors along arcs: between the tensors as vectors, or between each pair of their rows or columns.
package struct ArcWalk: TensorMerge {
    /// What is taken for a vector.
    package enum Vectors: Sendable {
        case tensor
        case rows
        /// Vectors of `length` elements, `stride` apart.
        case columns(length: Int, stride: Int)

        /// Reads the flags of NuSLERP.
        ///
        /// - Parameters:
        ///   - values: The flags.
        ///   - layout: The tensor.
        ///   - firstAxis: Along which axis columns lie.
        package init(_ values: MergeValues, _ layout: MergeLayout, firstAxis: Int) {
            let dimensions = layout.shape.dimensions
            if values.flag("nuslerp_flatten") || dimensions.count < 2 || layout.elementCount == 0 {
                self = .tensor
            } else if !values.flag("nuslerp_row_wise") {
                self = .rows
            } else {
                self = .columns(
                    length: dimensions[firstAxis],
                    stride: dimensions[(firstAxis + 1)...].reduce(1, *)
                )
            }
        }
    }

    /// What the two vectors of a pair are multiplied by, and then divided by.
    package struct Arc: Sendable {
        var first: Double
        var second: Double
        var divisor: Float

        /// Creates factors.
        package init(first: Double, second: Double, divisor: Float = 1) {
            self.first = first
            self.second = second
            self.divisor = divisor
        }

        /// The place `t` on a straight line.
        package init(straightTo t: Double) { self.init(first: 1 - t, second: t) }
    }

    private let vectors: Vectors
    private let layout: MergeLayout
    private let line: Arc
    private let steps: StepRounding?
    private let arc: @Sendable (Double, Double, Double) -> Arc?
    private var lengths: [Double]?
    private var arcs: [Arc]?

    private var rounding: StepRounding { steps ?? .none }

    /// Creates a walk.
    ///
    /// - Parameters:
    ///   - vectors: What is taken for a vector.
    ///   - layout: The tensor.
    ///   - line: The factors where there is no arc.
    ///   - steps: How single steps in `Float` are rounded, unit vectors before they are multiplied; `nil` for sums in
    ///     `Double` that are rounded once.
    ///   - arc: The factors between vectors of two lengths and a cosine; `nil` where there is no arc.
    package init(
        along vectors: Vectors,
        _ layout: MergeLayout,
        from line: Arc,
        steps: StepRounding? = nil,
        arc: @escaping @Sendable (_ aLength: Double, _ bLength: Double, _ cosine: Double) -> Arc?
    ) {
        self.vectors = vectors
        self.layout = layout
        self.line = line
        self.steps = steps
        self.arc = arc
    }

    package var granularity: MergeGranularity { if case .rows = vectors { .rows } else { .elements } }
    package var usesDifferences: Bool { layout.hasBase }

    private var groupCount: Int {
        switch vectors {
        case .tensor: 1
        case .rows: 0
        case .columns(let length, _): layout.elementCount / max(1, length)
        }
    }

    package var maximumSurveyCount: Int { if case .rows = vectors { 0 } else { rounding == .none ? 1 : 2 } }
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
        for run in runs(block.elements) {
            for i in 0..<run.count {
                let (x, y) = (a[run.start + i], b[run.start + i])
                let sum = 3 * (run.group + i)
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
        if rounding != .none, lengths == nil {
            // Unit vectors are rounded before they are multiplied, so their lengths come first.
            lengths = statistics.sums.map { max(Double(rounding($0.squareRoot())), 1e-7) }
            return
        }
        let sums = lengths ?? statistics.sums.map { $0.squareRoot() }
        arcs = (0..<groupCount).map { group in
            let (a, b) = (sums[3 * group], sums[3 * group + 2])
            let product = statistics.sums[3 * group + 1]
            return arc(a, b, rounding == .none ? product / (a * b) : product) ?? line
        }
    }

    package func combine(_ block: inout MergeBlock, scratch: inout MergeScratch, into output: inout MergeOutput) {
        let (a, b) = (block.input(0), block.input(1))
        switch vectors {
        case .tensor:
            let arc = arcs?.first ?? line
            if steps == nil {
                return block.combine([arc.first, arc.second], base: layout.hasBase ? 1 : 0, into: &output)
            }
            for i in 0..<block.count { output[i] = point(a[i], b[i], arc) }
        case .rows:
            for start in stride(from: 0, to: block.count, by: layout.rowLength) {
                let row = start..<min(start + layout.rowLength, block.count)
                let arc = arc(a.extracting(row), b.extracting(row)) ?? line
                for i in row { output[i] = point(a[i], b[i], arc) }
            }
        case .columns:
            let arcs = arcs ?? []
            for run in runs(block.elements) {
                for i in 0..<run.count {
                    let j = run.start + i
                    output[j] = point(a[j], b[j], arcs[run.group + i])
                }
            }
        }
        guard layout.hasBase else { return }
        round(&output, to: rounding)
        add(block.base, to: &output)
    }

    private func arc(_ a: Span<Float>, _ b: Span<Float>) -> Arc? {
        let (aLength, bLength) = (dot(a, a).squareRoot(), dot(b, b).squareRoot())
        guard rounding == .none else {
            let lengths = (max(rounding(aLength), 1e-7), max(rounding(bLength), 1e-7))
            return arc(Double(lengths.0), Double(lengths.1), roundedDot(a, b, lengths.0, lengths.1))
        }
        return arc(aLength, bLength, dot(a, b) / (aLength * bLength))
    }

    /// One element on the way between two.
    private func point(_ a: Float, _ b: Float, _ arc: Arc) -> Float {
        guard let steps else { return Float(Double(a) * arc.first + Double(b) * arc.second) }
        let sum = steps(steps(a * Float(arc.first)) + steps(b * Float(arc.second)))
        return arc.divisor == 1 ? sum : steps(sum / arc.divisor)
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
