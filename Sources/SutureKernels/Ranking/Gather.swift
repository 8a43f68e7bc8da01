// Elements as keys: the magnitude above, and below it the index counted down, so that a larger key comes earlier in the
// order of magnitudes, largest first and equal ones by index.

/// Two magnitudes between which a rank is looked for.
package struct MagnitudeWindow: Hashable, Sendable {
    /// The larger magnitude.
    package let upper: Int32

    /// The smaller magnitude, or −1 for none.
    package let lower: Int32

    /// Creates a window.
    ///
    /// - Precondition: `lower` is at most `upper`.
    package init(upper: UInt32, lower: UInt32?) {
        self.upper = Int32(truncatingIfNeeded: upper & 0x7fff_ffff)
        self.lower = lower.map { Int32(truncatingIfNeeded: $0 & 0x7fff_ffff) } ?? -1
        precondition(self.lower <= self.upper, "the window is upside down")
    }

    /// The window of all magnitudes.
    package static let all = MagnitudeWindow(upper: 0x7fff_ffff, lower: nil)
}

/// How many magnitudes of a block are above a window and on its edges.
package struct WindowCounts: Hashable, Sendable {
    /// How many are above the upper magnitude.
    package var above = 0

    /// How many are the upper magnitude.
    package var upper = 0

    /// How many are the lower magnitude, where it is another one.
    package var lower = 0
}

/// Counts the magnitudes of a block above a window and on its edges, and collects those inside.
///
/// - Parameters:
///   - values: The block.
///   - start: The index of its first element, below 2³².
///   - window: The window.
///   - keys: Where the keys of elements between the window's edges are added.
/// - Returns: The counts.
package func gather(
    _ values: Span<Float>,
    from start: Int,
    in window: MagnitudeWindow,
    into keys: inout [UInt64]
) -> WindowCounts {
    let (upper, lower) = (window.upper, window.lower)
    let around = loops.countAround(values, upper: upper, lower: lower)
    let counts = WindowCounts(above: around.above, upper: around.onUpper, lower: lower == upper ? 0 : around.onLower)
    // The upper magnitude has 31 bits and the lower is −1 or more, so that what lies between can be counted.
    guard lower &+ 1 < upper else { return counts }
    var places: [256 of UInt32] = InlineArray(repeating: 0)
    for piece in stride(from: 0, to: values.count, by: places.count) {
        let part = values.extracting(piece..<min(piece + places.count, values.count))
        var room = places.mutableSpan
        let found = loops.find(part, from: lower &+ 1, width: upper &- lower &- 1, into: &room)
        for place in 0..<found {
            let position = Int(places[place])
            let index = UInt32.max &- UInt32(truncatingIfNeeded: start &+ piece &+ position)
            keys.append(UInt64(magnitude(part[position])) << 32 | UInt64(index))
        }
    }
    return counts
}

/// The `rank`-th largest of some keys, counted from 1, by counting digits and never by comparing.
///
/// - Parameters:
///   - rank: Which.
///   - keys: The keys.
///   - lowest: The lowest bit that matters; of keys that differ only below it any may be returned.
/// - Returns: The key.
/// - Precondition: `rank` is between 1 and the number of keys.
package func largest(_ rank: Int, of keys: [UInt64], downTo lowest: Int = 0) -> UInt64 {
    precondition(rank >= 1 && rank <= keys.count, "no such rank")
    var candidates = keys
    var remaining = rank
    for shift in stride(from: 56, through: lowest, by: -8) {
        var counts = [Int](repeating: 0, count: 256)
        for key in candidates { counts[Int(truncatingIfNeeded: key >> UInt64(shift) & 255)] += 1 }
        var digit = 255
        while remaining > counts[digit] {
            remaining -= counts[digit]
            digit -= 1
        }
        if counts[digit] == candidates.count { continue }
        candidates.removeAll { Int(truncatingIfNeeded: $0 >> UInt64(shift) & 255) != digit }
        if candidates.count == 1 { break }
    }
    return candidates[0]
}

extension MagnitudeCut {
    /// The cut behind the element of a key.
    package init(behind key: UInt64) {
        self.init(
            magnitude: UInt32(truncatingIfNeeded: key >> 32),
            index: Int(UInt32.max &- UInt32(truncatingIfNeeded: key)) + 1
        )
    }
}
