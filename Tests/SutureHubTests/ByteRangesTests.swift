import SutureHub
import SutureTestSupport
import Testing

@Suite("Ranges that are here")
struct ByteRangesTests {
    @Test("are what a set of bytes says, whatever is put in and taken out")
    func likeASet() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            var (ranges, bytes) = (ByteRanges(), Set<Int>())
            for _ in 0..<20 {
                let start = Int.random(in: 0..<60, using: &random)
                let range = start..<start + Int.random(in: 0..<12, using: &random)
                if Bool.random(using: &random) {
                    ranges.insert(range)
                    bytes.formUnion(range)
                } else {
                    ranges.remove(range)
                    bytes.subtract(range)
                }
                #expect(Set(ranges.ranges.flatMap(Array.init)) == bytes)
                #expect(ranges.byteCount == bytes.count)
                #expect(zip(ranges.ranges, ranges.ranges.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
                let asked = start..<start + 25
                #expect(ranges.missing(in: asked).flatMap(Array.init) == asked.filter { !bytes.contains($0) })
            }
        }
    }

    @Test("become one over a gap that is small enough")
    func joined() {
        var ranges = ByteRanges()
        for range in [0..<10, 12..<20, 40..<50] { ranges.insert(range) }
        #expect(ranges.joined(over: 2).ranges == [0..<20, 40..<50])
    }
}
