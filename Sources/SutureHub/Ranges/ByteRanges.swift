/// Stretches of a file, sorted, apart from each other and none of them empty.
package struct ByteRanges: Hashable, Sendable {
    /// The stretches.
    package private(set) var ranges: [Range<Int>] = []

    /// Has none yet.
    package init() {}

    /// The bytes in them.
    package var byteCount: Int { ranges.reduce(0) { $0 + $1.count } }

    /// Adds a stretch; what it touches becomes one with it.
    package mutating func insert(_ range: Range<Int>) {
        guard !range.isEmpty else { return }
        // The usual case is a stretch after all others.
        let first = firstIndex(endingAtOrAfter: range.lowerBound)
        var last = first
        var merged = range
        while last < ranges.count, ranges[last].lowerBound <= range.upperBound {
            merged = min(merged.lowerBound, ranges[last].lowerBound)..<max(merged.upperBound, ranges[last].upperBound)
            last += 1
        }
        ranges.replaceSubrange(first..<last, with: [merged])
    }

    /// Takes a stretch out.
    package mutating func remove(_ range: Range<Int>) {
        guard !range.isEmpty else { return }
        ranges = ranges.flatMap { known in
            guard known.overlaps(range) else { return [known] }
            return [
                known.lowerBound..<max(known.lowerBound, range.lowerBound),
                min(known.upperBound, range.upperBound)..<known.upperBound,
            ].filter { !$0.isEmpty }
        }
    }

    /// The parts of a stretch that are in none of them, in order.
    package func missing(in range: Range<Int>) -> [Range<Int>] {
        var result: [Range<Int>] = []
        var place = range.lowerBound
        var index = firstIndex(endingAtOrAfter: place)
        while place < range.upperBound, index < ranges.count, ranges[index].lowerBound < range.upperBound {
            if ranges[index].lowerBound > place { result.append(place..<ranges[index].lowerBound) }
            place = max(place, ranges[index].upperBound)
            index += 1
        }
        if place < range.upperBound { result.append(place..<range.upperBound) }
        return result
    }

    /// The stretch that holds a byte.
    package func range(holding place: Int) -> Range<Int>? {
        let index = firstIndex(endingAtOrAfter: place + 1)
        return index < ranges.count && ranges[index].contains(place) ? ranges[index] : nil
    }

    /// The same with what lies between neighbours that are no farther apart than a gap.
    package func joined(over gap: Int) -> ByteRanges {
        var result = ByteRanges()
        for range in ranges {
            if let last = result.ranges.last, range.lowerBound - last.upperBound <= gap {
                result.ranges[result.ranges.count - 1] = last.lowerBound..<range.upperBound
            } else {
                result.ranges.append(range)
            }
        }
        return result
    }

    private func firstIndex(endingAtOrAfter place: Int) -> Int {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < place { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
