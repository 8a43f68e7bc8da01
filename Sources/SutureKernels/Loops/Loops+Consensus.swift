extension Loops {
    /// Adds what agrees with a vote, and how much weight agreed.
    ///
    /// A number agrees with a vote of at least 0 if it is positive, and with another if it is negative; zero never does.
    ///
    /// - Parameters:
    ///   - values: One input's weighted numbers.
    ///   - votes: The sum of all inputs' weighted numbers.
    ///   - weight: What the input's weight adds where it agrees.
    ///   - sum: Where agreeing numbers are added.
    ///   - weights: Where the weights of agreeing numbers are added.
    /// - Precondition: All spans have the same length.
    package static func addAgreeing(
        _ values: Span<Float>,
        with votes: Span<Float>,
        weight: Float,
        to sum: inout MutableSpan<Float>,
        _ weights: inout MutableSpan<Float>
    ) {
        precondition(
            values.count == votes.count && votes.count == sum.count && sum.count == weights.count,
            "spans differ in length"
        )
        for i in values.indices {
            let value = values[i]
            let toward = votes[i] >= 0 ? value : -value
            sum[i] += toward > 0 ? value : 0
            weights[i] += toward > 0 ? weight : 0
        }
    }

    /// Elects signs among two inputs and sums what agrees, in one sweep: what ``addAgreeing(_:with:weight:to:_:)`` does in
    /// several.
    ///
    /// - Parameters:
    ///   - a: The first input's weighted numbers.
    ///   - b: The second input's.
    ///   - weights: What each adds to the weights where it agrees.
    ///   - sum: Where the sum is written.
    ///   - agreed: Where the weights that agree are written.
    /// - Precondition: All spans have the same length.
    package static func sumAgreeing(
        _ a: Span<Float>,
        _ b: Span<Float>,
        weights: (Float, Float),
        into sum: inout MutableSpan<Float>,
        _ agreed: inout MutableSpan<Float>
    ) {
        precondition(
            a.count == sum.count && b.count == sum.count && agreed.count == sum.count,
            "spans differ in length"
        )
        for i in sum.indices {
            let (x, y) = (a[i], b[i])
            let vote = x + y
            let (keepsX, keepsY) = (agreement(x, with: vote), agreement(y, with: vote))
            sum[i] = masked(x, keepsX) + masked(y, keepsY)
            agreed[i] = masked(weights.0, keepsX) + masked(weights.1, keepsY)
        }
    }

    /// Elects signs among three inputs and sums what agrees, in one sweep.
    ///
    /// - Parameters:
    ///   - a: The first input's weighted numbers.
    ///   - b: The second input's.
    ///   - c: The third input's.
    ///   - weights: What each adds to the weights where it agrees.
    ///   - sum: Where the sum is written.
    ///   - agreed: Where the weights that agree are written.
    /// - Precondition: All spans have the same length.
    package static func sumAgreeing(
        _ a: Span<Float>,
        _ b: Span<Float>,
        _ c: Span<Float>,
        weights: (Float, Float, Float),
        into sum: inout MutableSpan<Float>,
        _ agreed: inout MutableSpan<Float>
    ) {
        precondition(
            a.count == sum.count && b.count == sum.count && c.count == sum.count && agreed.count == sum.count,
            "spans differ in length"
        )
        for i in sum.indices {
            let (x, y, z) = (a[i], b[i], c[i])
            let vote = x + y + z
            let keepsX = agreement(x, with: vote)
            let keepsY = agreement(y, with: vote)
            let keepsZ = agreement(z, with: vote)
            sum[i] = masked(x, keepsX) + masked(y, keepsY) + masked(z, keepsZ)
            agreed[i] = masked(weights.0, keepsX) + masked(weights.1, keepsY) + masked(weights.2, keepsZ)
        }
    }

    /// `x = x·f/w`, where a weight of a magnitude of no more than `least` counts as 1.
    package static func divide(
        _ values: inout MutableSpan<Float>,
        byWeights weights: Span<Float>,
        atLeast least: Float,
        times factor: Float
    ) {
        precondition(values.count == weights.count, "spans differ in length")
        for i in values.indices {
            let weight = weights[i]
            let divisor = abs(weight) > least ? weight : 1
            values[i] = values[i] * factor / divisor
        }
    }

    /// All bits set where a number is not zero and has the sign of the vote, else none.
    ///
    /// Integer steps on signs, because truth values would keep the loops above from vectorising. A vote of −0 comes from
    /// zeros only, none of which agrees.
    @inline(__always)
    private static func agreement(_ value: Float, with vote: Float) -> Int32 {
        let toward = Int32(bitPattern: value.bitPattern) ^ (Int32(bitPattern: vote.bitPattern) & .min)
        return ~(toward >> 31) & (0 &- toward) >> 31
    }

    /// A number where the mask is set, else 0.
    @inline(__always)
    private static func masked(_ value: Float, _ mask: Int32) -> Float {
        Float(bitPattern: value.bitPattern & UInt32(bitPattern: mask))
    }
}
