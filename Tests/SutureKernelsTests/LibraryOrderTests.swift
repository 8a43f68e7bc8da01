import SutureKernels
import Testing

/// What torch 2.6 leaves in front was noted down once, as a checksum of the indices (sorted, `h = 31h + index + 1`
/// modulo 1000003); no torch is needed here.
@Suite("The order in which torch leaves equal elements")
struct LibraryOrderTests {
    /// Numbers by a formula, with many equals; the organ's rise and fall drive the sort to its heap.
    enum Kind {
        case mixed
        case equal
        case organ
        case rising
    }

    struct Case: CustomTestStringConvertible {
        let kind: Kind
        let count: Int
        let levels: Int
        let kept: Int

        /// Of `argsort(descending=True)[:kept]`, `argsort()[-kept:]` and `topk(kept)`.
        let descending: Int
        let ascending: Int
        let selected: Int

        init(_ kind: Kind, _ numbers: Int...) {
            self.kind = kind
            (count, levels, kept) = (numbers[0], numbers[1], numbers[2])
            (descending, ascending, selected) = (numbers[3], numbers[4], numbers[5])
        }

        var testDescription: String { "\(kept) of \(count) \(kind)" }

        var values: [Float] {
            (0..<count).map { i in
                switch kind {
                case .mixed: Float((i * i % 7919 * 31 + i) % levels)
                case .equal: 3
                case .organ: Float(min(i, count - 1 - i) / levels)
                case .rising: Float(i / levels)
                }
            }
        }

        /// A key for each number: its bits, or those counted down, above its index.
        func keys(ascending: Bool = false) -> [UInt64] {
            values.enumerated().map { index, value in
                UInt64(ascending ? magnitude(value) ^ 0x7fff_ffff : magnitude(value)) << 32 | UInt64(index)
            }
        }
    }

    private func checksum(_ keys: some Sequence<UInt64>) -> Int {
        keys.map { Int($0 & 0xffff_ffff) }.sorted().reduce(0) { (31 * $0 + $1 + 1) % 1_000_003 }
    }

    @Test("is found for a part of a sorted tensor", arguments: cases)
    func sorted(_ example: Case) {
        var order = LibraryOrder(example.keys())
        order.sort(around: [example.kept])
        #expect(checksum(order.keys.prefix(example.kept)) == example.descending)
        order = LibraryOrder(example.keys(ascending: true))
        order.sort(around: [example.count - example.kept, example.count])
        #expect(checksum(order.keys.suffix(example.kept)) == example.ascending)
    }

    @Test("is found for the largest of a tensor", arguments: cases)
    func selected(_ example: Case) {
        var order = LibraryOrder(example.keys())
        order.select(example.kept)
        #expect(checksum(order.keys.prefix(example.kept)) == example.selected)
    }

    @Test("loses no key and puts the larger in front", arguments: cases)
    func complete(_ example: Case) {
        var order = LibraryOrder(example.keys())
        order.sort(around: Array(1..<example.count))
        #expect(order.keys.sorted() == example.keys().sorted())
        #expect(zip(order.keys, order.keys.dropFirst()).allSatisfy { $0 >> 32 >= $1 >> 32 })
    }

    static let cases: [Case] = [
        Case(.mixed, 16, 3, 1, 2, 14, 8),
        Case(.mixed, 16, 3, 5, 4034, 4034, 4034),
        Case(.mixed, 16, 3, 9, 365619, 26718, 608671),
        Case(.mixed, 16, 3, 15, 123031, 693708, 207417),
        Case(.mixed, 17, 3, 1, 2, 2, 14),
        Case(.mixed, 17, 3, 5, 96386, 4034, 96386),
        Case(.mixed, 17, 3, 9, 692273, 443354, 649836),
        Case(.mixed, 17, 3, 16, 504902, 504902, 344217),
        Case(.mixed, 1000, 7, 1, 292, 282, 128),
        Case(.mixed, 1000, 7, 10, 742202, 283590, 446903),
        Case(.mixed, 1000, 7, 333, 284162, 680084, 722634),
        Case(.mixed, 1000, 7, 501, 119203, 493884, 306405),
        Case(.mixed, 1000, 7, 999, 537669, 576231, 889218),
        Case(.mixed, 5000, 64, 1, 4231, 355, 113),
        Case(.mixed, 5000, 64, 50, 664199, 76541, 705530),
        Case(.mixed, 5000, 64, 1666, 228007, 945041, 24522),
        Case(.mixed, 5000, 64, 2501, 245039, 620164, 210138),
        Case(.mixed, 5000, 64, 4999, 404541, 97259, 677286),
        Case(.equal, 300, 1, 1, 197, 96, 1),
        Case(.equal, 300, 1, 3, 195878, 95361, 1026),
        Case(.equal, 300, 1, 100, 294024, 356692, 60183),
        Case(.equal, 300, 1, 151, 616311, 217474, 96320),
        Case(.equal, 300, 1, 299, 311578, 548442, 864231),
        Case(.organ, 4096, 5, 1, 2046, 2051, 2046),
        Case(.organ, 4096, 5, 40, 818415, 622005, 200844),
        Case(.organ, 4096, 5, 1365, 958400, 852720, 695545),
        Case(.organ, 4096, 5, 2049, 397760, 936205, 395776),
        Case(.organ, 4096, 5, 4095, 442081, 442081, 53239),
        Case(.organ, 2000, 1, 1, 1000, 1001, 1000),
        Case(.organ, 2000, 1, 20, 35879, 35879, 35879),
        Case(.organ, 2000, 1, 666, 791942, 791942, 791942),
        Case(.organ, 2000, 1, 1001, 417359, 417359, 417359),
        Case(.organ, 2000, 1, 1999, 689634, 711923, 689634),
        Case(.rising, 3000, 9, 1, 3000, 3000, 2998),
        Case(.rising, 3000, 9, 30, 343795, 343795, 343795),
        Case(.rising, 3000, 9, 1000, 491557, 705821, 50498),
        Case(.rising, 3000, 9, 1501, 342235, 509415, 795064),
        Case(.rising, 3000, 9, 2999, 498754, 681215, 124600),
    ]
}
