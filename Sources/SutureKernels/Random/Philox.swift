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

    /// The draws of a group of 256 elements.
    func draw(group: UInt64, into draws: inout Draws) {
        var words = draws.words.mutableSpan
        loops.draw(key, from: group &* 64, into: &words)
    }
}

/// The draws of one group of elements: four rows of 64.
struct Draws {
    var words: [256 of UInt32] = InlineArray(repeating: 0)
}

/// The draws that decide whether elements are kept: of as few bits as a probability needs.
///
/// A word gives one draw of 31 bits, or several of 16 bits or fewer, down to 32 of a single bit. Drawing costs most of what
/// thinning does, so the shortest is taken that misses the probability by no more than a thousandth of it.
private struct KeepingDraws {
    /// The bits of a draw.
    let bitCount: Int

    /// The draws below it keep.
    let limit: Int32

    /// Finds the shortest for a probability between 0 and 1.
    init(_ probability: Double) {
        for bitCount in [1, 2, 4, 8, 16] {
            let scale = Double(1 << bitCount)
            let limit = (probability * scale).rounded()
            if abs(limit / scale - probability) <= 1e-3 * min(probability, 1 - probability) {
                (self.bitCount, self.limit) = (bitCount, Int32(limit))
                return
            }
        }
        (bitCount, limit) = (31, Int32(probability * 0x1p31))
    }

    /// The probability that they keep with.
    var probability: Double { Double(limit) / Double(1 << bitCount) }

    /// The bits of a word that are a draw, at its lower end.
    var mask: UInt32 { 1 << UInt32(bitCount) - 1 }

    /// Each group of words gives 256 draws so many times, as a power of two: first from the lowest bits of all its words.
    var rowBits: Int { bitCount > 16 ? 0 : 5 - bitCount.trailingZeroBitCount }

    /// Where in a word the draws of a row begin; a single draw is the word's upper end.
    func shift(row: Int) -> UInt32 { bitCount > 16 ? 1 : UInt32(row * bitCount) }
}

/// The probability with which elements are kept where ``keepRandomly(_:at:probability:times:_:)`` is given another: the
/// same to within a thousandth.
package func drawnProbability(_ probability: Double) -> Double {
    if probability <= 0 { return 0 }
    if probability >= 1 { return 1 }
    return KeepingDraws(probability).probability
}

/// Sets elements to zero at random, each by its own draw, and leaves the others or multiplies them.
///
/// - Parameters:
///   - values: A block of a tensor.
///   - elements: Which elements of the tensor they are.
///   - probability: With what probability each is kept, to within ``drawnProbability(_:)``.
///   - factor: What is kept is multiplied by it.
///   - generator: Where the draws come from.
package func keepRandomly(
    _ values: inout MutableSpan<Float>,
    at elements: Range<Int>,
    probability: Double,
    times factor: Float = 1,
    _ generator: Philox
) {
    precondition(values.count == elements.count && elements.lowerBound >= 0, "the block has another length")
    guard probability < 1 else { return scale(&values, by: factor) }
    guard probability > 0 else { return fill(&values, with: 0) }
    let keeping = KeepingDraws(probability)
    var draws = Draws()
    var group: Int?
    var element = elements.lowerBound
    while element < elements.upperBound {
        let row = element >> 8
        if group != row >> keeping.rowBits {
            group = row >> keeping.rowBits
            generator.draw(group: UInt64(row >> keeping.rowBits), into: &draws)
        }
        let end = min((row + 1) << 8, elements.upperBound)
        let start = element & 255
        loops.keep(
            &values,
            from: element - elements.lowerBound,
            drawn: draws.words.span.extracting(start..<(start + end - element)),
            shift: keeping.shift(row: row & (1 << keeping.rowBits - 1)),
            mask: keeping.mask,
            below: keeping.limit,
            times: factor
        )
        element = end
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
    var draws = Draws()
    var element = elements.lowerBound
    while element < elements.upperBound {
        generator.draw(group: UInt64(element >> 8), into: &draws)
        let end = min(element | 255, elements.upperBound - 1) + 1
        let first = element - elements.lowerBound
        let words = draws.words.span.extracting((element & 255)..<((element & 255) + end - element))
        for i in words.indices {
            let probability = probabilities[first &+ i]
            let value = values[first &+ i]
            // The upper 24 bits of a draw are a `Float` without rounding.
            let draw = Float(Int32(truncatingIfNeeded: words[i] >> 8)) * 0x1p-24
            let kept = divides ? value / probability : value
            values[first &+ i] = draw < probability ? kept : 0
        }
        element = end
    }
}
