/// Stretches of output files cut into windows, numbered through.
///
/// Windows are cut at multiples of their size in the output file, not at tensors: aligned writes of 4 MiB are what
/// file systems take fastest. Only the first and the last of a stretch may be shorter.
struct WindowGrid: Sendable {
    /// A run of bytes of an output file that is filled and written at once.
    struct Window: Hashable, Sendable {
        /// The stretch, by its number.
        let stretch: Int
        /// The bytes of the file.
        let range: Range<Int>
    }

    /// The bytes of a window.
    let windowByteCount: Int

    private let stretches: [Range<Int>]
    private let starts: [Int]

    /// Cuts stretches of files.
    init(_ stretches: [Range<Int>], windowByteCount: Int) {
        self.stretches = stretches
        self.windowByteCount = windowByteCount
        var starts = [0]
        for range in stretches {
            let windows = range.isEmpty ? 0 : (range.upperBound - 1) / windowByteCount + 1
            starts.append((starts.last ?? 0) + max(0, windows - range.lowerBound / windowByteCount))
        }
        self.starts = starts
    }

    /// The number of windows.
    var count: Int { starts.last ?? 0 }

    /// The numbers of a stretch's windows.
    func windows(of stretch: Int) -> Range<Int> { starts[stretch]..<starts[stretch + 1] }

    /// The numbers of the windows in which some bytes of a stretch lie.
    ///
    /// - Precondition: The bytes lie in the stretch, and there is one at least.
    func windows(of bytes: Range<Int>, in stretch: Int) -> Range<Int> {
        let first = starts[stretch] - stretches[stretch].lowerBound / windowByteCount
        return first + bytes.lowerBound / windowByteCount..<first + (bytes.upperBound - 1) / windowByteCount + 1
    }

    /// The window of a number.
    subscript(index: Int) -> Window {
        var low = 0
        var high = stretches.count
        while low + 1 < high {
            let middle = (low + high) / 2
            if starts[middle] <= index { low = middle } else { high = middle }
        }
        let whole = stretches[low]
        let start = (index - starts[low] + whole.lowerBound / windowByteCount) * windowByteCount
        return Window(stretch: low, range: (start..<start + windowByteCount).clamped(to: whole))
    }
}
