// Sign election: each element takes the sign that the sum of all inputs has, and only inputs of that sign count.

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
package func addAgreeing(
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

/// Divides by weights, of which none means 1: `x = R(x/w)`.
///
/// - Precondition: The spans have the same length.
package func divide(
    _ values: inout MutableSpan<Float>,
    byWeights weights: Span<Float>,
    atLeast least: Float,
    _ rounding: StepRounding
) {
    precondition(values.count == weights.count, "spans differ in length")
    for i in values.indices {
        let weight = weights[i]
        values[i] /= abs(weight) > least ? weight : 1
    }
    round(&values, to: rounding)
}
