// Floating-point addition does not associate, so the compiler keeps a plain sum serial. Eight lanes added in one
// fixed order are faster and give the same bits on every run and every machine.

extension Loops {
    /// The inner product of two blocks.
    package static func dot(_ a: Span<Float>, _ b: Span<Float>) -> Double {
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

    /// The inner products of two blocks with themselves and each other, each as ``dot(_:_:)`` gives it, in one sweep.
    package static func products(_ a: Span<Float>, _ b: Span<Float>) -> (aa: Double, ab: Double, bb: Double) {
        precondition(a.count == b.count, "spans differ in length")
        var (first, mixed, second) = (SIMD8<Double>.zero, SIMD8<Double>.zero, SIMD8<Double>.zero)
        var i = 0
        while i &+ 8 <= a.count {
            for lane in 0..<8 {
                let (x, y) = unsafe (Double(a[unchecked: i &+ lane]), Double(b[unchecked: i &+ lane]))
                first[lane] += x * x
                mixed[lane] += x * y
                second[lane] += y * y
            }
            i &+= 8
        }
        var totals = (first.sum(), mixed.sum(), second.sum())
        while i < a.count {
            let (x, y) = (Double(a[i]), Double(b[i]))
            totals.0 += x * x
            totals.1 += x * y
            totals.2 += y * y
            i &+= 1
        }
        return totals
    }

    /// The sum of the magnitudes of a block.
    package static func sumOfMagnitudes(_ values: Span<Float>) -> Double {
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
}
