// Plain loops over spans, which the compiler vectorises; those that most merges run are in `Loops`. With a rounding other than `none`, each
// named step is rounded, in the order in which mergekit takes the steps.

/// Fills a block with one number.
package func fill(_ destination: inout MutableSpan<Float>, with value: Float) {
    loops.fill(&destination, with: value)
}

/// Copies a block: `destination = source`.
///
/// - Precondition: The spans have the same length.
package func copy(_ source: Span<Float>, to destination: inout MutableSpan<Float>) {
    precondition(source.count == destination.count, "spans differ in length")
    for i in destination.indices { destination[i] = source[i] }
}

/// Multiplies a block in place by one number: `x = R(x·s)`.
package func scale(_ values: inout MutableSpan<Float>, by factor: Float, _ rounding: StepRounding = .none) {
    loops.scale(&values, by: factor)
    round(&values, to: rounding)
}

/// Makes a block zero, each zero with the sign of what was there, as a product with 0 has it.
///
/// Unlike a product it leaves no NaN where there was infinity.
package func zero(_ values: inout MutableSpan<Float>) {
    for i in values.indices { values[i] = Float(bitPattern: values[i].bitPattern & 0x8000_0000) }
}

/// Divides a block in place by one number: `x = R(x/s)`.
package func divide(_ values: inout MutableSpan<Float>, by divisor: Float, _ rounding: StepRounding = .none) {
    for i in values.indices { values[i] /= divisor }
    round(&values, to: rounding)
}

/// Adds a block: `x = R(x + y)`.
///
/// - Precondition: The spans have the same length.
package func add(_ other: Span<Float>, to values: inout MutableSpan<Float>, _ rounding: StepRounding = .none) {
    loops.add(other, to: &values)
    round(&values, to: rounding)
}

/// Takes a block away: `x = R(x − y)`.
///
/// - Precondition: The spans have the same length.
package func subtract(_ other: Span<Float>, from values: inout MutableSpan<Float>, _ rounding: StepRounding = .none) {
    loops.subtract(other, from: &values)
    round(&values, to: rounding)
}

/// Adds a multiple of a block: `x = x + R(y·s)`; the sum itself is not rounded.
///
/// - Precondition: The spans have the same length.
package func add(
    _ other: Span<Float>,
    times factor: Float,
    to values: inout MutableSpan<Float>,
    _ rounding: StepRounding = .none
) {
    precondition(other.count == values.count, "spans differ in length")
    switch rounding {
    case .none: loops.add(other, times: factor, to: &values)
    case .bfloat16: for i in values.indices { values[i] += BFloat16(rounding: other[i] * factor).widened }
    case .float16: for i in values.indices { values[i] += Half(rounding: other[i] * factor).widened }
    }
}

/// Adds a multiple of a block in one step, so that the product is not rounded by itself: `x = x + y·s`.
///
/// - Precondition: The spans have the same length.
package func addFused(_ other: Span<Float>, times factor: Float, to values: inout MutableSpan<Float>) {
    loops.addFused(other, times: factor, to: &values)
}

/// Writes a multiple of a block: `z = 0 + x·s`, so that no zero is negative.
///
/// - Precondition: The spans have the same length.
package func combine(_ a: Span<Float>, times s: Float, into destination: inout MutableSpan<Float>) {
    loops.combine(a, times: s, into: &destination)
}

/// Writes a sum of multiples of three blocks: `z = 0 + x·s + y·t + v·u`, added in that order.
///
/// - Precondition: The spans have the same length.
package func combine(
    _ a: Span<Float>,
    times s: Float,
    _ b: Span<Float>,
    times t: Float,
    _ c: Span<Float>,
    times u: Float,
    into destination: inout MutableSpan<Float>
) {
    loops.combine(a, times: s, b, times: t, c, times: u, into: &destination)
}

/// Writes a sum of multiples of two blocks: `z = R(x·s) + R(y·t)`; the sum itself is not rounded, and with no
/// rounding no zero is negative.
///
/// - Precondition: The spans have the same length.
package func combine(
    _ a: Span<Float>,
    times s: Float,
    _ b: Span<Float>,
    times t: Float,
    into destination: inout MutableSpan<Float>,
    _ rounding: StepRounding = .none
) {
    precondition(a.count == destination.count && b.count == destination.count, "spans differ in length")
    switch rounding {
    case .none: loops.combine(a, times: s, b, times: t, into: &destination)
    case .bfloat16:
        for i in destination.indices {
            destination[i] = BFloat16(rounding: a[i] * s).widened + BFloat16(rounding: b[i] * t).widened
        }
    case .float16:
        for i in destination.indices {
            destination[i] = Half(rounding: a[i] * s).widened + Half(rounding: b[i] * t).widened
        }
    }
}
