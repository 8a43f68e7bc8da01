/// ggml's Q4_K: 8 runs of 32 numbers of 4 bits; each run has a scale and a least number of 6 bits, multiples of two
/// numbers in binary16.
enum Q4K: BlockFormat {
    static var elementCount: Int { 256 }
    static var byteCount: Int { 144 }

    static func widen(_ block: StoredBytes, into numbers: inout MutableSpan<Float>, at first: Int) {
        let (scale, least) = (block.half(at: 0), block.half(at: 2))
        for pair in 0..<4 {
            let (low, high) = (block.run(2 &* pair), block.run(2 &* pair &+ 1))
            let (a, b) = (scale * low.scale, least * low.least)
            let (c, d) = (scale * high.scale, least * high.least)
            let (place, start) = (16 &+ 32 &* pair, first &+ 64 &* pair)
            for i in 0..<32 {
                let levels = Int32(block[place &+ i])
                unsafe numbers[unchecked: start &+ i] = a * Float(levels & 15) - b
                unsafe numbers[unchecked: start &+ 32 &+ i] = c * Float(levels >> 4) - d
            }
        }
    }

    static func narrow(_ numbers: Span<Float>, into block: StoredRoom) {
        let levels = RunLevels(numbers, highest: 15, first: -1, steps: 20, block)
        for pair in 0..<4 {
            for i in 0..<32 { block[16 + 32 * pair + i] = levels[64 * pair + i] | levels[64 * pair + 32 + i] << 4 }
        }
    }

    static func isFinite(_ block: StoredBytes) -> Bool { block.half(at: 0).isFinite && block.half(at: 2).isFinite }
}

/// ggml's Q5_K: as ``Q4K``, with a fifth bit of each number before the others.
enum Q5K: BlockFormat {
    static var elementCount: Int { 256 }
    static var byteCount: Int { 176 }

    static func widen(_ block: StoredBytes, into numbers: inout MutableSpan<Float>, at first: Int) {
        let (scale, least) = (block.half(at: 0), block.half(at: 2))
        for pair in 0..<4 {
            let (low, high) = (block.run(2 &* pair), block.run(2 &* pair &+ 1))
            let (a, b) = (scale * low.scale, least * low.least)
            let (c, d) = (scale * high.scale, least * high.least)
            let (place, start) = (48 &+ 32 &* pair, first &+ 64 &* pair)
            let shift = Int32(truncatingIfNeeded: 2 &* pair)
            for i in 0..<32 {
                let levels = Int32(block[place &+ i])
                let fifth = Int32(block[16 &+ i]) &>> shift
                unsafe numbers[unchecked: start &+ i] = a * Float(levels & 15 | (fifth & 1) << 4) - b
                unsafe numbers[unchecked: start &+ 32 &+ i] = c * Float(levels >> 4 | (fifth & 2) << 3) - d
            }
        }
    }

    static func narrow(_ numbers: Span<Float>, into block: StoredRoom) {
        let levels = RunLevels(numbers, highest: 31, first: -0.5, steps: 15, block)
        for pair in 0..<4 {
            for i in 0..<32 {
                let (low, high) = (levels[64 * pair + i], levels[64 * pair + 32 + i])
                block[48 + 32 * pair + i] = low & 15 | high << 4
                block[16 + i] |= (low >> 4 | (high >> 4) << 1) << UInt8(2 * pair)
            }
        }
    }

    static func isFinite(_ block: StoredBytes) -> Bool { block.half(at: 0).isFinite && block.half(at: 2).isFinite }
}

extension StoredBytes {
    /// The scale and the least number of a run, of 6 bits each; those of the last four runs have their upper bits in the
    /// bytes of the first four.
    fileprivate func run(_ number: Int) -> (scale: Float, least: Float) {
        guard number >= 4 else { return (Float(self[4 &+ number] & 63), Float(self[8 &+ number] & 63)) }
        let (upper, lower, both) = (self[number], self[4 &+ number], self[8 &+ number])
        return (Float(both & 15 | (upper >> 6) << 4), Float(both >> 4 | (lower >> 6) << 4))
    }
}

/// A block of 256 numbers as Q4_K and Q5_K have them: levels of 8 runs, whose scales are kept.
private struct RunLevels {
    private var levels: [256 of UInt8] = Zeros.bytes256

    /// Finds the levels, and keeps scales and least numbers in the first 16 bytes of a block.
    ///
    /// - Parameters:
    ///   - numbers: The numbers.
    ///   - highest: The highest level.
    ///   - first: How far from the highest level the search for a scale begins.
    ///   - steps: How many tenths of a level it goes on.
    ///   - block: The block.
    init(_ numbers: Span<Float>, highest: Int32, first: Float, steps: Int, _ block: StoredRoom) {
        var scales: [8 of Float] = Zeros.floats8
        var depths: [8 of Float] = Zeros.floats8
        var (largest, deepest): (Float, Float) = (0, 0)
        for run in 0..<8 {
            let fit = ShiftedFit(
                numbers.extracting(32 * run..<32 * run + 32),
                highest: highest,
                first: first,
                steps: steps
            )
            (scales[run], depths[run]) = (fit.scale, fit.depth)
            for i in 0..<32 { levels[32 * run + i] = fit[i] }
            largest = fit.scale > largest ? fit.scale : largest
            deepest = fit.depth > deepest ? fit.depth : deepest
        }
        let factors = (largest > 0 ? 63 / largest : 0, deepest > 0 ? 63 / deepest : 0)
        let scale = block.setHalf(largest / 63, at: 0)
        let least = block.setHalf(deepest / 63, at: 2)
        for run in 0..<8 {
            let level = UInt8(truncatingIfNeeded: clamp(nearest(factors.0 * scales[run]), 0...63))
            let depth = UInt8(truncatingIfNeeded: clamp(nearest(factors.1 * depths[run]), 0...63))
            if run < 4 {
                block[4 + run] = level
                block[8 + run] = depth
            } else {
                block[8 + run] = level & 15 | depth << 4
                block[run] |= (level >> 4) << 6
                block[4 + run] |= (depth >> 4) << 6
            }
            let step = scale * Float(level)
            guard step != 0 else { continue }
            let shift = least * Float(depth)
            for i in 32 * run..<32 * run + 32 {
                levels[i] = UInt8(truncatingIfNeeded: clamp(nearest((numbers[i] + shift) / step), 0...highest))
            }
        }
    }

    subscript(place: Int) -> UInt8 { levels[place] }
}
