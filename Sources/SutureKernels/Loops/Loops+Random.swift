extension Loops {
    /// The words that Philox4x32-10 gives for 64 counters, in four rows of 64.
    ///
    /// Each counter takes its ten rounds in registers, its words in 64 bits each as the products are; many counters side by
    /// side make vectors of them.
    ///
    /// - Parameters:
    ///   - key: The generator's key.
    ///   - first: The first counter.
    ///   - words: 256 words to write.
    package static func draw(_ key: (UInt32, UInt32), from first: UInt64, into words: inout MutableSpan<UInt32>) {
        precondition(words.count == 256, "64 counters give 256 words")
        let low = 0xffff_ffff as UInt64
        for j in 0..<64 {
            let counter = first &+ UInt64(j)
            var (c0, c1, c2, c3) = (counter & low, counter >> 32, 0 as UInt64, 0 as UInt64)
            var (k0, k1) = (UInt64(key.0), UInt64(key.1))
            for _ in 0..<10 {
                let (p0, p1) = ((c0 & low) &* 0xd251_1f53, (c2 & low) &* 0xcd9e_8d57)
                (c0, c1) = (p1 >> 32 ^ c1 ^ k0, p1 & low)
                (c2, c3) = (p0 >> 32 ^ c3 ^ k1, p0 & low)
                (k0, k1) = ((k0 &+ 0x9e37_79b9) & low, (k1 &+ 0xbb67_ae85) & low)
            }
            unsafe words[unchecked: j] = UInt32(truncatingIfNeeded: c0)
            unsafe words[unchecked: 64 &+ j] = UInt32(truncatingIfNeeded: c1)
            unsafe words[unchecked: 128 &+ j] = UInt32(truncatingIfNeeded: c2)
            unsafe words[unchecked: 192 &+ j] = UInt32(truncatingIfNeeded: c3)
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
