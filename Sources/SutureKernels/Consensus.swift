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
    loops.addAgreeing(values, with: votes, weight: weight, to: &sum, &weights)
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
package func sumAgreeing(
    _ a: Span<Float>,
    _ b: Span<Float>,
    weights: (Float, Float),
    into sum: inout MutableSpan<Float>,
    _ agreed: inout MutableSpan<Float>
) {
    loops.sumAgreeing(a, b, weights: weights, into: &sum, &agreed)
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
package func sumAgreeing(
    _ a: Span<Float>,
    _ b: Span<Float>,
    _ c: Span<Float>,
    weights: (Float, Float, Float),
    into sum: inout MutableSpan<Float>,
    _ agreed: inout MutableSpan<Float>
) {
    loops.sumAgreeing(a, b, c, weights: weights, into: &sum, &agreed)
}

/// Divides by weights, of which none means 1: `x = R(x/w)`.
///
/// - Precondition: The spans have the same length.
package func divide(
    _ values: inout MutableSpan<Float>,
    byWeights weights: Span<Float>,
    atLeast least: Float,
    times factor: Float = 1,
    _ rounding: StepRounding = .none
) {
    loops.divide(&values, byWeights: weights, atLeast: least, times: factor)
    round(&values, to: rounding)
}
