import SutureCheckpoints
import SutureDiagnostics
import SuturePlanning
import SutureTensors
import Synchronization
import SystemPackage

/// A weight file of the output, while threads write its windows in any order.
final class ShardFile: Sendable {
    /// Its number in the plan.
    let number: Int

    /// What lies where in it.
    let map: ShardMap

    /// The bytes from its start that an earlier run left and that are not written again.
    let start: Int

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
        /// The bytes from the start that have all been written.
        var written: Int
        /// Windows written beyond that: their ends by their starts.
        var ahead: [Int: Int] = [:]
        /// The bytes from the start that are on the disk, or that a thread is bringing there.
        var synced: Int
        /// Whether a thread is at it.
        var isSyncing = false
    }

    /// Stands for a file that has been created with its final length.
    ///
    /// - Parameters:
    ///   - number: Its number in the plan.
    ///   - plan: The plan.
    ///   - map: What lies where in it.
    ///   - path: Where it is.
    ///   - journal: Where progress is noted.
    ///   - options: How often.
    ///   - isReadOnly: Whether nobody writes to it, as it is a link to a source's file.
    init(
        _ number: Int,
        of plan: Plan,
        map: ShardMap,
        at path: FilePath,
        journal: Journal,
        options: ExecutionOptions,
        isReadOnly: Bool
    ) {
        self.isReadOnly = isReadOnly
        self.number = number
        self.plan = plan
        self.map = map
        self.path = path
        self.journal = journal
        stride = options.journalStride
        calls = options.calls
        // An earlier run may have cut other windows; ours begin at multiples of their size.
        let durable = journal.durableBytes[number]
        let start = durable == map.byteCount ? durable : durable / options.windowByteCount * options.windowByteCount
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
            let header = try plan.shards[number].header(in: plan)
            state.header = header
            return header
        }
    }

    /// Notes that a window has been written, and now and then sees what there is to the disk.
    ///
    /// - Returns: Whether the file is now whole and on the disk.
    func finishWindow(_ range: Range<Int>) throws(ExecutionError) -> Bool {
        var next = state.withLock { state in
            state.ahead[range.lowerBound] = range.upperBound
            while let end = state.ahead.removeValue(forKey: state.written) { state.written = end }
            return nextSync(&state)
        }
        while let (byteCount, writer) = next {
            try ExecutionError.system { () throws(FileError) in try writer.sync() }
            try journal.record(byteCount, ofShard: number)
            next = state.withLock { state in
                state.isSyncing = false
                if byteCount == map.byteCount {
                    state.file = nil
                    state.header = nil
                }
                return nextSync(&state)
            }
            if byteCount == map.byteCount { return true }
        }
        return false
    }

    /// What is to be brought to the disk now: by one thread at a time, as the last one closes the file.
    private func nextSync(_ state: inout State) -> (byteCount: Int, writer: OutputFile.Writer)? {
        let isDue = state.written == map.byteCount || state.written - state.synced >= stride
        guard isDue, !state.isSyncing, state.written > state.synced, let writer = state.file?.writer else { return nil }
        state.isSyncing = true
        state.synced = state.written
        return (state.written, writer)
    }
}

extension Plan.Shard {
    /// The hash of the bytes before the data; that of a file that is kept as it is, is read from it.
    func headerHash(in plan: Plan, writtenAt path: FilePath) throws(ExecutionError) -> ContentHash {
        guard original != nil else { return ContentHash(of: try header(in: plan)) }
        return try ExecutionError.system { () throws(FileError) in
            try ContentFile(InputFile(path)).contentHash(of: 0..<dataStart)
        }
    }

    /// The bytes before the data: length, JSON text, and spaces up to where the plan lets the data begin.
    ///
    /// - Throws: ``ExecutionError`` where the text is longer than the plan has room for.
    func header(in plan: Plan) throws(ExecutionError) -> [UInt8] {
        let layout: SafetensorsLayout
        do throws(SafetensorsLayoutError) {
            layout = try SafetensorsLayout(plan.tensors[tensors].map(\.spec), alignment: dataStart)
        } catch { throw ExecutionError(.model, .brokenHeader(self, error.description)) }
        guard layout.dataStart == dataStart else {
            throw ExecutionError(.model, .headerLength(self, actual: layout.dataStart))
        }
        return layout.header
    }
}
