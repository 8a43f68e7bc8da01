/// All output files cut into windows, numbered through.
///
/// Windows are cut at multiples of their size in the output file, not at tensors: aligned writes of 4 MiB are what
/// file systems take fastest.
struct WindowGrid: Sendable {
    /// A stretch of an output file that is filled and written at once.
    struct Window: Hashable, Sendable {
        /// The file, by its number in the plan.
        let shard: Int
        /// The bytes of the file.
        let range: Range<Int>
    }

    /// The bytes of a window; the last of a file may be shorter.
    let windowByteCount: Int

    private let byteCounts: [Int]
    private let starts: [Int]

    /// Cuts files of these lengths.
    init(byteCounts: [Int], windowByteCount: Int) {
        self.byteCounts = byteCounts
        self.windowByteCount = windowByteCount
        var starts = [0]
        for count in byteCounts {
            let windows = count / windowByteCount + (count % windowByteCount == 0 ? 0 : 1)
            starts.append((starts.last ?? 0) + windows)
        }
        self.starts = starts
    }

    /// The number of windows.
    var count: Int { starts.last ?? 0 }

    /// The numbers of a file's windows.
    func windows(of shard: Int) -> Range<Int> { starts[shard]..<starts[shard + 1] }

    /// The window of a number.
    subscript(index: Int) -> Window {
        var low = 0
        var high = byteCounts.count
        while low + 1 < high {
            let middle = (low + high) / 2
            if starts[middle] <= index { low = middle } else { high = middle }
        }
        let start = (index - starts[low]) * windowByteCount
        return Window(shard: low, range: start..<start + min(windowByteCount, byteCounts[low] - start))
    }
}
