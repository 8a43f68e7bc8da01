/// The inner product of two blocks, in `Double`, added in a fixed order.
///
/// - Precondition: The spans have the same length.
package func dot(_ a: Span<Float>, _ b: Span<Float>) -> Double { loops.dot(a, b) }

/// The inner products of two blocks with themselves and each other, each as ``dot(_:_:)`` gives it, in one sweep.
///
/// - Precondition: The spans have the same length.
package func products(_ a: Span<Float>, _ b: Span<Float>) -> (aa: Double, ab: Double, bb: Double) {
    loops.products(a, b)
}

/// The sum of the magnitudes of a block, in `Double`, added in a fixed order.
package func sumOfMagnitudes(_ values: Span<Float>) -> Double { loops.sumOfMagnitudes(values) }

/// The inner product of two blocks whose products are each rounded first, as mergekit multiplies and then sums.
///
/// - Precondition: The spans have the same length.
package func dot(_ a: Span<Float>, _ b: Span<Float>, _ rounding: StepRounding) -> Double {
    guard rounding != .none else { return dot(a, b) }
    precondition(a.count == b.count, "spans differ in length")
    var total = 0.0
    for i in a.indices { total += Double(rounding(a[i] * b[i])) }
    return total
}
