/// The scale and the depth below 0 by which a run of 32 numbers is nearest to whole levels, large numbers counting more.
///
/// It is the search of ggml's reference for Q4_K and Q5_K: scales around the one that spans the run are tried; for the
/// levels of each, the best scale and depth follow by least squares. From a better depth the search goes on.
struct ShiftedFit {
    private(set) var scale: Float = 0
    private(set) var depth: Float = 0
    private var levels: [32 of UInt8] = Zeros.bytes32

    /// The level of a number.
    subscript(place: Int) -> UInt8 { levels[place] }

    init(_ numbers: Span<Float>, highest: Int32, first: Float, steps: Int) {
        let numbers = copied(numbers)
        var squares: Float = 0
        for i in 0..<32 { squares += numbers[i] * numbers[i] }
        let mean = (squares / 32).squareRoot()
        var weights: [32 of Float] = Zeros.floats32
        for i in 0..<32 { weights[i] = mean + abs(numbers[i]) }
        var (low, high) = (numbers[0], numbers[0])
        var weight = weights[0]
        var sum = weights[0] * numbers[0]
        for i in 1..<32 {
            low = numbers[i] < low ? numbers[i] : low
            high = numbers[i] > high ? numbers[i] : high
            weight += weights[i]
            sum += weights[i] * numbers[i]
        }
        if low > 0 { low = 0 }
        depth = -low
        guard high != low else { return }
        let factor = Float(highest) / (high - low)
        var tried = Self.levels(numbers, low, factor, highest)
        scale = 1 / factor
        var least = Self.error(numbers, weights, tried, scale, low)
        for i in 0..<32 { levels[i] = UInt8(truncatingIfNeeded: tried[i]) }
        for step in 0...steps {
            tried = Self.levels(numbers, low, (first + 0.1 * Float(step) + Float(highest)) / (high - low), highest)
            var (sumL, sumLL, sumXL): (Float, Float, Float) = (0, 0, 0)
            for i in 0..<32 {
                let level = Float(tried[i])
                sumL += weights[i] * level
                sumLL += weights[i] * level * level
                sumXL += weights[i] * level * numbers[i]
            }
            let determinant = weight * sumLL - sumL * sumL
            guard determinant > 0 else { continue }
            var better = (weight * sumXL - sum * sumL) / determinant
            var shift = (sumLL * sum - sumL * sumXL) / determinant
            if shift > 0 {
                shift = 0
                better = sumXL / sumLL
            }
            let error = Self.error(numbers, weights, tried, better, shift)
            guard error < least else { continue }
            least = error
            (scale, low) = (better, shift)
            for i in 0..<32 { levels[i] = UInt8(truncatingIfNeeded: tried[i]) }
        }
        depth = -low
    }

    private static func levels(_ numbers: [32 of Float], _ low: Float, _ factor: Float, _ highest: Int32) -> [
        32 of Int32
    ] {
        var levels: [32 of Int32] = Zeros.integers32
        for i in 0..<32 { levels[i] = clamp(nearest(factor * (numbers[i] - low)), 0...highest) }
        return levels
    }

    /// The weighted squares of what the levels miss.
    private static func error(
        _ numbers: [32 of Float],
        _ weights: [32 of Float],
        _ levels: [32 of Int32],
        _ scale: Float,
        _ shift: Float
    ) -> Float {
        var error: Float = 0
        for i in 0..<32 {
            let miss = scale * Float(levels[i]) + shift - numbers[i]
            error += weights[i] * (miss * miss)
        }
        return error
    }
}
