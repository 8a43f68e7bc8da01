import SutureKernels

/// Finds ranks by counting the digits of magnitudes, in memory that does not grow with the tensor.
///
/// A first pass counts the upper digit of every magnitude, a second the lower digit of those that share the rank's upper
/// digit. Where a rank falls among equal magnitudes, a third pass counts those in each stripe, and a fourth looks through
/// one stripe for the index.
struct DigitSelection: Sendable {
    /// The most passes that so many ranks need.
    static func maximumPassCount(ranks: Int) -> Int { 3 + ranks }

    /// The bytes of counters for so many tensors and ranks.
    static func byteCount(tensors: Int, ranks: Int) -> Int {
        max(tensors * upperDigitCount, ranks * lowerDigitCount) * MemoryLayout<Int>.stride
    }

    /// One rank that is looked for.
    private struct Search: Sendable {
        let tensor: Int
        let rank: Int
        var upper: UInt32 = 0

        /// How many of the elements before the cut have the upper digit, and then the very magnitude, of the cut.
        var remaining = 0

        var magnitude: UInt32 = 0
        var equals: EqualSearch?
        var cut: MagnitudeCut?
    }

    private enum Stage: Sendable {
        case upperDigits
        case lowerDigits
        case equalsInStripes
        case equalsInStripe(search: Int)
        case done
    }

    private var searches: [Search]
    private var stage = Stage.upperDigits
    private let tensorCount: Int
    private let elementCount: Int
    private let needsIndices: Bool

    /// Looks for those ranks whose cuts are not known yet.
    init(_ searches: [MagnitudeSelection.Search], _ tensorCount: Int, _ elementCount: Int, _ needsIndices: Bool) {
        self.searches = searches.map { Search(tensor: $0.tensor, rank: $0.rank, cut: $0.cut) }
        self.tensorCount = tensorCount
        self.elementCount = elementCount
        self.needsIndices = needsIndices
    }

    /// The cuts, in the order of the ranks; complete when nothing is pending.
    var cuts: [MagnitudeCut] { searches.map { $0.cut ?? .end } }

    /// Whether the cuts are known.
    var isDone: Bool { if case .done = stage { true } else { false } }

    /// The next pass, or `nil` when the cuts are known.
    var pending: SurveyPass? {
        switch stage {
        case .upperDigits: SurveyPass(counters: tensorCount * upperDigitCount)
        case .lowerDigits: SurveyPass(counters: searches.count * lowerDigitCount)
        case .equalsInStripes: SurveyPass()
        case .equalsInStripe(let search): searches[search].equals?.pass
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
        let own = searches.enumerated().filter { $1.tensor == tensor && $1.cut == nil }
        switch stage {
        case .upperDigits:
            guard !own.isEmpty else { return }
            countUpperDigits(values, in: &statistics.counters, from: tensor * upperDigitCount)
        case .lowerDigits:
            for (index, search) in own {
                let start = index * lowerDigitCount
                countLowerDigits(values, withUpper: search.upper, in: &statistics.counters, from: start)
            }
        case .equalsInStripes:
            let row = EqualSearch.row(at: elements, width: 1 + searches.count, in: &statistics)
            for (index, search) in own {
                statistics.records[row + index + 1] += Double(count(values, ofMagnitude: search.magnitude))
            }
        case .equalsInStripe(let index):
            searches[index].equals?.survey(values, of: tensor, at: elements, adding: &statistics)
        case .done: break
        }
    }

    /// Takes what the pending pass counted.
    mutating func absorb(_ statistics: MergeStatistics) {
        switch stage {
        case .upperDigits: absorbUpperDigits(statistics.counters)
        case .lowerDigits: absorbLowerDigits(statistics.counters)
        case .equalsInStripes: absorbStripes(statistics)
        case .equalsInStripe(let index):
            searches[index].cut = searches[index].equals?.cut(statistics)
            lookInNextStripe()
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
        stage = searches.allSatisfy { $0.cut != nil } ? .done : .equalsInStripes
    }

    private mutating func absorbStripes(_ statistics: MergeStatistics) {
        for index in searches.indices where searches[index].cut == nil {
            searches[index].equals = EqualSearch(
                searches[index].remaining,
                ofMagnitude: searches[index].magnitude,
                in: searches[index].tensor,
                statistics.records,
                width: searches.count + 1,
                column: index + 1,
                elementCount: elementCount
            )
        }
        lookInNextStripe()
    }

    private mutating func lookInNextStripe() {
        let next = searches.firstIndex { $0.cut == nil }
        stage = next.map { .equalsInStripe(search: $0) } ?? .done
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
