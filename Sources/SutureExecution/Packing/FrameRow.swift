import Glibc
import SutureCheckpoints
import Synchronization

/// The frames of a packed file on their way to the disk: threads add them as they are done, and they lie in order.
///
/// A frame is written by whoever completes the row up to it, while others go on packing; whoever is far ahead of the
/// first frame that is missing waits, so that few frames are in memory.
final class FrameRow: Sendable {
    private let writer: OutputFile.Writer
    private let mostAhead: Int
    private let row = Mutex(Row())

    private struct Row {
        var lengths: [(packed: Int, content: Int)] = []
        var end = 0
        /// The number of frames that have a place in the file.
        var placed = 0
        /// Those that are done before others that come before them.
        var waiting: [Int: (bytes: [UInt8], content: Int)] = [:]
        var isGivenUp = false

        mutating func place(_ bytes: [UInt8], content: Int) -> Int {
            defer { end += bytes.count }
            lengths.append((bytes.count, content))
            return end
        }
    }

    /// Creates an empty row.
    ///
    /// - Parameters:
    ///   - writer: The file.
    ///   - mostAhead: How many frames the fastest thread may be ahead of the slowest.
    init(_ writer: OutputFile.Writer, mostAhead: Int) {
        self.writer = writer
        self.mostAhead = mostAhead
    }

    /// Puts a frame without content before all others.
    func begin(with bytes: [UInt8]) throws(ExecutionError) {
        try write(bytes, at: row.withLock { $0.place(bytes, content: 0) })
    }

    /// Adds a frame; the order of calls does not matter.
    ///
    /// - Parameters:
    ///   - bytes: The frame.
    ///   - content: The bytes that it restores to.
    ///   - index: Its place in the row, from 0.
    /// - Throws: ``ExecutionError``.
    func add(_ bytes: [UInt8], content: Int, at index: Int) throws(ExecutionError) {
        while row.withLock({ !$0.isGivenUp && index - $0.placed > mostAhead }) { usleep(500) }
        let ready = row.withLock { row in
            var ready: [(bytes: [UInt8], offset: Int)] = []
            row.waiting[index] = (bytes, content)
            while let next = row.waiting.removeValue(forKey: row.placed) {
                ready.append((next.bytes, row.place(next.bytes, content: next.content)))
                row.placed += 1
            }
            return ready
        }
        for (bytes, offset) in ready { try write(bytes, at: offset) }
    }

    /// Lets nobody wait for a frame that will not come.
    func giveUp() { row.withLock { $0.isGivenUp = true } }

    /// Puts the table of frames at the end, once all are there.
    ///
    /// - Returns: The bytes of the file.
    func end() throws(ExecutionError) -> Int {
        let (table, end) = row.withLock { (SeekableLayout.table(of: $0.lengths), $0.end) }
        try write(table, at: end)
        return end + table.count
    }

    private func write(_ bytes: [UInt8], at offset: Int) throws(ExecutionError) {
        try ExecutionError.system { () throws(FileError) in
            try writer.write(bytes, at: offset)
            try writer.startWriteback(at: offset, byteCount: bytes.count)
        }
    }
}
