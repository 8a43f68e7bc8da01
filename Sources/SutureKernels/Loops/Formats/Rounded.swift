// Whole numbers out of floats, without the checks of the standard library, which stop loops from vectorising.

/// The nearest whole number, ties to even, of a number below 2²²; of any other some number, as of no number.
func nearest(_ value: Float) -> Int32 {
    // What is added leaves no bits behind the point; the sum's low bits are the number.
    Int32(bitPattern: (value + 0x1.8p23).bitPattern & 0x007f_ffff) &- 0x0040_0000
}

/// The largest whole number that is not above a number from 0 to 2²²; of any other some number.
func floor(_ value: Float) -> Int32 {
    let near = nearest(value)
    return Float(near) > value ? near &- 1 : near
}

/// The nearest number of a range, its first for what is no number.
func clamp(_ value: Int32, _ range: ClosedRange<Int32>) -> Int32 {
    value < range.lowerBound ? range.lowerBound : value > range.upperBound ? range.upperBound : value
}
