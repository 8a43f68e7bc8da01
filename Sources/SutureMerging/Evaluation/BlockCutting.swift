import SutureTensors

/// How a tensor is cut: into chunks, whose statistics are folded in order; chunks into blocks, each read at once; and
/// blocks into tiles that stay in the first-level cache.
///
/// All of it follows from the program alone, so a sum adds up the same on any machine.
struct BlockCutting: Sendable {
    let granule: Int
    let tileCount: Int
    let blockCount: Int
    let chunkCount: Int
    private let cuts: [Int]
    private let elementCount: Int

    /// About the floats that fit in a first-level cache beside the stored bytes.
    private static let cacheFloats = 8192

    init(_ program: MergeProgram, blockCount wanted: Int) {
        elementCount = program.elementCount
        granule = program.granule
        let fitting = min(2048, max(512, Self.cacheFloats / program.rowCount / 64 * 64))
        let whole = (max(1, elementCount) + granule - 1) / granule * granule
        tileCount = min(whole, Self.multiple(of: granule, near: fitting))
        blockCount = min(whole, Self.multiple(of: granule, near: max(1, wanted)))
        chunkCount = blockCount * 4
        cuts = program.cuts.filter { $0 > 0 && $0 < program.elementCount }.sorted()
    }

    private static func multiple(of unit: Int, near count: Int) -> Int { max(1, count / unit) * unit }

    /// The blocks that cover some elements, whole granules, none across a cut.
    func blocks(covering elements: Range<Int>) -> [Range<Int>] {
        guard !elements.isEmpty else { return [] }
        var blocks: [Range<Int>] = []
        for part in parts {
            let wanted = elements.clamped(to: part)
            guard !wanted.isEmpty else { continue }
            var start = part.lowerBound + (wanted.lowerBound - part.lowerBound) / granule * granule
            while start < wanted.upperBound {
                let end = min(start + blockCount, part.upperBound)
                let last = min(end, roundUp(wanted.upperBound - start) + start)
                blocks.append(start..<last)
                start = last
            }
        }
        return blocks
    }

    /// The tiles of a block, each of them a whole number of units.
    func tiles(of block: Range<Int>, whole unit: Int = 1) -> some Sequence<Range<Int>> {
        let step = Self.multiple(of: leastCommonMultiple(granule, unit), near: tileCount)
        return stride(from: block.lowerBound, to: block.upperBound, by: step).lazy.map { start in
            start..<min(start + step, block.upperBound)
        }
    }

    /// The chunks of a part of the tensor.
    func chunks(of elements: Range<Int>) -> [Range<Int>] {
        stride(from: elements.lowerBound, to: elements.upperBound, by: chunkCount).map {
            $0..<min($0 + chunkCount, elements.upperBound)
        }
    }

    private func roundUp(_ count: Int) -> Int { (count + granule - 1) / granule * granule }

    /// What lies between the cuts.
    private var parts: [Range<Int>] {
        zip([0] + cuts, cuts + [elementCount]).map { $0..<$1 }
    }
}

/// The least number that both divide.
func leastCommonMultiple(_ a: Int, _ b: Int) -> Int {
    var (divisor, rest) = (a, b)
    while rest > 0 { (divisor, rest) = (rest, divisor % rest) }
    return a / divisor * b
}
