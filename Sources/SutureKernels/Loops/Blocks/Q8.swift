/// ggml's Q8_0: a scale in binary16, then 32 signed bytes that it multiplies.
enum Q80: BlockFormat {
    static var elementCount: Int { 32 }
    static var byteCount: Int { 34 }

    static func widen(_ block: StoredBytes, into numbers: inout MutableSpan<Float>, at first: Int) {
        let scale = block.half(at: 0)
        for i in 0..<32 { unsafe numbers[unchecked: first &+ i] = Float(Int8(bitPattern: block[2 &+ i])) * scale }
    }

    static func narrow(_ numbers: Span<Float>, into block: StoredRoom) {
        let numbers = copied(numbers)
        let largest = largestMagnitude(numbers)
        let scale = largest / 127
        let factor = inverse(of: scale)
        block.setHalf(scale, at: 0)
        var levels: [32 of UInt8] = Zeros.bytes32
        for i in 0..<32 {
            let value = numbers[i] * factor
            let size = abs(value)
            // To the nearest, and from the middle away from 0.
            let near = (size + 0x1p23) - 0x1p23
            let whole = near > size ? near - 1 : near
            let level = size - whole >= 0.5 ? whole + 1 : whole
            let capped = level < 127 ? level : 127
            levels[i] = UInt8(truncatingIfNeeded: nearest(value < 0 ? -capped : capped))
        }
        for i in 0..<32 { block[2 &+ i] = levels[i] }
    }

    static func isFinite(_ block: StoredBytes) -> Bool { block.half(at: 0).isFinite }
}

/// What numbers are multiplied by to become multiples of a scale; 0 for a scale that has no inverse.
func inverse(of scale: Float) -> Float {
    let factor = 1 / scale
    return factor.isFinite ? factor : 0
}

/// The numbers of a block of 32, or of a run, whose number the compiler then knows.
func copied(_ numbers: Span<Float>) -> [32 of Float] {
    precondition(numbers.count == 32, "a block has 32 numbers")
    var copy: [32 of Float] = Zeros.floats32
    for i in 0..<32 { copy[i] = unsafe numbers[unchecked: i] }
    return copy
}

/// The largest magnitude of 32 numbers, by their bits, which need no order; 0 for those that are none.
func largestMagnitude(_ numbers: [32 of Float]) -> Float {
    var largest: UInt32 = 0
    for i in 0..<32 {
        let bits = numbers[i].bitPattern & 0x7fff_ffff
        let counted = bits > 0x7f80_0000 ? 0 : bits
        largest = counted > largest ? counted : largest
    }
    return Float(bitPattern: largest)
}
