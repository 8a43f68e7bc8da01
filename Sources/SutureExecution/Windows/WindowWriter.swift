import SutureCheckpoints
import SutureTensors

/// Fills windows of the output and writes them; any number of threads at once.
struct WindowWriter: Sendable {
    let shards: [ShardFile]
    let grid: WindowGrid
    let sources: SourceFiles
    let sharing: SharedBlocks
    let buffers: BufferPool
    let mover: Mover

    /// What became of a window.
    struct Outcome {
        /// The bytes that were written.
        var written = 0
        /// The bytes that share their blocks with a source.
        var shared = 0
        /// The shard, if this was the last window it lacked and it is now on the disk.
        var finishedShard: Int?
    }

    /// Fills a window and writes it, but for blocks that are shared with a source already.
    ///
    /// - Returns: What became of it; `nil` where an earlier run wrote it.
    func write(_ index: Int) throws(ExecutionError) -> Outcome? {
        let window = grid[index]
        let shard = shards[window.shard]
        guard window.range.lowerBound >= shard.start else { return nil }
        let writer = try shard.writer()
        var outcome = Outcome()
        for stretch in sharing.stretchesToWrite(in: window.range, ofShard: window.shard) {
            if mover == .copyFileRange {
                try copy(stretch, of: shard, to: writer)
            } else {
                try fillAndWrite(stretch, of: shard, to: writer)
            }
            outcome.written += stretch.count
        }
        outcome.shared = window.range.count - outcome.written
        if outcome.written > 0 {
            writer.startWriteback(at: window.range.lowerBound, byteCount: window.range.count)
        }
        if try shard.finishWindow(window.range) { outcome.finishedShard = window.shard }
        return outcome
    }

    private func fillAndWrite(
        _ range: Range<Int>,
        of shard: ShardFile,
        to writer: OutputFile.Writer
    ) throws(ExecutionError) {
        try unsafe buffers.withBuffer { (buffer) throws(ExecutionError) in
            for segment in shard.map.segments(in: range) {
                let start = segment.range.lowerBound - range.lowerBound
                let place = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[start..<start + segment.range.count])
                try unsafe fill(place, with: segment, of: shard)
            }
            let bytes = unsafe UnsafeRawBufferPointer(rebasing: buffer[..<range.count])
            do throws(FileError) { try unsafe writer.write(bytes, at: range.lowerBound) } catch {
                throw ExecutionError(error)
            }
        }
    }

    private func fill(
        _ place: UnsafeMutableRawBufferPointer,
        with segment: ShardMap.Segment,
        of shard: ShardFile
    ) throws(ExecutionError) {
        switch segment.content {
        case .header: unsafe place.copyBytes(from: try shard.header()[segment.range])
        case .extent(let number, let offset): try unsafe sources.read(number, at: offset, into: place)
        case .computed: break
        }
    }

    /// Lets the kernel copy what lies in a source, and writes the rest.
    private func copy(
        _ range: Range<Int>,
        of shard: ShardFile,
        to writer: OutputFile.Writer
    ) throws(ExecutionError) {
        for segment in shard.map.segments(in: range) {
            var rest = segment.range
            if case .extent(let number, let offset) = segment.content {
                let file = try sources.file(number)
                let copied = writer.copy(from: file, at: offset, to: rest.lowerBound, byteCount: rest.count)
                rest = rest.lowerBound + copied..<rest.upperBound
            }
            if !rest.isEmpty { try fillAndWrite(rest, of: shard, to: writer) }
        }
    }
}
