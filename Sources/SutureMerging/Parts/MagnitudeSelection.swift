import SutureKernels

/// Finds, exactly, where given ranks lie in the order of a tensor's elements by magnitude, for several tensors at once.
///
/// Largest first, equal magnitudes by index. A first pass counts the upper digit of every magnitude, a second the
/// lower digit of those that share the rank's upper digit. Where a rank falls among equal magnitudes, a third pass
/// counts those in each chunk, and a fourth looks through one chunk for the index; memory never grows with the tensor.
struct MagnitudeSelection: Sendable {
    /// The most passes that so many ranks need.
    static func maximumPassCount(ranks: Int) -> Int { 3 + ranks }

    /// The bytes of counters for so many tensors and ranks.
    static func byteCount(tensors: Int, ranks: Int) -> Int {
        max(tensors * upperDigitCount, ranks * lowerDigitCount) * MemoryLayout<Int>.stride
    }

    /// One rank that is looked for.
    private struct Search: Sendable {
        /// Which of the tensors.
        let tensor: Int

        /// How many elements are before the cut.
        let rank: Int

        var upper: UInt32 = 0

        /// How many of the elements before the cut have the upper digit, and then the very magnitude, of the cut.
        var remaining = 0

        var magnitude: UInt32 = 0
        var chunk: Range<Int> = 0..<0
        var cut: MagnitudeCut?
    }

    private enum Stage: Sendable {
        case upperDigits
        case lowerDigits
        case equalsInChunks
        case equalsInChunk(search: Int)
        case done
    }

    private var searches: [Search]
    private var stage: Stage
    private let tensorCount: Int
    private let elementCount: Int
    private let needsIndices: Bool

    /// Looks for ranks.
    ///
    /// - Parameters:
    ///   - ranks: For each cut that is wanted, the tensor and how many of its elements are before the cut.
    ///   - tensorCount: The number of tensors.
    ///   - elementCount: The number of elements of each.
    ///   - needsIndices: Whether equal magnitudes are told apart; without it a cut has the magnitude alone.
    init(ranks: [(tensor: Int, rank: Int)], tensorCount: Int, elementCount: Int, needsIndices: Bool = true) {
        self.tensorCount = tensorCount
        self.elementCount = elementCount
        self.needsIndices = needsIndices
        searches = ranks.map { tensor, rank in
            var search = Search(tensor: tensor, rank: rank)
            if rank <= 0 { search.cut = .start } else if needsIndices, rank >= elementCount { search.cut = .end }
            return search
        }
        stage = .upperDigits
        if searches.allSatisfy({ $0.cut != nil }) { stage = .done }
    }

    /// The cuts, in the order of the ranks; complete when nothing is pending.
    var cuts: [MagnitudeCut] { searches.map { $0.cut ?? .end } }

    /// The next pass, or `nil` when the cuts are known.
    var pending: SurveyPass? {
        switch stage {
        case .upperDigits: SurveyPass(counters: tensorCount * upperDigitCount)
        case .lowerDigits: SurveyPass(counters: searches.count * lowerDigitCount)
        case .equalsInChunks: SurveyPass()
        case .equalsInChunk(let search): SurveyPass(sums: 2, over: searches[search].chunk)
        case .done: nil
        }
    }

    /// Counts in one block of one tensor; a block's tensors come in their order.
    func survey(
        _ values: Span<Float>,
        of tensor: Int,
        at elements: Range<Int>,
        adding statistics: inout MergeStatistics
    ) {
        switch stage {
        case .upperDigits: countUpperDigits(values, in: &statistics.counters, from: tensor * upperDigitCount)
        case .lowerDigits:
            for (index, search) in searches.enumerated() where search.tensor == tensor && search.cut == nil {
                countLowerDigits(
                    values,
                    withUpper: search.upper,
                    in: &statistics.counters,
                    from: index * lowerDigitCount
                )
            }
        case .equalsInChunks:
            if statistics.records.isEmpty {
                statistics.records = [Double(elements.lowerBound)] + searches.map { _ in 0 }
            }
            for (index, search) in searches.enumerated() where search.tensor == tensor && search.cut == nil {
                statistics.records[index + 1] += Double(count(values, ofMagnitude: search.magnitude))
            }
        case .equalsInChunk(let index):
            let search = searches[index]
            guard search.tensor == tensor, statistics.sums[1] == 0 else { return }
            let ordinal = search.remaining - Int(statistics.sums[0])
            if let found = SutureKernels.index(of: ordinal, in: values, ofMagnitude: search.magnitude) {
                statistics.sums[1] = Double(elements.lowerBound + found + 1)
            } else {
                statistics.sums[0] += Double(count(values, ofMagnitude: search.magnitude))
            }
        case .done: break
        }
    }

