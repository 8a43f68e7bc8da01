/// The counter-based generator Philox4x32-10 of Salmon and others, one 32-bit draw for each element of a tensor.
///
/// A draw depends on the key and the element only, so any block of any tensor can be drawn at any time. Elements are
/// drawn in groups of 256: of the four words that a counter gives, word `w` of counter `64·group + j` belongs to
/// element `256·group + 64·w + j`. That order needs no shuffling between vector lanes.
package struct Philox: Sendable {
    private let key: (UInt32, UInt32)

    /// Creates the generator of one input's draws.
    package init(_ key: RandomKey, input: Int) {
        self.key = key.words(input: input)
    }

    init(key: (UInt32, UInt32)) {
        self.key = key
    }

    /// The four words of one counter, after ten rounds.
    func words(
        _ counter: (UInt32, UInt32, UInt32, UInt32)
    ) -> (UInt32, UInt32, UInt32, UInt32) {
        var (c0, c1, c2, c3) = counter
        var (k0, k1) = key
        for _ in 0..<10 {
            let p0 = UInt64(0xd251_1f53) &* UInt64(c0)
            let p1 = UInt64(0xcd9e_8d57) &* UInt64(c2)
            let (n0, n2) = (
                UInt32(truncatingIfNeeded: p1 >> 32) ^ c1 ^ k0, UInt32(truncatingIfNeeded: p0 >> 32) ^ c3 ^ k1
            )
            c1 = UInt32(truncatingIfNeeded: p1)
            c3 = UInt32(truncatingIfNeeded: p0)
            c0 = n0
            c2 = n2
            k0 &+= 0x9e37_79b9
            k1 &+= 0xbb67_ae85
        }
        return (c0, c1, c2, c3)
    }

    /// The draws of a group of 256 elements.
    func draw(group: UInt64, into draws: inout [256 of UInt32]) {
        for j in 0..<64 {
            let counter = group &* 64 &+ UInt64(j)
            let words = words(
                (UInt32(truncatingIfNeeded: counter), UInt32(truncatingIfNeeded: counter >> 32), 0, 0)
            )
            draws[j] = words.0
            draws[64 &+ j] = words.1
            draws[128 &+ j] = words.2
            draws[192 &+ j] = words.3
        }
    }
}

/// Sets elements to zero at random, each by its own draw, and leaves the others as they are.
///
/// - Parameters:
///   - values: A block of a tensor.
///   - elements: Which elements of the tensor they are.
///   - probability: With what probability each is kept.
///   - generator: Where the draws come from.
package func keepRandomly(
    _ values: inout MutableSpan<Float>,
    at elements: Range<Int>,
    probability: Double,
    _ generator: Philox
) {
    precondition(values.count == elements.count && elements.lowerBound >= 0, "the block has another length")
    guard probability < 1 else { return }
    guard probability > 0 else { return fill(&values, with: 0) }
    let limit = UInt32(min(probability * 0x1p32, 0x1p32 - 1))
    forEachGroup(elements, generator) { draws, first, offset, count in
        for i in 0..<count {
            values[first &+ i] = draws[offset &+ i] < limit ? values[first &+ i] : 0
        }
    }
}

/// Sets elements to zero at random, each with its own probability, and may divide what is left by it.
///
/// - Parameters:
///   - values: A block of a tensor.
///   - elements: Which elements of the tensor they are.
///   - probabilities: With what probability each is kept; as long as the block.
///   - divides: Whether what is kept is divided by its probability, which keeps the expected value.
///   - generator: Where the draws come from.
package func keepRandomly(
    _ values: inout MutableSpan<Float>,
    at elements: Range<Int>,
    probabilities: Span<Float>,
    divides: Bool,
    _ generator: Philox
) {
    precondition(values.count == elements.count && elements.lowerBound >= 0, "the block has another length")
    precondition(probabilities.count == values.count, "spans differ in length")
    forEachGroup(elements, generator) { draws, first, offset, count in
        for i in 0..<count {
            let probability = probabilities[first &+ i]
            let value = values[first &+ i]
            // The upper 24 bits of a draw are a `Float` without rounding.
            let isKept = Float(draws[offset &+ i] >> 8) * 0x1p-24 < probability
            values[first &+ i] = isKept ? (divides ? value / probability : value) : 0
        }
    }
}

/// Calls `body` with the draws of each group that the elements touch, the first value of the block that they are for,
/// the first draw, and their number.
private func forEachGroup(
    _ elements: Range<Int>,
    _ generator: Philox,
    _ body: (borrowing [256 of UInt32], Int, Int, Int) -> Void
) {
    var draws = [256 of UInt32](repeating: 0)
    var element = elements.lowerBound
    while element < elements.upperBound {
        let offset = element & 255
        let count = min(256 - offset, elements.upperBound - element)
        generator.draw(group: UInt64(element >> 8), into: &draws)
        body(draws, element - elements.lowerBound, offset, count)
        element += count
    }
}
