import SutureCheckpoints
import SystemPackage

/// Which stretches of the output share their blocks with a source, on file systems that can.
///
/// Blocks can be shared where source and output agree modulo the block size; header and odd ends are written.
struct SharedBlocks: Sendable {
    /// Both file systems that share blocks count them in these, or in what divides them.
    static let blockByteCount = 4096

    /// Shorter stretches are written: sharing them would only scatter the file.
    private static let least = 64 << 10

    /// For each stretch of the part the ranges that are shared, in order.
    private(set) var shared: [[Range<Int>]]

    /// The stretches whose files are links to a source's.
    private(set) var linked: Set<Int> = []

    /// The stretches whose files an earlier run had made links, and are not any more.
    private(set) var renewed: Set<Int> = []

    /// Nothing is shared yet.
    init(stretchCount: Int) {
        shared = Array(repeating: [], count: stretchCount)
    }

    /// The bytes that are shared.
    var byteCount: Int { shared.joined().reduce(0) { $0 + $1.count } }

    /// The whole blocks of a segment, where its source could share them.
    static func candidate(_ segment: ShardMap.Segment) -> (file: Int, offset: Int, range: Range<Int>)? {
        guard case .extent(let file, let offset) = segment.content else { return nil }
        let range = segment.range
        let skipped = -range.lowerBound & (blockByteCount - 1)
        guard (offset + skipped) & (blockByteCount - 1) == 0 else { return nil }
        let start = range.lowerBound + skipped
        let end = range.upperBound & ~(blockByteCount - 1)
        guard end - start >= least else { return nil }
        return (file, offset + skipped, start..<end)
    }

    /// Notes a range that comes to share its blocks; ranges come in order.
    mutating func add(_ range: Range<Int>, ofStretch stretch: Int) {
        shared[stretch].append(range)
    }

    /// Notes a stretch whose file is a link to a source's.
    mutating func addLink(_ range: Range<Int>, ofStretch stretch: Int) {
        shared[stretch] = [range]
        linked.insert(stretch)
    }

    /// Notes a stretch whose file was a link to a source's, and is another file now.
    mutating func renew(_ stretch: Int) {
        renewed.insert(stretch)
    }

    /// What of a range of a stretch is not shared and must be written.
    func rangesToWrite(in range: Range<Int>, ofStretch stretch: Int) -> [Range<Int>] {
        var result: [Range<Int>] = []
        var start = range.lowerBound
        for own in shared[stretch] where own.overlaps(range) {
            if own.lowerBound > start { result.append(start..<own.lowerBound) }
            start = max(start, own.upperBound)
        }
        if start < range.upperBound { result.append(start..<range.upperBound) }
        return result
    }
}
