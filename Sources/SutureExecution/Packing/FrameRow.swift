import SutureCheckpoints

/// The frames of a packed file on their way to the disk: threads add them as they are done, and they lie in order.
///
/// A frame is written by whoever completes the row up to it, while others go on packing; whoever is far ahead of the
/// first frame that is missing waits, so that few frames are in memory.
final class FrameRow: Sendable {
    private let writer: OutputFile.Writer
    private let mostAhead: Int
    private let row = Monitor(Row())

    private struct Row: Sendable {
        var lengths: [(packed: Int, content: Int)] = []
        var end = 0
        /// The number of frames that have a place in the file.
        var placed = 0
        /// Those that are done before others that come before them.
        var waiting: [Int: Frame] = [:]
        /// Memory of frames that are written.
        var spare: [[UInt8]] = []
        var isGivenUp = false

        mutating func place(_ packed: Int, content: Int) -> Int {
            defer { end += packed }
            lengths.append((packed, content))
            return end
        }
    }

    /// A frame in memory that is taken from the row and goes back there.
    struct Frame: Sendable {
        /// The memory; the frame is at its start.
        var bytes: [UInt8]
        /// The bytes of the frame.
        var packed: Int
        /// The bytes that it restores to.
        var content: Int
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
        let frame = Frame(bytes: bytes, packed: bytes.count, content: 0)
        try write(frame, at: row.change { $0.place(bytes.count, content: 0) })
    }

    /// Memory for a frame, which ``add(_:at:)`` takes.
    ///
    /// - Parameter byteCount: The bytes that it needs.
    /// - Returns: At least as many bytes, with anything in them.
    func memory(_ byteCount: Int) -> [UInt8] {
        let spare = row.withLock { $0.spare.popLast() } ?? []
        return spare.count >= byteCount ? spare : [UInt8](repeating: 0, count: byteCount)
    }

    /// Adds a frame; the order of calls does not matter.
    ///
    /// - Parameters:
    ///   - frame: The frame.
    ///   - index: Its place in the row, from 0.
    /// - Throws: ``ExecutionError``.
    func add(_ frame: consuming Frame, at index: Int) throws(ExecutionError) {
        row.wait { $0.isGivenUp || index - $0.placed <= mostAhead ? () : nil }
        let frame = frame
        let ready = row.change { row in
            var ready: [(frame: Frame, offset: Int)] = []
            row.waiting[index] = frame
            while let next = row.waiting.removeValue(forKey: row.placed) {
                let offset = row.place(next.packed, content: next.content)
                ready.append((next, offset))
                row.placed += 1
            }
            return ready
        }
        for (frame, offset) in ready {
            try write(frame, at: offset)
            row.withLock { $0.spare.append(frame.bytes) }
        }
    }

    /// Lets nobody wait for a frame that will not come.
    func giveUp() { row.change { $0.isGivenUp = true } }

    /// Puts the table of frames at the end, once all are there.
    ///
    /// - Returns: The bytes of the file.
    func end() throws(ExecutionError) -> Int {
        let (table, end) = row.withLock { (SeekableLayout.table(of: $0.lengths), $0.end) }
        try write(Frame(bytes: table, packed: table.count, content: 0), at: end)
        return end + table.count
    }

    private func write(_ frame: Frame, at offset: Int) throws(ExecutionError) {
        let writer = writer
        try ExecutionError.system { () throws(FileError) in
            try unsafe frame.bytes.withUnsafeBufferPointer { (bytes) throws(FileError) in
                let packed = unsafe UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[..<frame.packed]))
                try unsafe writer.write(packed, at: offset)
            }
            try writer.startWriteback(at: offset, byteCount: frame.packed)
        }
    }
}
