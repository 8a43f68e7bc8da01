import SutureCheckpoints
import SuturePlanning

/// Fills windows of the output and writes them; any number of threads at once.
struct WindowWriter: Sendable {
    let files: [ShardFile]
    let hashes: [ShardHashes]
    let grid: WindowGrid
    let sources: SourceFiles
    let numbering: SourceNumbering
    let sharing: SharedBlocks
    let buffers: BufferPool
    let mover: Mover

    /// The bytes of a file that stay in memory while it is written.
    ///
    /// What is let go serves for the next windows at once. On a virtual machine, where memory that nobody used lately is
    /// the host's again, a slerp of 2 GB took 3.1 to 5.0 s of system time with all of it in the page cache, 1.7 to 2.2 s
    /// with 256 MB of it, and 1.6 to 1.8 s with 64.
    private static let writeBehind = 64 << 20

    /// What became of a window.
    struct Outcome {
        /// The bytes that were written.
        var written = 0
        /// The bytes that share their blocks with a source.
        var shared = 0
        /// The stretch, if this was the last window it lacked and it is now on the disk.
        var finishedStretch: Int?
    }

    /// Fills a window and writes it, but for blocks that are shared with a source already.
    ///
    /// - Parameters:
    ///   - index: The window's number in the grid.
    ///   - prepared: The computed tensors that have bytes in it, by their numbers in the plan.
    ///   - workspaces: The calling thread's memory.
    /// - Returns: What became of it; `nil` where an earlier run wrote it.
    /// - Throws: ``ExecutionError``.
    func write(
        _ index: Int,
        _ prepared: [Int: PreparedTensor],
        _ workspaces: Workspaces
    ) throws(ExecutionError) -> Outcome? {
        let window = grid[index]
        let file = files[window.stretch]
        guard window.range.lowerBound >= file.start else { return nil }
        let writer = try file.writer()
        var outcome = Outcome()
        let filling = Filling(file: file, writer: writer, prepared: prepared, workspaces: workspaces)
        let hashes = hashes[window.stretch]
        let ranges = sharing.rangesToWrite(in: window.range, ofStretch: window.stretch)
        // The bytes of a window that is written at once are hashed on their way, all others are read back.
        let passesWhole = ranges == [window.range] && mover != .copyFileRange
        for range in ranges {
            if mover == .copyFileRange {
                try copy(range, filling)
            } else {
                try fillAndWrite(range, filling, hashes: passesWhole ? hashes : nil)
            }
            outcome.written += range.count
        }
        if !passesWhole { try unsafe hashes.add(window.range, bytes: nil) }
        // What was written long ago makes room for what comes: an output of any size is written through the same
        // memory, does not drive the sources out of the page cache, and leaves little for the last sync.
        let behind = window.range.lowerBound - Self.writeBehind
        if outcome.written > 0, behind >= 0 {
            try ExecutionError.system { () throws(FileError) in
                try writer.release(at: behind, byteCount: grid.windowByteCount)
            }
        }
        outcome.shared = window.range.count - outcome.written
        if try file.finishWindow(window.range) { outcome.finishedStretch = window.stretch }
        return outcome
    }

    /// What the stretches of a window have in common.
    private struct Filling {
        let file: ShardFile
        let writer: OutputFile.Writer
        let prepared: [Int: PreparedTensor]
        let workspaces: Workspaces
    }

    private var reader: SegmentReader { SegmentReader(sources: sources, numbering: numbering) }

    private func fillAndWrite(
        _ range: Range<Int>,
        _ filling: Filling,
        hashes: ShardHashes? = nil
    ) throws(ExecutionError) {
        try unsafe buffers.withBuffer { (buffer) throws(ExecutionError) in
            for segment in filling.file.map.segments(in: range) {
                let start = segment.range.lowerBound - range.lowerBound
                let place = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[start..<start + segment.range.count])
                let header = { () throws(ExecutionError) in try filling.file.header() }
                try unsafe reader.fill(place, with: segment, filling.prepared, filling.workspaces, header: header)
            }
            let bytes = unsafe UnsafeRawBufferPointer(rebasing: buffer[..<range.count])
            do throws(FileError) {
                try unsafe filling.writer.write(bytes, at: range.lowerBound)
                try filling.writer.startWriteback(at: range.lowerBound, byteCount: range.count)
            } catch { throw ExecutionError(error) }
            try unsafe hashes?.add(range, bytes: bytes)
        }
    }

    /// Lets the kernel copy what lies in a source, and writes the rest.
    private func copy(_ range: Range<Int>, _ filling: Filling) throws(ExecutionError) {
        for segment in filling.file.map.segments(in: range) {
            var rest = segment.range
            if case .extent(let number, let offset) = segment.content, let file = try sources.plainFile(number) {
                let start = rest.lowerBound
                let copied = filling.writer.copy(from: file, at: offset, to: start, byteCount: rest.count)
                rest = start + copied..<rest.upperBound
            }
            if !rest.isEmpty { try fillAndWrite(rest, filling) }
        }
    }
}
