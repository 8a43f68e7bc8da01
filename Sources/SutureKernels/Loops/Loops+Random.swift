extension Loops {
    /// The words that Philox4x32-10 gives for 64 counters, in four rows of 64.
    ///
    /// All counters take each round together, a word in each row, so that the rounds vectorise.
    ///
    /// - Parameters:
    ///   - key: The generator's key.
    ///   - first: The first counter.
    ///   - words: 256 words to write.
    package static func draw(_ key: (UInt32, UInt32), from first: UInt64, into words: inout MutableSpan<UInt32>) {
        precondition(words.count == 256, "64 counters give 256 words")
        for j in 0..<64 {
            let counter = first &+ UInt64(j)
            words[j] = UInt32(truncatingIfNeeded: counter)
            words[64 &+ j] = UInt32(truncatingIfNeeded: counter >> 32)
            words[128 &+ j] = 0
            words[192 &+ j] = 0
        }
        var (k0, k1) = key
        for _ in 0..<10 {
            for j in 0..<64 {
                let p0 = UInt64(0xd251_1f53 as UInt32) &* UInt64(unsafe words[unchecked: j])
                let p1 = UInt64(0xcd9e_8d57 as UInt32) &* UInt64(unsafe words[unchecked: 128 &+ j])
                let (c1, c3) = unsafe (words[unchecked: 64 &+ j], words[unchecked: 192 &+ j])
                unsafe words[unchecked: j] = UInt32(truncatingIfNeeded: p1 >> 32) ^ c1 ^ k0
                unsafe words[unchecked: 64 &+ j] = UInt32(truncatingIfNeeded: p1)
                unsafe words[unchecked: 128 &+ j] = UInt32(truncatingIfNeeded: p0 >> 32) ^ c3 ^ k1
                unsafe words[unchecked: 192 &+ j] = UInt32(truncatingIfNeeded: p0)
            }
            k0 &+= 0x9e37_79b9
            k1 &+= 0xbb67_ae85
        }
    }

    /// Multiplies the numbers whose draws are below a limit, and sets the others to zero.
    ///
    /// - Parameters:
    ///   - values: A block.
    ///   - first: The element that the first word is for; there are at least as many from it on as words.
    ///   - words: One for each element.
    ///   - shift: Below it a word's bits are not the draw's.
    ///   - mask: The bits of the draw; 31 of them at most.
    ///   - limit: The limit.
    ///   - factor: What is kept is multiplied by it.
    package static func keep(
        _ values: inout MutableSpan<Float>,
        from first: Int,
        drawn words: Span<UInt32>,
        shift: UInt32,
        mask: UInt32,
        below limit: Int32,
        times factor: Float
    ) {
        precondition(first >= 0 && first + words.count <= values.count, "the block has another length")
        for i in 0..<words.count {
            let draw = unsafe words[unchecked: i] &>> shift & mask
            // The sign of the difference says whether the draw is below the limit; both have 31 bits or fewer.
            let kept = UInt32(bitPattern: (Int32(bitPattern: draw) &- limit) >> 31)
            let value = unsafe values[unchecked: first &+ i] * factor
            unsafe values[unchecked: first &+ i] = Float(bitPattern: value.bitPattern & kept)
        }
    }
}
