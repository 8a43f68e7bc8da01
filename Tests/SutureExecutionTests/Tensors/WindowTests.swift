@testable import SutureExecution
import SuturePlanning
import SutureTensors
import SutureTestSupport
import Testing

@Suite("Windows")
struct WindowTests {
    @Test(
        "cover every byte of every stretch once, in order",
        arguments: [
            [0..<1], [0..<10], [0..<4096], [0..<4097, 0..<1, 0..<8192], [0..<0, 0..<5, 7..<7, 0..<12_288, 0..<0],
            [4096..<8192], [4095..<8193], [5..<6, 4000..<4100, 8000..<20_000],
        ],
        [1, 7, 4096]
    )
    func coverAll(stretches: [Range<Int>], size: Int) {
        let grid = WindowGrid(stretches, windowByteCount: size)

        var ends = stretches.map(\.lowerBound)
        for window in (0..<grid.count).map({ grid[$0] }) {
            let stretch = stretches[window.stretch]
            #expect(window.range.lowerBound == ends[window.stretch])
            #expect(window.range.lowerBound % size == 0 || window.range.lowerBound == stretch.lowerBound)
            #expect(window.range.upperBound % size == 0 || window.range.upperBound == stretch.upperBound)
            #expect((1...size).contains(window.range.count))
            ends[window.stretch] = window.range.upperBound
        }
        #expect(ends == stretches.map(\.upperBound))
        for number in stretches.indices {
            #expect(grid.windows(of: number).allSatisfy { grid[$0].stretch == number })
            guard !stretches[number].isEmpty else { continue }
            #expect(grid.windows(of: stretches[number], in: number) == grid.windows(of: number))
        }
    }

    @Test("find few long stretches: neighbours in the source that stay neighbours are one")
    func mergeNeighbours() throws {
        try Workbench.with(.llama(layers: 4)) { bench in
            let plan = try bench.stack([0, 1, 2, 1, 2, 3])
            let map = ShardMap(plan.shards[0], of: plan, files: SourceNumbering(plan))

            // The header; embedding and layers 0 to 2; layers 1 to 3 with norm and head.
            #expect(map.segments.count == 3)
            #expect(map.segments.last?.range.upperBound == map.byteCount)
        }
    }

    @Test("cut stretches where they end", arguments: [1, 100, 4096, 1_000_000])
    func cutSegments(size: Int) throws {
        try Workbench.with(.llama(layers: 3)) { bench in
            let plan = try bench.stack([2, 0, 1])
            let map = ShardMap(plan.shards[0], of: plan, files: SourceNumbering(plan))
            var whole: [ShardMap.Segment] = []
            for start in stride(from: 0, to: map.byteCount, by: size) {
                let range = start..<min(start + size, map.byteCount)
                let parts = map.segments(in: range)
                #expect(parts.first?.range.lowerBound == range.lowerBound)
                #expect(parts.last?.range.upperBound == range.upperBound)
                whole += parts
            }
            var end = 0
            for part in whole {
                #expect(part.range.lowerBound == end)
                end = part.range.upperBound
                if case .extent(let file, let offset) = part.content {
                    let segment = try #require(map.segments.first { $0.range.overlaps(part.range) })
                    guard case .extent(file, let first) = segment.content else {
                        Issue.record("a part of another kind than its whole")
                        continue
                    }
                    #expect(offset - first == part.range.lowerBound - segment.range.lowerBound)
                }
            }
        }
    }

    @Test("leave out what is shared")
    func leaveOutShared() {
        var shared = SharedBlocks(stretchCount: 2)
        shared.add(4096..<8192, ofStretch: 1)
        shared.add(12_288..<40_960, ofStretch: 1)

        #expect(shared.rangesToWrite(in: 0..<16_384, ofStretch: 0) == [0..<16_384])
        #expect(shared.rangesToWrite(in: 0..<16_384, ofStretch: 1) == [0..<4096, 8192..<12_288])
        #expect(shared.rangesToWrite(in: 16_384..<32_768, ofStretch: 1) == [])
        #expect(shared.rangesToWrite(in: 32_768..<50_000, ofStretch: 1) == [40_960..<50_000])
        #expect(shared.byteCount == 32_768)
    }

    @Test("share whole blocks only, and where source and output agree")
    func shareBlocks() {
        func candidate(_ range: Range<Int>, from offset: Int) -> Range<Int>? {
            SharedBlocks.candidate(ShardMap.Segment(range: range, content: .extent(file: 0, offset: offset)))?.range
        }
        #expect(candidate(4096..<1_000_000, from: 8192) == 4096..<999_424)
        #expect(candidate(5000..<1_000_000, from: 5000 + 4096) == 8192..<999_424)
        #expect(candidate(5000..<1_000_000, from: 5008) == nil)
        #expect(candidate(4096..<8192, from: 4096) == nil, "too short to be worth a fragment")
    }
}
