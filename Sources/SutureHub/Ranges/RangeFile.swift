package import SutureCheckpoints
import SutureExecution
package import SystemPackage

/// A file on the hub of which ranges are here: what is read and not here yet is fetched first.
///
/// What came is in a sparse file, and noted in a journal beside it once it is on the disk, so that whoever reads later
/// fetches none of it again. Any number of threads and processes may read.
package final class RangeFile: ByteSource {
    package let path: FilePath
    package let byteCount: Int

    /// The file on the hub.
    package let file: HubFile

    /// The model and the commit that it is asked for at.
    let place: HubPlace

    private let content: SparseFile
    private let journal: FilePath
    private let client: HubClient
    private let meter: Meter
    private let monitor: Monitor<State>

    private struct State: Sendable {
        /// What is here.
        var present = ByteRanges()
        /// What threads are fetching.
        var coming = ByteRanges()
        /// What will be wanted, in pieces to be fetched at once.
        var planned: [Range<Int>] = []
        /// Why nothing more comes.
        var failure: FileError?
    }

    /// The most bytes that one request asks for.
    static let pieceByteCount = 16 << 20

    /// The bytes after which what came is seen to the disk.
    private static let journalStride = 4 << 20

    /// Opens what is here of a file.
    ///
    /// - Parameters:
    ///   - file: The file on the hub.
    ///   - place: The model, at a commit.
    ///   - path: What it is called here.
    ///   - content: Where its bytes are; another place where the hub cache has them.
    ///   - isWhole: Whether all of them are there.
    ///   - client: Brings what is missing.
    ///   - meter: Counts it.
    /// - Throws: ``FileError``.
    init(
        _ file: HubFile,
        of place: HubPlace,
        at path: FilePath,
        content: FilePath,
        isWhole: Bool,
        client: HubClient,
        meter: Meter
    ) throws(FileError) {
        self.file = file
        self.place = place
        self.path = path
        self.client = client
        self.meter = meter
        byteCount = file.byteCount
        journal = RangeStore.journal(of: path)
        var state = State()
        if isWhole {
            state.present.insert(0..<file.byteCount)
        } else if try FileSystem.identity(of: path)?.byteCount == file.byteCount {
            state.present = try Journal.read(journal, file)
        } else {
            // A journal of bytes that are gone says nothing.
            if try FileSystem.kind(of: journal) != nil { try FileSystem.remove(journal) }
        }
        self.content =
            try isWhole ? SparseFile(reading: content) : SparseFile(content, byteCount: file.byteCount)
        monitor = Monitor(state)
    }

    package var version: ByteVersion { .content(file.tag) }
    package var plainFile: InputFile? { nil }
    package var knownSHA256: SHA256Hash? { file.sha256 }
    package func currentVersion() throws(FileError) -> ByteVersion { version }

    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) {
        let (end, overflow) = offset.addingReportingOverflow(buffer.count)
        guard !overflow, offset >= 0, end <= byteCount else {
            throw FileError(.read, path, .endsEarly(byteCount: byteCount))
        }
        try bring(offset..<end)
        try unsafe content.read(into: buffer, at: offset)
    }

    /// The bytes of some ranges that are here.
    func presentByteCount(of ranges: [Range<Int>]) -> Int {
        monitor.withLock { state in
            ranges.reduce(0) { sum, range in
                sum + range.count - state.present.missing(in: range).reduce(0) { $0 + $1.count }
            }
        }
    }

    /// Whether all of it is here.
    var isWhole: Bool { monitor.withLock { $0.present.missing(in: 0..<byteCount).isEmpty } }

    /// Says which pieces will be wanted, sorted; who reads some bytes of one fetches all of it.
    func plan(_ pieces: [Range<Int>]) { monitor.withLock { $0.planned = pieces } }

    /// Sees to it that a range is here.
    ///
    /// - Throws: ``FileError``.
    package func bring(_ range: Range<Int>) throws(FileError) {
        while let piece = try claim(range) {
            var failure: FileError?
            do throws(FileError) { try fetch(piece) } catch { failure = error }
            monitor.change { [failure] state in
                state.coming.remove(piece)
                if state.failure == nil { state.failure = failure }
            }
        }
    }

    /// A piece of a range that this thread is to fetch, or `nil` where all is here; waits for what others fetch.
    private func claim(_ range: Range<Int>) throws(FileError) -> Range<Int>? {
        let result: Result<Range<Int>?, FileError> = monitor.wait { state in
            let missing = state.present.missing(in: range)
            guard !missing.isEmpty else { return .success(nil) }
            if let failure = state.failure { return .failure(failure) }
            for gap in missing {
                guard let start = state.coming.missing(in: gap).first?.lowerBound else { continue }
                var whole = self.piece(around: start, gap, state)
                whole = state.present.missing(in: whole).first { $0.contains(start) } ?? gap
                whole = state.coming.missing(in: whole).first { $0.contains(start) } ?? gap
                let piece = start..<min(whole.upperBound, start + Self.pieceByteCount)
                state.coming.insert(piece)
                return .success(piece)
            }
            return nil
        }
        return try result.get()
    }

    private func piece(around start: Int, _ gap: Range<Int>, _ state: State) -> Range<Int> {
        var (low, high) = (0, state.planned.count)
        while low < high {
            let middle = (low + high) / 2
            if state.planned[middle].upperBound <= start { low = middle + 1 } else { high = middle }
        }
        if low < state.planned.count, state.planned[low].contains(start) { return state.planned[low] }
        // A header's length is read first, and the header right after it.
        guard start < 8, gap.count <= 8 else { return gap }
        return start..<min(byteCount, max(gap.upperBound, min(1 << 16, max(1 << 12, byteCount / 4096))))
    }

    private func fetch(_ piece: Range<Int>) throws(FileError) {
        var done = piece.lowerBound
        var noted = done
        var failure: FileError?
        do throws(FileError) {
            try client.fetch(piece, of: file, place) { (bytes) throws(FileError) in
                try content.write(bytes, at: done)
                done += bytes.byteCount
                meter.add(bytes.byteCount)
                guard done - noted >= Self.journalStride else { return }
                try note(noted..<done)
                noted = done
            }
        } catch { failure = error }
        // What came before a failure stays.
        if noted < done { try note(noted..<done) }
        if let failure { throw FileError(failure.step, path, failure.cause) }
    }

    private func note(_ range: Range<Int>) throws(FileError) {
        try content.sync()
        try Journal.note(range, in: journal)
        monitor.change { $0.present.insert(range) }
    }
}

/// Which bytes of a file came: a line for each range, its first byte and the one after its last.
enum Journal {
    /// Reads a journal; what a process that died left of a line counts as nothing, or as less than came.
    static func read(_ path: FilePath, _ file: HubFile) throws(FileError) -> ByteRanges {
        var ranges = ByteRanges()
        guard try FileSystem.kind(of: path) == .file else { return ranges }
        let bytes = try FileSystem.read(path)
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let numbers = line.split(separator: UInt8(ascii: " ")).map { Int(String(decoding: $0, as: UTF8.self)) }
            guard numbers.count == 2, let first = numbers[0], let end = numbers[1], first >= 0, first < end,
                end <= file.byteCount
            else { continue }
            ranges.insert(first..<end)
        }
        return ranges
    }

    /// Notes a range; a line that somebody left unfinished is ended first.
    static func note(_ range: Range<Int>, in path: FilePath) throws(FileError) {
        try SparseFile.append("\n\(range.lowerBound) \(range.upperBound)\n", to: path)
    }
}
