import SutureKernels
import Testing

@Suite("Order by magnitude")
struct MagnitudeTests {
    /// Numbers with many ties, both signs, zeros and subnormals.
    static let values: [Float] = (0..<1000).map { i in
        let value = Float(i * 7919 % 101 - 50) * (i % 3 == 0 ? 0x1p-130 : 0.25)
        return i % 5 == 0 ? -value : value
    }

    /// The elements, largest magnitude first and equal ones by index.
    static let order = values.indices.sorted { (abs(values[$0]), $1) > (abs(values[$1]), $0) }

    @Test("upper and lower digits together count every magnitude")
    func digits() {
        var counters = [Int](repeating: 0, count: 3 + upperDigitCount)
        countUpperDigits(Self.values.span, in: &counters, from: 3)
        #expect(counters.reduce(0, +) == Self.values.count)
        for upper in Set(Self.values.map { magnitude($0) >> 16 }) {
            var lower = [Int](repeating: 0, count: lowerDigitCount)
            countLowerDigits(Self.values.span, withUpper: upper, in: &lower, from: 0)
            #expect(lower.reduce(0, +) == counters[3 + Int(upper)])
        }
    }

    @Test("keeps what lies between two cuts", arguments: [(0, 10), (10, 400), (0, 1000), (333, 334), (5, 5)])
    func keepsBetweenCuts(_ from: Int, to: Int) {
        func cut(_ rank: Int) -> MagnitudeCut {
            guard rank > 0 else { return .start }
            guard rank < Self.order.count else { return .end }
            let last = Self.order[rank - 1]
            return MagnitudeCut(magnitude: magnitude(Self.values[last]), index: last + 1)
        }
        var kept = Self.values
        var span = kept.mutableSpan
        keep(&span, at: 0..<1000, from: cut(from), to: cut(to), times: 2)
        let wanted = Set(Self.order[from..<to])
        for i in kept.indices { #expect(kept[i] == (wanted.contains(i) ? Self.values[i] * 2 : 0)) }
    }

    @Test("a block of a tensor is cut where the tensor is")
    func cutsBlocks() {
        let last = Self.order[299]
        let cut = MagnitudeCut(magnitude: magnitude(Self.values[last]), index: last + 1)
        var whole = Self.values
        var wholeSpan = whole.mutableSpan
        keep(&wholeSpan, at: 0..<1000, to: cut)
        for (start, end) in [(0, 100), (100, 650), (650, 1000)] {
            var part = Array(Self.values[start..<end])
            var span = part.mutableSpan
            keep(&span, at: start..<end, to: cut)
            #expect(part == Array(whole[start..<end]))
        }
    }

    @Test("a window is counted and what is inside collected")
    func gathers() {
        let window = MagnitudeWindow(upper: magnitude(5), lower: magnitude(2))
        var keys: [UInt64] = []
        let counts = gather(Self.values.span, from: 100, in: window, into: &keys)
        #expect(counts.above == Self.values.count { abs($0) > 5 })
        #expect(counts.upper == Self.values.count { abs($0) == 5 })
        #expect(counts.lower == Self.values.count { abs($0) == 2 })
        let inside = Self.order.filter { abs(Self.values[$0]) < 5 && abs(Self.values[$0]) > 2 }
        #expect(keys.count == inside.count)
        for rank in [1, 2, inside.count / 2, inside.count] {
            let cut = MagnitudeCut(behind: largest(rank, of: keys))
            #expect(cut == MagnitudeCut(magnitude: magnitude(Self.values[inside[rank - 1]]), index: inside[rank - 1] + 101))
        }
    }

    @Test("the window of all holds everything but the largest NaN")
    func gathersAll() {
        var keys: [UInt64] = []
        _ = gather(Self.values.span, from: 0, in: .all, into: &keys)
        #expect(keys.count == Self.values.count)
        #expect(keys.sorted(by: >).map { MagnitudeCut(behind: $0).index - 1 } == Self.order)
    }

    @Test("ranks rows, smallest first, equal ones in their order", arguments: [0, 1, 2, 9, 1000])
    func ranks(_ count: Int) {
        let row = Array(Self.values[..<count])
        var ranks = [Float](repeating: -1, count: count + 5)
        var memory = RankMemory()
        var span = ranks.mutableSpan
        rankMagnitudes(row.span, into: &span, from: 3, &memory)
        let order = row.indices.sorted { (abs(row[$0]), $0) < (abs(row[$1]), $1) }
        for (rank, element) in order.enumerated() { #expect(ranks[3 + element] == Float(rank)) }
        #expect(ranks[0] == -1 && ranks[count + 4] == -1)
    }
}
