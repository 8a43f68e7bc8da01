// The magnitude of a `Float` as 31 bits orders numbers as their absolute values are ordered, NaN last. The upper 15
// bits (the exponent and 7 bits of fraction) and the lower 16 make two digits, so that any rank of any number of
// elements is found exactly in two counting passes.

/// The bits of a number without its sign; they order numbers by absolute value.
package func magnitude(_ value: Float) -> UInt32 { value.bitPattern & 0x7fff_ffff }

/// The number of values of a magnitude's upper digit.
package let upperDigitCount = 1 << 15

/// The number of values of a magnitude's lower digit.
package let lowerDigitCount = 1 << 16

/// Counts the upper digits of the magnitudes of a block.
///
/// - Parameters:
///   - values: The numbers.
///   - counters: Where to count.
///   - start: The counter of digit 0; `upperDigitCount` counters are there.
package func countUpperDigits(_ values: Span<Float>, in counters: inout [Int], from start: Int) {
    precondition(start >= 0 && start + upperDigitCount <= counters.count, "too few counters")
    var counters = counters.mutableSpan
    for i in 0..<values.count {
        // A digit has 15 bits, for all of which there are counters.
        let digit = Int(truncatingIfNeeded: magnitude(unsafe values[unchecked: i]) >> 16)
        unsafe counters[unchecked: start &+ digit] &+= 1
    }
}

/// Counts the lower digits of those magnitudes of a block whose upper digit is `upper`.
///
/// - Parameters:
///   - values: The numbers.
///   - upper: The upper digit.
///   - counters: Where to count.
///   - start: The counter of digit 0; `lowerDigitCount` counters are there.
package func countLowerDigits(
    _ values: Span<Float>,
    withUpper upper: UInt32,
    in counters: inout [Int],
    from start: Int
) {
    precondition(start >= 0 && start + lowerDigitCount <= counters.count, "too few counters")
    var counters = counters.mutableSpan
    for i in 0..<values.count {
        let bits = magnitude(unsafe values[unchecked: i])
        if bits >> 16 == upper { unsafe counters[unchecked: start &+ Int(bits & 0xffff)] &+= 1 }
    }
}

/// How many numbers of a block have exactly that magnitude.
package func count(_ values: Span<Float>, ofMagnitude wanted: UInt32) -> Int {
    var found: UInt32 = 0
    // A check of each index, or a branch, would keep the loop from vectorising.
    for i in 0..<values.count {
        let other = magnitude(unsafe values[unchecked: i]) ^ wanted
        found &+= ~other & (other &- 1) >> 31
    }
    return Int(found)
}

/// Where in a block the `ordinal`-th number of exactly that magnitude lies, counted from 0, or `nil`.
package func index(of ordinal: Int, in values: Span<Float>, ofMagnitude wanted: UInt32) -> Int? {
    var left = ordinal
    for i in values.indices where magnitude(values[i]) == wanted {
        if left == 0 { return i }
        left -= 1
    }
    return nil
}

/// A place in the order of a tensor's elements by magnitude, largest first, equal ones by index.
///
/// It splits the elements in two: those before it and those from it on.
package struct MagnitudeCut: Hashable, Sendable {
    /// Larger magnitudes are before the cut.
    package let magnitude: UInt32

    /// Elements of exactly that magnitude are before the cut if their index is below this one.
    package let index: Int

    /// Creates a cut.
    package init(magnitude: UInt32, index: Int) {
        self.magnitude = magnitude
        self.index = index
    }

    /// The cut before all elements.
    package static let start = MagnitudeCut(magnitude: 0x7fff_ffff, index: 0)

    /// The cut behind all elements.
    package static let end = MagnitudeCut(magnitude: 0, index: .max)

    /// The least magnitude that is before the cut for a whole block, or `nil` where the cut's index lies inside.
    fileprivate func least(in elements: Range<Int>) -> Int32? {
        if index >= elements.upperBound { return Int32(bitPattern: magnitude) }
        if index <= elements.lowerBound { return Int32(bitPattern: magnitude &+ 1) }
        return nil
    }
}

/// Sets to zero what is not between two cuts, and multiplies the rest by a factor.
///
/// - Parameters:
///   - values: A block of a tensor.
///   - elements: Which elements of the tensor they are.
///   - from: The first cut; what is before it becomes zero.
///   - to: The second cut; what is not before it becomes zero.
///   - factor: What the rest is multiplied by.
package func keep(
    _ values: inout MutableSpan<Float>,
    at elements: Range<Int>,
    from: MagnitudeCut = .start,
    to: MagnitudeCut,
    times factor: Float = 1
) {
    precondition(values.count == elements.count, "the block has another length")
    var start = 0
    // At most two indices lie inside the block; between them each cut is one comparison.
    let inner = [from.index, to.index].filter { $0 > elements.lowerBound && $0 < elements.upperBound }.sorted()
    for end in inner.map({ $0 - elements.lowerBound }) + [values.count] where end > start {
        let part = (elements.lowerBound + start)..<(elements.lowerBound + end)
        loops.keep(
            &values,
            in: start..<end,
            below: limit(from.least(in: part)),
            from: limit(to.least(in: part)),
            times: factor
        )
        start = end
    }
}

/// A magnitude as a limit: one of 0x7fff_ffff plus one has wrapped to a negative number, and only NaN could be so large.
private func limit(_ magnitude: Int32?) -> Int32 {
    let magnitude = magnitude ?? 0
    return magnitude < 0 ? .max : magnitude
}

/// Sets to zero what belongs to keys that are not before a cut.
///
/// - Parameters:
///   - values: A block of a tensor.
///   - elements: Which elements of the tensor they are.
///   - keys: The numbers whose magnitudes are ordered; as long as the block.
///   - cut: What is before it is kept.
package func keep(
    _ values: inout MutableSpan<Float>,
    at elements: Range<Int>,
    keys: Span<Float>,
    to cut: MagnitudeCut
) {
    precondition(values.count == elements.count && keys.count == values.count, "spans differ in length")
    for i in values.indices {
        let bits = magnitude(keys[i])
        let isKept = bits > cut.magnitude || (bits == cut.magnitude && elements.lowerBound &+ i < cut.index)
        values[i] = isKept ? values[i] : 0
    }
}
