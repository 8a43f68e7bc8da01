import SutureAnalysis
import Testing

@Suite("Laying layers side by side")
struct LayerAlignmentTests {
    /// How alike layers are where those of `origins` are copies and all others strangers.
    private func likeness(_ origins: [Int?], depth: Int, of copy: Double = 0.98) -> [[Double]] {
        origins.map { origin in (0..<depth).map { $0 == origin ? copy : 0.02 } }
    }

    @Test(
        "follows stacks, repeats, prunings and strangers",
        arguments: [
            [0, 1, 2, 3], [0, 1, 2, 1, 2, 3], [0, 3], [0, 0, 1, 1, 2, 2], [2, 1, 0], [0, 1, nil, 2, 3], [nil, nil], [3],
        ] as [[Int?]]
    )
    func follows(origins: [Int?]) {
        let alignment = LayerAlignment(likeness: likeness(origins, depth: 4))
        #expect(alignment.origins == origins)
        #expect(zip(origins, alignment.likeness).allSatisfy { $1 == ($0 == nil ? 0.02 : 0.98) })
    }

    @Test("goes on where two layers are alike")
    func goesOn() {
        // Layer 2 of the first is nearly layer 1; a copy of both in their order is told as such.
        let rows = [[1, 0, 0], [0, 0.97, 0.98], [0, 0.96, 0.97]] as [[Double]]
        #expect(LayerAlignment(likeness: rows).origins == [0, 1, 2])
    }

    @Test("of a model without layers is empty")
    func empty() {
        #expect(LayerAlignment(likeness: []).origins.isEmpty)
        #expect(LayerAlignment(likeness: [[], []]).origins == [nil, nil])
    }
}
