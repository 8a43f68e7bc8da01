import Glibc

/// How far the softmax of one row is from that of another: the Kullback–Leibler divergence `Σ P·ln(P/Q)`.
///
/// Computed in `Double`; 1e-8 is added to each probability, so that none is zero.
///
/// - Precondition: The spans have the same length.
package func softmaxDivergence(of row: Span<Float>, from other: Span<Float>) -> Double {
    precondition(row.count == other.count, "spans differ in length")
    let (rowShift, rowSum) = softmaxScale(row)
    let (otherShift, otherSum) = softmaxScale(other)
    var total = 0.0
    for i in row.indices {
        let p = exp(Double(row[i]) - rowShift) / rowSum + 1e-8
        let q = exp(Double(other[i]) - otherShift) / otherSum + 1e-8
        total += p * log(p / q)
    }
    return total
}

/// The same divergence in `Float`, every step rounded to the numbers in which mergekit computes.
///
/// Its noise decides what is near a threshold, so exponentials and sums are those of torch, to the last bit.
///
/// - Precondition: The spans have the same length.
package func softmaxDivergence(of row: Span<Float>, from other: Span<Float>, steps rounding: StepRounding) -> Float {
    precondition(row.count == other.count, "spans differ in length")
    let probabilities = softmaxLikeTorch(row, rounding)
    let others = softmaxLikeTorch(other, rounding)
    let least = rounding(1e-8 as Float)
    let terms = probabilities.indices.map { i in
        let p = rounding(rounding(probabilities[i]) + least)
        let q = rounding(rounding(others[i]) + least)
        return rounding(p * rounding(logf(rounding(p / q))))
    }
    return rounding(sumLikeTorch(terms))
}

/// The softmax of a row, not yet rounded.
private func softmaxLikeTorch(_ row: Span<Float>, _ rounding: StepRounding) -> [Float] {
    var largest = -Float.infinity
    for i in row.indices { largest = max(largest, row[i]) }
    // Of 16-bit numbers the last that fill no vector are taken one by one, of `Float` only rows shorter than a vector.
    let vectors = row.count / 16 * 16
    let lanesEnd = rounding == .none && row.count >= 16 ? row.count : vectors
    let exponentials = row.indices.map { i in
        rounding == .none || i < vectors ? exponentialLikeTorch(row[i] - largest) : expf(row[i] - largest)
    }
    var lanes = SIMD16<Float>.zero
    for i in 0..<lanesEnd { lanes[i & 15] += exponentials[i] }
    let eight = lanes.lowHalf + lanes.highHalf
    let four = eight.lowHalf + eight.highHalf
    let two = four.lowHalf + four.highHalf
    let sum = exponentials[lanesEnd...].reduce(two[0] + two[1], +)
    let inverse = 1 / sum
    return exponentials.map { $0 * inverse }
}

/// The exponential function as torch's vectors have it, to the last bit: 2^q·e^s with q whole and |s| ≤ ln 2 / 2, and for
/// e^s a polynomial in fused steps.
private func exponentialLikeTorch(_ value: Float) -> Float {
    let whole = (value * 1.442_695).rounded(.toNearestOrEven)
    // ln 2 in two parts, of which the first has so few bits that its product is exact.
    let rest = value.addingProduct(whole, -0.693_145_75).addingProduct(whole, -1.428_606_8e-6)
    var series: Float = 0.000_198_527_62
    for term: Float in [0.001_393_043_6, 0.008_333_361, 0.041_666_485, 0.166_666_67, 0.5] {
        series = term.addingProduct(series, rest)
    }
    let power = 1 + rest.addingProduct(rest * rest, series)
    return power * exp2f(whole)
}

private func softmaxScale(_ row: Span<Float>) -> (shift: Double, sum: Double) {
    var largest = -Float.infinity
    for i in row.indices { largest = max(largest, row[i]) }
    let shift = largest.isFinite ? Double(largest) : 0
    var sum = 0.0
    for i in row.indices { sum += exp(Double(row[i]) - shift) }
    return (shift, sum)
}
