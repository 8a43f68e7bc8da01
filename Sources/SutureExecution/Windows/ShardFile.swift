import SutureCheckpoints
import SutureDiagnostics
import SuturePlanning
import SutureTensors
import Synchronization
import SystemPackage

/// A stretch of a weight file of the output, while threads write its windows in any order.
final class ShardFile: Sendable {
    /// The file and the bytes of it.
    let stretch: Stretch

    /// What lies where in the file.
    let map: ShardMap

    /// Where writing begins: an earlier run left what of the stretch lies before it.
    let start: Int

    /// The stretch's number in its part.
    private let number: Int

    private let plan: Plan
    private let path: FilePath
    private let journal: Journal
    private let stride: Int
    private let calls: FileCalls
    private let isReadOnly: Bool
    private let state: Mutex<State>

    private struct State: ~Copyable {
        var file: OutputFile?
        var header: [UInt8]?
        /// Up to where all bytes of the stretch have been written.
        var written: Int
        /// Windows written beyond that: their ends by their starts.
        var ahead: [Int: Int] = [:]
        /// Up to where they are on the disk, or where a thread is bringing them there.
        var synced: Int
        /// Whether a thread is at it.
        var isSyncing = false
    }

    /// Stands for a stretch of a file that has been created with its final length.
    ///
    /// - Parameters:
    ///   - stretch: The file and the bytes of it.
    ///   - number: Its number in its part.
    ///   - plan: The plan.
    ///   - map: What lies where in the file.
    ///   - path: Where the file is.
    ///   - journal: Where progress is noted.
    ///   - options: How often.
    ///   - isReadOnly: Whether nobody writes to it, as it is a link to a source's file.
    init(
        _ stretch: Stretch,
        number: Int,
        of plan: Plan,
        map: ShardMap,
        at path: FilePath,
        journal: Journal,
        options: ExecutionOptions,
        isReadOnly: Bool
    ) {
        self.stretch = stretch
        self.isReadOnly = isReadOnly
        self.number = number
        self.plan = plan
        self.map = map
        self.path = path
        self.journal = journal
        stride = options.journalStride
        calls = options.calls
        // An earlier run may have cut other windows; ours begin at multiples of their size.
        let range = stretch.range
        let durable = range.lowerBound + journal.durableBytes[number]
        let aligned = durable / options.windowByteCount * options.windowByteCount
        let start = durable == range.upperBound ? durable : max(range.lowerBound, aligned)
        self.start = start
        state = Mutex(State(written: start, synced: start))
    }

    /// The way to write to it; the file stays open until its last window has been ``finishWindow(_:)``ed.
    func writer() throws(ExecutionError) -> OutputFile.Writer {
        try state.withLock { (state: inout sending State) throws(ExecutionError) in
            if let writer = state.file?.writer { return writer }
            do throws(FileError) {
                let file = try OutputFile.reopen(path, byteCount: map.byteCount, isReadOnly: isReadOnly, calls: calls)
                let writer = file.writer
                state.file = consume file
                return writer
            } catch { throw ExecutionError(error) }
        }
    }

    /// The bytes of its header, made when they are first wanted.
    func header() throws(ExecutionError) -> [UInt8] {
        try state.withLock { (state: inout sending State) throws(ExecutionError) in
            if let header = state.header { return header }
            let header = try plan.shards[stretch.shard].header(in: plan)
            state.header = header
            return header
        }
    }

    /// Notes that a window has been written, and now and then sees what there is to the disk.
    ///
    /// - Returns: Whether the stretch is now whole and on the disk.
    func finishWindow(_ range: Range<Int>) throws(ExecutionError) -> Bool {
        var next = state.withLock { state in
            state.ahead[range.lowerBound] = range.upperBound
            while let end = state.ahead.removeValue(forKey: state.written) { state.written = end }
            return nextSync(&state, isLast: false)
        }
        while let (end, writer) = next {
            try sync(writer, upTo: end)
            next = state.withLock { state in
                state.isSyncing = false
                if end == stretch.range.upperBound {
                    state.file = nil
                    state.header = nil
                }
                return nextSync(&state, isLast: false)
            }
            if end == stretch.range.upperBound { return true }
        }
        return false
    }

    /// Sees what has been written to the disk and notes it, after the last window of a run that stops early.
    func settle() throws(ExecutionError) {
        guard let (end, writer) = state.withLock({ state in nextSync(&state, isLast: true) }) else { return }
        try sync(writer, upTo: end)
    }

    private func sync(_ writer: OutputFile.Writer, upTo end: Int) throws(ExecutionError) {
        try ExecutionError.system { () throws(FileError) in try writer.sync() }
        try journal.record(end - stretch.range.lowerBound, ofStretch: number)
    }

    /// What is to be brought to the disk now: by one thread at a time, as the last one closes the file.
    private func nextSync(_ state: inout State, isLast: Bool) -> (end: Int, writer: OutputFile.Writer)? {
        let isDue = isLast || state.written == stretch.range.upperBound || state.written - state.synced >= stride
        guard isDue, !state.isSyncing, state.written > state.synced, let writer = state.file?.writer else { return nil }
        state.isSyncing = true
        state.synced = state.written
        return (state.written, writer)
    }
}

extension Plan.Shard {
    /// The hash of the bytes before the data; that of a file that is kept as it is, is read from it.
    func headerHash(in plan: Plan, written file: any ByteSource) throws(ExecutionError) -> ContentHash {
        guard original != nil else { return ContentHash(of: try header(in: plan)) }
        return try ExecutionError.system { () throws(FileError) in
            try file.contentHash(of: 0..<dataStart)
        }
    }

    /// The bytes before the data: length, JSON text, and spaces up to where the plan lets the data begin.
    ///
    /// - Throws: ``ExecutionError`` where the text is longer than the plan has room for.
    func header(in plan: Plan) throws(ExecutionError) -> [UInt8] {
        let layout: FileLayout
        do throws(OutputFormatError) { layout = try self.layout(in: plan) } catch {
            throw ExecutionError(.model, .brokenHeader(self, error.description))
        }
        guard layout.dataStart == dataStart else {
            throw ExecutionError(.model, .headerLength(self, actual: layout.dataStart))
        }
        return layout.header
    }
}
