/// ggml's Q5_0: a scale in binary16, 32 fifth bits, then 32 numbers' lower bits, 16 taken away from each.
enum Q50: BlockFormat {
    static var elementCount: Int { 32 }
    static var byteCount: Int { 22 }

    static func widen(_ block: StoredBytes, into numbers: inout MutableSpan<Float>, at first: Int) {
        let scale = block.half(at: 0)
        let high = fifthBits(block, at: 2)
        for i in 0..<16 {
            let pair = UInt32(block[6 &+ i])
            let low = Int32(bitPattern: pair & 15 | (high >> UInt32(i) & 1) << 4)
            let upper = Int32(bitPattern: pair >> 4 | (high >> UInt32(i &+ 16) & 1) << 4)
            unsafe numbers[unchecked: first &+ i] = scale * Float(low &- 16)
            unsafe numbers[unchecked: first &+ 16 &+ i] = scale * Float(upper &- 16)
        }
    }

    static func narrow(_ numbers: Span<Float>, into block: StoredRoom) {
        let levels = SymmetricLevels(numbers, halfCount: 16)
        block.setHalf(levels.scale, at: 0)
        for i in 0..<16 { setFifthBits(levels[i], levels[16 + i], i, block, bits: 2, rest: 6) }
    }

    static func isFinite(_ block: StoredBytes) -> Bool { block.half(at: 0).isFinite }
}

/// ggml's Q5_1: a scale and the least number in binary16, 32 fifth bits, then 32 numbers' lower bits.
enum Q51: BlockFormat {
    static var elementCount: Int { 32 }
    static var byteCount: Int { 24 }

    static func widen(_ block: StoredBytes, into numbers: inout MutableSpan<Float>, at first: Int) {
        let (scale, least) = (block.half(at: 0), block.half(at: 2))
        let high = fifthBits(block, at: 4)
        for i in 0..<16 {
            let pair = UInt32(block[8 &+ i])
            let low = Int32(bitPattern: pair & 15 | (high >> UInt32(i) & 1) << 4)
            let upper = Int32(bitPattern: pair >> 4 | (high >> UInt32(i &+ 16) & 1) << 4)
            unsafe numbers[unchecked: first &+ i] = scale * Float(low) + least
            unsafe numbers[unchecked: first &+ 16 &+ i] = scale * Float(upper) + least
        }
    }

    static func narrow(_ numbers: Span<Float>, into block: StoredRoom) {
        let levels = ShiftedLevels(numbers, highest: 31)
        block.setHalf(levels.scale, at: 0)
        block.setHalf(levels.least, at: 2)
        for i in 0..<16 { setFifthBits(levels[i], levels[16 + i], i, block, bits: 4, rest: 8) }
    }

    static func isFinite(_ block: StoredBytes) -> Bool { block.half(at: 0).isFinite && block.half(at: 2).isFinite }
}

private func fifthBits(_ block: StoredBytes, at place: Int) -> UInt32 {
    UInt32(block[place]) | UInt32(block[place + 1]) << 8 | UInt32(block[place + 2]) << 16
        | UInt32(block[place + 3]) << 24
}

/// Keeps the i-th number of the first half and of the second: lower bits in one byte, the fifth in two others.
private func setFifthBits(_ low: UInt8, _ high: UInt8, _ i: Int, _ block: StoredRoom, bits: Int, rest: Int) {
    block[rest + i] = low & 15 | high << 4
    block[bits + i / 8] |= (low >> 4) << UInt8(i % 8)
    block[bits + 2 + i / 8] |= (high >> 4) << UInt8(i % 8)
}
