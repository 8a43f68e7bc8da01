import SutureKernels

/// Finds the index at which a rank falls among elements of one magnitude.
///
/// Each stripe of the tensor noted how many it has; one more pass looks through the stripe in which the rank falls.
struct EqualSearch: Sendable {
    /// About the elements of a stripe.
    private static let stripeCount = 1 << 14

    private let tensor: Int
    private let magnitude: UInt32

    /// How many of the stripe's elements of the magnitude are before the cut.
    private let ordinal: Int

    private let stripe: Range<Int>

    /// The row of a chunk's records for some elements; it starts with the first element of its stripe.
    static func row(at elements: Range<Int>, width: Int, in statistics: inout MergeStatistics) -> Int {
        let last = statistics.records.count - width
        if last >= 0, elements.lowerBound - Int(statistics.records[last]) < stripeCount { return last }
        statistics.records.append(Double(elements.lowerBound))
        for _ in 1..<width { statistics.records.append(0) }
        return last + width
    }

    /// Finds the stripe in which a rank falls.
    ///
    /// - Parameters:
    ///   - ordinal: How many elements of the magnitude are before the cut.
    ///   - magnitude: The magnitude.
    ///   - tensor: Which of the tensors.
    ///   - records: For each stripe, its first element and then counts.
    ///   - width: The number of values of each stripe.
    ///   - column: Where among them the count of this magnitude stands.
    ///   - elementCount: The number of elements of the tensor.
    init(
        _ ordinal: Int,
        ofMagnitude magnitude: UInt32,
        in tensor: Int,
        _ records: [Double],
        width: Int,
        column: Int,
        elementCount: Int
    ) {
        self.tensor = tensor
        self.magnitude = magnitude
        var remaining = ordinal
        var stripe = 0..<0
        for start in stride(from: 0, to: records.count, by: width) {
            let found = Int(records[start + column])
            // The first equal that is not before the cut is the one with this ordinal.
            guard remaining >= found else {
                let next = start + width
                stripe = Int(records[start])..<(next < records.count ? Int(records[next]) : elementCount)
                break
            }
            remaining -= found
        }
        self.ordinal = remaining
        self.stripe = stripe
    }

    /// The pass over the stripe.
    var pass: SurveyPass { SurveyPass(sums: 2, over: [stripe]) }

    /// Looks through one block of one tensor of the stripe.
    func survey(
        _ values: Span<Float>,
        of tensor: Int,
        at elements: Range<Int>,
        adding statistics: inout MergeStatistics
    ) {
        guard tensor == self.tensor, statistics.sums[1] == 0 else { return }
        let wanted = ordinal - Int(statistics.sums[0])
        if let found = index(of: wanted, in: values, ofMagnitude: magnitude) {
            statistics.sums[1] = Double(elements.lowerBound + found + 1)
        } else {
            statistics.sums[0] += Double(count(values, ofMagnitude: magnitude))
        }
    }

    /// The cut: before it are the larger magnitudes, and of this one those with a lower index than was found.
    func cut(_ statistics: MergeStatistics) -> MagnitudeCut {
        let found = statistics.sums[1] > 0 ? Int(statistics.sums[1]) - 1 : stripe.upperBound
        return MagnitudeCut(magnitude: magnitude, index: found)
    }
}
