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

    /// For each shard the stretches that are shared, in order.
    private(set) var shared: [[Range<Int>]]

    /// The shards that are links to a source's file.
    private(set) var linked: Set<Int> = []

    /// Nothing is shared yet.
    init(shardCount: Int) {
        shared = Array(repeating: [], count: shardCount)
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

    /// Notes a stretch that comes to share its blocks; stretches come in order.
    mutating func add(_ range: Range<Int>, ofShard shard: Int) {
        shared[shard].append(range)
    }

    /// Notes a shard that is a link to a source's file.
    mutating func addLink(_ range: Range<Int>, ofShard shard: Int) {
        shared[shard] = [range]
        linked.insert(shard)
    }

    /// What of a range of a shard is not shared and must be written.
    func stretchesToWrite(in range: Range<Int>, ofShard shard: Int) -> [Range<Int>] {
        var result: [Range<Int>] = []
        var start = range.lowerBound
        for stretch in shared[shard] where stretch.overlaps(range) {
            if stretch.lowerBound > start { result.append(start..<stretch.lowerBound) }
            start = max(start, stretch.upperBound)
        }
        if start < range.upperBound { result.append(start..<range.upperBound) }
        return result
    }
}
