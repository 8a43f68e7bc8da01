// Block formats of ggml that are read and not written.

/// Q2_K: 16 runs of 16 numbers of 2 bits; a run's scale and least number share a byte.
enum Q2K: BlockFormat {
    static var elementCount: Int { 256 }
    static var byteCount: Int { 84 }

    static func widen(_ block: StoredBytes, into numbers: inout MutableSpan<Float>, at first: Int) {
        let (scale, least) = (block.half(at: 80), block.half(at: 82))
        for run in 0..<16 {
            let (step, shift) = (scale * Float(block[run] & 15), least * Float(block[run] >> 4))
            let (place, bits) = (16 &+ 32 &* (run / 8) &+ 16 &* (run % 2), UInt8(truncatingIfNeeded: run % 8 / 2 * 2))
            for i in 0..<16 {
                let level = block[place &+ i] &>> bits & 3
                unsafe numbers[unchecked: first &+ 16 &* run &+ i] = step * Float(level) - shift
            }
        }
    }

    static func isFinite(_ block: StoredBytes) -> Bool { block.half(at: 80).isFinite && block.half(at: 82).isFinite }
}

/// Q3_K: 16 runs of 16 numbers of 3 bits, the third of which lie apart; scales have 6 bits.
enum Q3K: BlockFormat {
    static var elementCount: Int { 256 }
    static var byteCount: Int { 110 }

    static func widen(_ block: StoredBytes, into numbers: inout MutableSpan<Float>, at first: Int) {
        let scale = block.half(at: 108)
        for run in 0..<16 {
            let low = block[96 &+ run % 8] >> UInt8(run / 8 * 4) & 15
            let high = block[104 &+ run % 4] >> UInt8(run / 4 * 2) & 3
            let step = scale * Float(Int32(low | high << 4) &- 32)
            let (place, bits) = (32 &+ 32 &* (run / 8) &+ 16 &* (run % 2), UInt8(truncatingIfNeeded: run % 8 / 2 * 2))
            let third = UInt8(truncatingIfNeeded: run / 2)
            for i in 0..<16 {
                let level = Int32(block[place &+ i] &>> bits & 3)
                // A bit that is not set takes 4 away.
                let isSet = block[16 &* (run % 2) &+ i] &>> third & 1
                unsafe numbers[unchecked: first &+ 16 &* run &+ i] = step * Float(level &- (isSet == 0 ? 4 : 0))
            }
        }
    }

    static func isFinite(_ block: StoredBytes) -> Bool { block.half(at: 108).isFinite }
}

/// IQ4_NL: a scale in binary16, then 32 numbers of 4 bits that stand for the levels of a table.
enum IQ4NL: BlockFormat {
    static var elementCount: Int { 32 }
    static var byteCount: Int { 18 }

    static func widen(_ block: StoredBytes, into numbers: inout MutableSpan<Float>, at first: Int) {
        widenTableLevels(block, at: 2, times: block.half(at: 0), into: &numbers, at: first)
    }

    static func isFinite(_ block: StoredBytes) -> Bool { block.half(at: 0).isFinite }
}

/// IQ4_XS: 8 runs of ``IQ4NL``'s levels with a scale of 6 bits each.
enum IQ4XS: BlockFormat {
    static var elementCount: Int { 256 }
    static var byteCount: Int { 136 }

    static func widen(_ block: StoredBytes, into numbers: inout MutableSpan<Float>, at first: Int) {
        let scale = block.half(at: 0)
        for run in 0..<8 {
            let low = block[4 &+ run / 2] >> UInt8(run % 2 * 4) & 15
            let high = block[2 &+ run / 4] >> UInt8(run % 4 * 2) & 3
            let step = scale * Float(Int32(low | high << 4) &- 32)
            widenTableLevels(block, at: 8 &+ 16 &* run, times: step, into: &numbers, at: first &+ 32 &* run)
        }
    }

    static func isFinite(_ block: StoredBytes) -> Bool { block.half(at: 0).isFinite }
}

private func widenTableLevels(
    _ block: StoredBytes,
    at place: Int,
    times scale: Float,
    into numbers: inout MutableSpan<Float>,
    at first: Int
) {
    let levels: [16 of Float] = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113]
    for i in 0..<16 {
        unsafe numbers[unchecked: first &+ i] = scale * levels[Int(block[place &+ i] & 15)]
        unsafe numbers[unchecked: first &+ 16 &+ i] = scale * levels[Int(block[place &+ i] >> 4)]
    }
}

/// MXFP4: the exponent of a power of two, then 32 numbers of a sign, two bits of exponent and one of fraction (OCP).
enum MXFP4: BlockFormat {
    static var elementCount: Int { 32 }
    static var byteCount: Int { 17 }

    static func widen(_ block: StoredBytes, into numbers: inout MutableSpan<Float>, at first: Int) {
        let scale = scale(block)
        for i in 0..<16 {
            let pair = UInt32(block[1 &+ i])
            unsafe numbers[unchecked: first &+ i] = scale * doubled(pair & 15)
            unsafe numbers[unchecked: first &+ 16 &+ i] = scale * doubled(pair >> 4)
        }
    }

    static func isFinite(_ block: StoredBytes) -> Bool {
        let scale = scale(block)
        return (0..<16).allSatisfy {
            let pair = UInt32(block[1 &+ $0])
            return (scale * doubled(pair & 15)).isFinite && (scale * doubled(pair >> 4)).isFinite
        }
    }

    /// Half of the power of two, as ``doubled(_:)`` is twice its number.
    private static func scale(_ block: StoredBytes) -> Float {
        let exponent = UInt32(block[0])
        return Float(bitPattern: exponent < 2 ? 0x0020_0000 << exponent : (exponent &- 1) << 23)
    }

    /// Twice the number of four bits; there is no negative zero.
    private static func doubled(_ bits: UInt32) -> Float {
        let magnitude = (Float(bitPattern: (bits & 7) << 22) * 0x1p127).bitPattern
        return Float(bitPattern: bits == 8 ? 0 : magnitude | (bits & 8) << 28)
    }
}
