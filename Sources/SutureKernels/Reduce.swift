// Floating-point addition does not associate, so the compiler keeps a plain sum serial. Eight lanes added in one
// fixed order are faster and give the same bits on every run and every machine.

/// The inner product of two blocks, in `Double`, added in a fixed order.
///
/// - Precondition: The spans have the same length.
package func dot(_ a: Span<Float>, _ b: Span<Float>) -> Double {
    precondition(a.count == b.count, "spans differ in length")
    var lanes = SIMD8<Double>.zero
    var i = 0
    while i &+ 8 <= a.count {
        for lane in 0..<8 {
            let j = i &+ lane
            lanes[lane] += Double(unsafe a[unchecked: j]) * Double(unsafe b[unchecked: j])
        }
        i &+= 8
    }
    var total = lanes.sum()
    while i < a.count {
        total += Double(a[i]) * Double(b[i])
        i &+= 1
    }
    return total
}

/// The sum of the magnitudes of a block, in `Double`, added in a fixed order.
package func sumOfMagnitudes(_ values: Span<Float>) -> Double {
    var lanes = SIMD8<Double>.zero
    var i = 0
    while i &+ 8 <= values.count {
        for lane in 0..<8 { lanes[lane] += Double(abs(unsafe values[unchecked: i &+ lane])) }
        i &+= 8
    }
    var total = lanes.sum()
    while i < values.count {
        total += Double(abs(values[i]))
        i &+= 1
    }
    return total
}

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
