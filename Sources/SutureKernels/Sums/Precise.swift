// Sums in `Double`, rounded to `Float` once. They take twice the time of those in `Float`, and are used where the
// result is stored as finely as that shows.

/// Adds a multiple of a block to sums.
///
/// - Precondition: The spans have the same length.
package func add(_ values: Span<Float>, times factor: Double, to sums: inout MutableSpan<Double>) {
    precondition(values.count == sums.count, "spans differ in length")
    for i in sums.indices { sums[i] += Double(values[i]) * factor }
}

/// Rounds sums to `Float`.
///
/// - Precondition: The spans have the same length.
package func round(_ sums: Span<Double>, into destination: inout MutableSpan<Float>) {
    precondition(sums.count == destination.count, "spans differ in length")
    for i in destination.indices { destination[i] = Float(sums[i]) }
}
