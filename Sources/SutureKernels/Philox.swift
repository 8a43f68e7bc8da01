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

/// The probability with which elements are kept where ``keepRandomly(_:at:probability:times:_:)`` is given another.
///
/// Draws of 16 bits are twice as fast as draws of 31, and fine enough for all but the rarest: a probability that they
/// miss by more than a thousandth of it is drawn with 31.
package func drawnProbability(_ probability: Double) -> Double {
    if probability <= 0 { return 0 }
    if probability >= 1 { return 1 }
    if let limit = shortLimit(probability) { return Double(limit) * 0x1p-16 }
    return Double(UInt32(probability * 0x1p31)) * 0x1p-31
}

/// The draws of 16 bits that keep an element are those below it; `nil` where they are too coarse.
private func shortLimit(_ probability: Double) -> UInt32? {
    let limit = (probability * 0x1p16).rounded()
    return abs(limit * 0x1p-16 - probability) <= 1e-3 * min(probability, 1 - probability) ? UInt32(limit) : nil
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
    let short = shortLimit(probability)
    let limit = Int32(truncatingIfNeeded: short ?? UInt32(probability * 0x1p31))
    // A group gives 256 draws of 31 bits, or first 256 of the lower halves and then 256 of the upper.
    let groupBits = short == nil ? 8 : 9
    var draws = Draws()
    var element = elements.lowerBound
    while element < elements.upperBound {
        generator.draw(group: UInt64(element >> groupBits), into: &draws)
        let groupEnd = min((element >> groupBits + 1) << groupBits, elements.upperBound)
        while element < groupEnd {
            let (word, start) = (element >> 6 & 3, element & 63)
            let count = min(64 - start, groupEnd - element)
            let first = element - elements.lowerBound
            let (mask, shift): (UInt32, UInt32) =
                short == nil ? (0x7fff_ffff, 1) : (0xffff, element & 256 == 0 ? 0 : 16)
            let words = draws.words.span.extracting((64 * word + start)..<(64 * word + start + count))
            loops.keep(
                &values,
                from: first,
                drawn: words,
                shift: shift,
                mask: mask,
                below: limit,
                times: factor
            )
            element += count
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
    var draws = Draws()
    var element = elements.lowerBound
    while element < elements.upperBound {
        generator.draw(group: UInt64(element >> 8), into: &draws)
        let groupEnd = min(element | 255, elements.upperBound - 1) + 1
        while element < groupEnd {
            let (word, start) = (element >> 6 & 3, element & 63)
            let count = min(64 - start, groupEnd - element)
            let first = element - elements.lowerBound
            let words = draws.words.span.extracting((64 * word + start)..<(64 * word + start + count))
            for i in 0..<count {
                let probability = probabilities[first &+ i]
                let value = values[first &+ i]
                // The upper 24 bits of a draw are a `Float` without rounding.
                let draw = Float(Int32(truncatingIfNeeded: words[i] >> 8)) * 0x1p-24
                let kept = divides ? value / probability : value
                values[first &+ i] = draw < probability ? kept : 0
            }
            element += count
        }
    }
}
