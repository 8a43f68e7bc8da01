/// ggml's Q4_0: a scale in binary16, then 32 numbers of 4 bits, 8 taken away from each.
enum Q40: BlockFormat {
    static var elementCount: Int { 32 }
    static var byteCount: Int { 18 }

    static func widen(_ block: StoredBytes, into numbers: inout MutableSpan<Float>, at first: Int) {
        let scale = block.half(at: 0)
        for i in 0..<16 {
            let pair = Int32(block[2 &+ i])
            unsafe numbers[unchecked: first &+ i] = scale * Float(pair & 15 &- 8)
            unsafe numbers[unchecked: first &+ 16 &+ i] = scale * Float(pair >> 4 &- 8)
        }
    }

    static func narrow(_ numbers: Span<Float>, into block: StoredRoom) {
        let levels = SymmetricLevels(numbers, halfCount: 8)
        block.setHalf(levels.scale, at: 0)
        for i in 0..<16 { block[2 + i] = levels[i] | levels[16 + i] << 4 }
    }

    static func isFinite(_ block: StoredBytes) -> Bool { block.half(at: 0).isFinite }
}

/// ggml's Q4_1: a scale and the least number in binary16, then 32 numbers of 4 bits.
enum Q41: BlockFormat {
    static var elementCount: Int { 32 }
    static var byteCount: Int { 20 }

    static func widen(_ block: StoredBytes, into numbers: inout MutableSpan<Float>, at first: Int) {
        let (scale, least) = (block.half(at: 0), block.half(at: 2))
        for i in 0..<16 {
            let pair = Int32(block[4 &+ i])
            unsafe numbers[unchecked: first &+ i] = scale * Float(pair & 15) + least
            unsafe numbers[unchecked: first &+ 16 &+ i] = scale * Float(pair >> 4) + least
        }
    }

    static func narrow(_ numbers: Span<Float>, into block: StoredRoom) {
        let levels = ShiftedLevels(numbers, highest: 15)
        block.setHalf(levels.scale, at: 0)
        block.setHalf(levels.least, at: 2)
        for i in 0..<16 { block[4 + i] = levels[i] | levels[16 + i] << 4 }
    }

    static func isFinite(_ block: StoredBytes) -> Bool { block.half(at: 0).isFinite && block.half(at: 2).isFinite }
}

/// A block of 32 numbers as multiples of a scale that is −1/n of the largest of them, and n added to each.
struct SymmetricLevels {
    let scale: Float
    private var levels: [32 of UInt8] = Zeros.bytes32

    init(_ numbers: Span<Float>, halfCount: Int32) {
        let numbers = copied(numbers)
        // The first of the largest magnitude has the sign that the scale takes.
        let magnitude = largestMagnitude(numbers)
        var largest: Float = 0
        for i in (0..<32).reversed() { largest = abs(numbers[i]) == magnitude ? numbers[i] : largest }
        scale = largest / -Float(halfCount)
        let (factor, shift) = (inverse(of: scale), Float(halfCount) + 0.5)
        for i in 0..<32 {
            let level = clamp(floor(numbers[i] * factor + shift), 0...2 &* halfCount &- 1)
            levels[i] = UInt8(truncatingIfNeeded: level)
        }
    }

    subscript(place: Int) -> UInt8 { levels[place] }
}

/// A block of 32 numbers as the least of them and multiples of a scale.
struct ShiftedLevels {
    let scale: Float
    let least: Float
    private var levels: [32 of UInt8] = Zeros.bytes32

    init(_ numbers: Span<Float>, highest: Int32) {
        let numbers = copied(numbers)
        var (low, high) = (numbers[0], numbers[0])
        for i in 1..<32 {
            low = numbers[i] < low ? numbers[i] : low
            high = numbers[i] > high ? numbers[i] : high
        }
        scale = (high - low) / Float(highest)
        least = low
        let factor = inverse(of: scale)
        for i in 0..<32 {
            let level = clamp(floor((numbers[i] - low) * factor + 0.5), 0...highest)
            levels[i] = UInt8(truncatingIfNeeded: level)
        }
    }

    subscript(place: Int) -> UInt8 { levels[place] }
}
