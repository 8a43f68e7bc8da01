package import SutureKernels

/// Finds, exactly, where given ranks lie in the order of a tensor's elements by magnitude, for several tensors at once.
///
/// Largest first, equal magnitudes by index. A sample says between which two magnitudes a rank must lie. One pass counts
/// what is above them and what is equal to them, of which there may be much, and collects what lies between, which is
/// little. Where the rank falls on one of the two, a look through one stripe finds the index. Where the sample misled,
/// digits are counted (``DigitSelection``), with memory that does not grow with the tensor.
package struct MagnitudeSelection: Sendable {
    /// The most passes that so many ranks need.
    package static func maximumPassCount(ranks: Int) -> Int {
        2 + ranks + DigitSelection.maximumPassCount(ranks: ranks)
    }

    /// The bytes of counters for so many tensors and ranks.
    package static func byteCount(tensors: Int, ranks: Int) -> Int {
        DigitSelection.byteCount(tensors: tensors, ranks: ranks)
    }

    /// The bytes of the magnitudes that a pass collects between the windows of so many ranks.
    package static func collectedByteCount(ranks: Int, elementCount: Int) -> Int {
        guard ranks > 0, elementCount <= windowedCount else { return 0 }
        var count = elementCount
        if elementCount > collectedCount {
            let sample = Double(runCount(elementCount) * runLength)
            count = Int(min(1, 2 * slack(sample) / sample) * Double(elementCount))
        }
        // A list that grows has room for twice as many; one of them is copied while it grows or is searched.
        return (ranks + 1) * count * 2 * MemoryLayout<UInt64>.stride
    }

    /// The bytes of the magnitudes that a pass collects, as long as no cut has been found.
    package var collectedByteCount: Int {
        Self.collectedByteCount(ranks: searches.count { $0.cut == nil }, elementCount: elementCount)
    }

    /// Many times the deviation of a sampled rank, for neighbours are more alike than strangers.
    private static func slack(_ sample: Double) -> Double { 8 * max(4, sample.squareRoot() / 2) }

    /// The runs of the sample of a tensor.
    private static func runCount(_ elementCount: Int) -> Int { min(runLimit, elementCount / (32 * runLength)) }

    /// One rank that is looked for.
    struct Search: Sendable {
        /// Which of the tensors.
        let tensor: Int

        /// How many elements are before the cut.
        let rank: Int

        var window = MagnitudeWindow.all
        var equals: EqualSearch?
        var cut: MagnitudeCut?
    }

    private enum Stage: Sendable {
        case sample
        case window
        case equals(search: Int)
        case digits(DigitSelection)
        case done
    }

    /// Tensors of no more elements are collected whole.
    private static let collectedCount = 1 << 16

    /// Tensors of more elements are counted by digits, since even a narrow window would hold too many.
    private static let windowedCount = 1 << 26

    /// The elements of one run of the sample, and the most runs.
    private static let runLength = 64
    private static let runLimit = 1024

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
    ///   - needsIndices: Whether equal magnitudes are told apart; without it a cut's magnitude is that of its rank.
    package init(ranks: [(tensor: Int, rank: Int)], tensorCount: Int, elementCount: Int, needsIndices: Bool = true) {
        self.tensorCount = tensorCount
        self.elementCount = elementCount
        self.needsIndices = needsIndices
        searches = ranks.map { tensor, rank in
            var search = Search(tensor: tensor, rank: rank)
            if rank <= 0 { search.cut = .start } else if needsIndices, rank >= elementCount { search.cut = .end }
            return search
        }
        stage = .done
        guard searches.contains(where: { $0.cut == nil }) else { return }
        if elementCount > Self.windowedCount {
            stage = .digits(DigitSelection(searches, tensorCount, elementCount, needsIndices))
        } else {
            stage = elementCount > Self.collectedCount ? .sample : .window
        }
    }

    /// The cuts, in the order of the ranks; complete when nothing is pending.
    package var cuts: [MagnitudeCut] { searches.map { $0.cut ?? .end } }

    /// Whether the cuts are known.
    package var isDone: Bool { if case .done = stage { true } else { false } }

    /// The next pass, or `nil` when the cuts are known.
    package var pending: SurveyPass? {
        switch stage {
        case .sample: SurveyPass(lists: searches.count, over: sampledRuns)
        case .window: SurveyPass(sums: searches.count + 1, lists: searches.count)
        case .equals(let search): searches[search].equals?.pass
        case .digits(let selection): selection.pending
        case .done: nil
        }
    }

    /// Runs of elements all over the tensor, at places that no row length divides evenly.
    private var sampledRuns: [Range<Int>] {
        let count = Self.runCount(elementCount)
        let spacing = Double(elementCount) / Double(count)
        return (0..<count).map { run in
            // Multiples of the golden ratio, whose fractions are spread evenly.
            let shift = Double(UInt32(truncatingIfNeeded: run) &* 0x9e37_79b9) * 0x1p-32
            let start = Int((Double(run) + shift) * spacing)
            return min(start, elementCount - Self.runLength)..<min(start + Self.runLength, elementCount)
        }
    }

    /// Looks at one block of one tensor; a block's tensors come in their order.
    package func survey(
        _ values: Span<Float>,
        of tensor: Int,
        at elements: Range<Int>,
        adding statistics: inout MergeStatistics
    ) {
        switch stage {
        case .sample:
            // Where blocks are whole rows they are longer than the run; it is taken from somewhere in them.
            let spare = max(0, values.count - Self.runLength)
            let shift = spare == 0 ? 0 : (elements.lowerBound &* 0x9e37_79b9 & 0x7fff_ffff) % spare
            let run = values.extracting(shift..<min(shift + Self.runLength, values.count))
            for (index, search) in searches.enumerated() where search.tensor == tensor && search.cut == nil {
                _ = gather(run, from: elements.lowerBound, in: .all, into: &statistics.lists[index])
            }
        case .window:
            let row = EqualSearch.row(at: elements, width: 1 + 2 * searches.count, in: &statistics)
            for (index, search) in searches.enumerated() where search.tensor == tensor && search.cut == nil {
                guard statistics.lists[index].count <= Self.collectedCount else {
                    statistics.sums[searches.count] = 1
                    continue
                }
                let counts = gather(
                    values,
                    from: elements.lowerBound,
                    in: search.window,
                    into: &statistics.lists[index]
                )
                statistics.sums[index] += Double(counts.above)
                statistics.records[row + 1 + 2 * index] += Double(counts.upper)
                statistics.records[row + 2 + 2 * index] += Double(counts.lower)
            }
        case .equals(let index):
            searches[index].equals?.survey(values, of: tensor, at: elements, adding: &statistics)
        case .digits(let selection): selection.survey(values, of: tensor, at: elements, adding: &statistics)
        case .done: break
        }
    }

    /// Takes what the pending pass found.
    package mutating func absorb(_ statistics: MergeStatistics) {
        switch stage {
        case .sample:
            for index in searches.indices where searches[index].cut == nil {
                searches[index].window = window(of: searches[index].rank, in: statistics.lists[index])
            }
            stage = .window
        case .window:
            let isWhole = statistics.sums[searches.count] == 0
            for index in searches.indices where searches[index].cut == nil && isWhole {
                resolve(index, statistics)
            }
            continueWithEquals()
        case .equals(let index):
            searches[index].cut = searches[index].equals?.cut(statistics)
            searches[index].equals = nil
            continueWithEquals()
        case .digits(var selection):
            selection.absorb(statistics)
            stage = .digits(selection)
            guard selection.isDone else { return }
            for (index, cut) in selection.cuts.enumerated() { searches[index].cut = cut }
            stage = .done
        case .done: break
        }
    }

    /// Takes the next rank that fell on an edge of its window, or counts digits for those that missed it.
    private mutating func continueWithEquals() {
        if let next = searches.firstIndex(where: { $0.equals != nil }) {
            stage = .equals(search: next)
        } else if searches.allSatisfy({ $0.cut != nil }) {
            stage = .done
        } else {
            stage = .digits(DigitSelection(searches, tensorCount, elementCount, needsIndices))
        }
    }

    /// Finds a rank above, between or on the edges of its window, or leaves it unknown.
    private mutating func resolve(_ index: Int, _ statistics: MergeStatistics) {
        let width = 1 + 2 * searches.count
        let columns = [1 + 2 * index, 2 + 2 * index]
        let onEdges = columns.map { column in
            stride(from: column, to: statistics.records.count, by: width).reduce(0) { $0 + Int(statistics.records[$1]) }
        }
        let window = searches[index].window
        let keys = statistics.lists[index]
        var rank = searches[index].rank - Int(statistics.sums[index])
        guard rank >= 1 else { return }
        if rank > onEdges[0], rank <= onEdges[0] + keys.count {
            searches[index].cut = MagnitudeCut(behind: largest(rank - onEdges[0], of: keys))
            return
        }
        let edge = rank <= onEdges[0] ? 0 : 1
        let magnitude = UInt32(bitPattern: edge == 0 ? window.upper : window.lower)
        if edge == 1 { rank -= onEdges[0] + keys.count }
        guard rank <= onEdges[edge] else { return }
        // All elements of the magnitude are before the cut, or it does not matter which.
        guard rank < onEdges[edge], magnitude != 0, needsIndices else {
            searches[index].cut = MagnitudeCut(magnitude: magnitude, index: .max)
            return
        }
        searches[index].equals = EqualSearch(
            rank,
            ofMagnitude: magnitude,
            in: searches[index].tensor,
            statistics.records,
            width: width,
            column: columns[edge],
            elementCount: elementCount
        )
    }

    /// The magnitudes between which a rank of the tensor surely lies, going by a sample.
    private func window(of rank: Int, in sample: [UInt64]) -> MagnitudeWindow {
        guard !sample.isEmpty else { return .all }
        let place = Double(rank) / Double(elementCount) * Double(sample.count)
        let slack = Self.slack(Double(sample.count))
        let first = Int(place - slack)
        let last = Int(place + slack)
        return MagnitudeWindow(
            upper: first < 1 ? 0x7fff_ffff : UInt32(largest(first, of: sample, downTo: 32) >> 32),
            lower: last > sample.count ? nil : UInt32(largest(last, of: sample, downTo: 32) >> 32)
        )
    }
}