    /// Takes what the pending pass counted.
    mutating func absorb(_ statistics: MergeStatistics) {
        switch stage {
        case .upperDigits: absorbUpperDigits(statistics.counters)
        case .lowerDigits: absorbLowerDigits(statistics.counters)
        case .equalsInChunks: absorbChunks(statistics)
        case .equalsInChunk(let index):
            let search = searches[index]
            // The element found is the first of its magnitude that is not before the cut.
            let found = statistics.sums[1] > 0 ? Int(statistics.sums[1]) - 1 : search.chunk.upperBound
            searches[index].cut = MagnitudeCut(magnitude: search.magnitude, index: found)
            lookInNextChunk()
        case .done: break
        }
    }

    private mutating func absorbUpperDigits(_ counters: [Int]) {
        for index in searches.indices where searches[index].cut == nil {
            let start = searches[index].tensor * upperDigitCount
            let (digit, remaining) = Self.locate(searches[index].rank, in: counters[start..<(start + upperDigitCount)])
            searches[index].upper = UInt32(digit)
            searches[index].remaining = remaining
        }
        stage = .lowerDigits
    }

    private mutating func absorbLowerDigits(_ counters: [Int]) {
        for index in searches.indices where searches[index].cut == nil {
            let start = index * lowerDigitCount
            let digits = counters[start..<(start + lowerDigitCount)]
            let (digit, remaining) = Self.locate(searches[index].remaining, in: digits)
            let magnitude = searches[index].upper << 16 | UInt32(digit)
            searches[index].magnitude = magnitude
            searches[index].remaining = remaining
            // All elements of the magnitude are before the cut, or it does not matter which.
            if remaining == digits[start + digit] || magnitude == 0 || !needsIndices {
                searches[index].cut = MagnitudeCut(magnitude: magnitude, index: .max)
            }
        }
        stage = searches.allSatisfy { $0.cut != nil } ? .done : .equalsInChunks
    }

    private mutating func absorbChunks(_ statistics: MergeStatistics) {
        let width = searches.count + 1
        let starts = Swift.stride(from: 0, to: statistics.records.count, by: width)
        for index in searches.indices where searches[index].cut == nil {
            for start in starts {
                let found = Int(statistics.records[start + 1 + index])
                // The first equal that is not before the cut is the one with this ordinal.
                guard searches[index].remaining >= found else {
                    let next = start + width
                    let first = Int(statistics.records[start])
                    let last = next < statistics.records.count ? Int(statistics.records[next]) : elementCount
                    searches[index].chunk = first..<last
                    break
                }
                searches[index].remaining -= found
            }
        }
        lookInNextChunk()
    }

    private mutating func lookInNextChunk() {
        let next = searches.firstIndex { $0.cut == nil }
        stage = next.map { .equalsInChunk(search: $0) } ?? .done
    }

    /// The digit in which the `rank`-th largest element lies, and how many of that digit are among the first `rank`.
    private static func locate(_ rank: Int, in counts: ArraySlice<Int>) -> (digit: Int, remaining: Int) {
        var remaining = rank
        for index in counts.indices.reversed() {
            guard remaining > counts[index] else { return (index - counts.startIndex, remaining) }
            remaining -= counts[index]
        }
        return (0, 0)
    }
}
