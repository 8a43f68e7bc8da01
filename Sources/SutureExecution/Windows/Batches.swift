import SuturePlanning
import SutureTensors

/// The windows of a plan in batches: the tensors that begin in a batch are surveyed before its windows are written.
///
/// A batch is long enough that threads seldom wait for each other at its end, and short enough that what was surveyed
/// is still in the page cache when it is read again.
struct Batches {
    /// Some windows, one after another.
    struct Batch {
        /// The windows.
        let windows: Range<Int>
        /// The computed tensors that have bytes in them and had none in batches before.
        var begins: [Int] = []
        /// The computed tensors that have no bytes in batches after it.
        var ends: [Int] = []
    }

    private let plan: Plan
    private let files: [ShardFile]
    private let stretchOfShard: [Int: Int]
    private let grid: WindowGrid
    private let indices: [Int]
    private let windowsPerBatch: Int
    private var nextWindow = 0
    private var nextIndex = 0
    private var open: [Int] = []

    /// Cuts the windows of a part of a plan.
    init(_ plan: Plan, _ computed: ComputedTensors, files: [ShardFile], grid: WindowGrid) {
        self.plan = plan
        self.files = files
        let stretches = files.enumerated().map { ($1.stretch.shard, $0) }
        stretchOfShard = Dictionary(stretches, uniquingKeysWith: { first, _ in first })
        self.grid = grid
        indices = computed.indices
        let byteCount = computed.needSurveys ? 128 << 20 : 1 << 30
        windowsPerBatch = indices.isEmpty ? max(1, grid.count) : max(1, byteCount / grid.windowByteCount)
    }

    /// The next batch, or `nil` after the last.
    mutating func next() -> Batch? {
        guard nextWindow < grid.count else { return nil }
        let end = nextWindow + min(windowsPerBatch, grid.count - nextWindow)
        var batch = Batch(windows: nextWindow..<end)
        while nextIndex < indices.count, let first = windows(of: indices[nextIndex])?.lowerBound, first < end {
            let index = indices[nextIndex]
            nextIndex += 1
            let tensor = plan.tensors[index]
            // An earlier run wrote it.
            if let stretch = stretchOfShard[tensor.shard], tensor.offset + tensor.spec.byteCount <= files[stretch].start
            {
                continue
            }
            batch.begins.append(index)
        }
        let begun = open + batch.begins
        batch.ends = begun.filter { (windows(of: $0)?.upperBound ?? 0) <= end }
        open = begun.filter { (windows(of: $0)?.upperBound ?? 0) > end }
        nextWindow = end
        return batch
    }

    /// The windows in which a tensor of the part has bytes.
    private func windows(of index: Int) -> Range<Int>? {
        let tensor = plan.tensors[index]
        return stretchOfShard[tensor.shard].map { stretch in
            grid.windows(of: tensor.offset..<tensor.offset + tensor.spec.byteCount, in: stretch)
        }
    }
}
