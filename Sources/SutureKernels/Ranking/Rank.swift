/// Memory for ranking rows, kept between calls.
package struct RankMemory: Sendable {
    fileprivate var order: [UInt32] = []
    fileprivate var other: [UInt32] = []
    fileprivate var counts: [Int] = Array(repeating: 0, count: 3 * 2048)

    /// Creates the memory.
    package init() {}
}

/// Ranks the numbers of a row by magnitude, smallest first, from 0; equal magnitudes keep their order.
///
/// Three counting passes over 11 bits each, never a comparison.
///
/// - Parameters:
///   - values: The row; at most 2³² − 1 numbers.
///   - ranks: Where the ranks go; exact up to 2²⁴.
///   - start: The first rank to write.
///   - memory: Memory to work in.
/// - Precondition: `ranks` holds as many numbers as the row from `start` on.
package func rankMagnitudes(
    _ values: Span<Float>,
    into ranks: inout MutableSpan<Float>,
    from start: Int,
    _ memory: inout RankMemory
) {
    precondition(start >= 0 && ranks.count - start >= values.count, "too little room for the ranks")
    precondition(values.count <= Int(UInt32.max), "the row is too long to rank")
    for i in memory.counts.indices { memory.counts[i] = 0 }
    for i in values.indices {
        let bits = Int(magnitude(values[i]))
        memory.counts[bits & 2047] += 1
        memory.counts[2048 + (bits >> 11 & 2047)] += 1
        memory.counts[4096 + (bits >> 22)] += 1
    }
    for digit in 0..<3 {
        var total = 0
        for value in 0..<2048 {
            let count = memory.counts[digit * 2048 + value]
            memory.counts[digit * 2048 + value] = total
            total += count
        }
    }
    if memory.order.count < values.count {
        memory.order = Array(repeating: 0, count: values.count)
        memory.other = Array(repeating: 0, count: values.count)
    }
    for i in values.indices {
        let digit = Int(magnitude(values[i]) & 2047)
        memory.order[memory.counts[digit]] = UInt32(truncatingIfNeeded: i)
        memory.counts[digit] += 1
    }
    for position in values.indices {
        let element = memory.order[position]
        let digit = 2048 + Int(magnitude(values[Int(element)]) >> 11 & 2047)
        memory.other[memory.counts[digit]] = element
        memory.counts[digit] += 1
    }
    for position in values.indices {
        let element = Int(memory.other[position])
        let digit = 4096 + Int(magnitude(values[element]) >> 22)
        ranks[start + element] = Float(memory.counts[digit])
        memory.counts[digit] += 1
    }
}
