import SutureCheckpoints
import SuturePlanning
import SutureTensors
import Synchronization
import SystemPackage

/// The hashes of tensors that lie one after another in a weight file, taken while threads write its windows in any
/// order.
///
/// A tensor's hash is of its bytes from first to last, so that any program can check it. Whoever finishes the window
/// that is next in line hashes it from memory; one that comes early is left, and whoever closes the gap before it
/// reads it back, out of the page cache mostly. So nobody waits for anybody, and nothing is kept.
final class ShardHashes: Sendable {
    /// A tensor in the file.
    private struct Tensor: Sendable {
        /// Its bytes in the file.
        let range: Range<Int>
        /// Whether its hash is wanted.
        let isWanted: Bool
    }

    private let path: FilePath
    private let calls: FileCalls
    private let end: Int
    private let tensors: [Tensor]
    private let turn: Mutex<Turn>
    private let cursor: Mutex<Cursor>

    /// What has been written, and whether a thread is hashing.
    private struct Turn: ~Copyable {
        /// Up to where all bytes are hashed, or where a thread is hashing.
        var place: Int
        /// What is written beyond that: ends by starts.
        var ahead: [Int: Int] = [:]
        var isTaken = false

        /// The bytes that are next in line, if they are written and nobody is hashing.
        mutating func take() -> Range<Int>? {
            guard !isTaken, let end = ahead.removeValue(forKey: place) else { return nil }
            isTaken = true
            defer { place = end }
            return place..<end
        }
    }

    /// Where hashing is; only the thread whose turn it is looks at it.
    private struct Cursor: ~Copyable {
        var tensor = 0
        var hasher = ContentHasher()
        var hashes: [ContentHash?]
        var file: InputFile?
    }

    /// Begins with what an earlier run left.
    ///
    /// - Parameters:
    ///   - tensors: The tensors, by their numbers in the plan.
    ///   - plan: The plan.
    ///   - range: The bytes of the file that are written: those of the tensors, and a header before them.
    ///   - path: Where the file is.
    ///   - start: Where writing begins; what of the range lies before it is there already.
    ///   - skipped: Stretches whose tensors need no hash, in order.
    ///   - calls: The system calls to use.
    init(
        _ tensors: Range<Int>,
        of plan: Plan,
        in range: Range<Int>,
        at path: FilePath,
        start: Int,
        skipping skipped: [Range<Int>],
        calls: FileCalls
    ) {
        self.path = path
        self.calls = calls
        end = range.upperBound
        var stretches = skipped[...]
        self.tensors = tensors.map { index in
            let tensor = plan.tensors[index]
            let range = tensor.offset..<tensor.offset + tensor.spec.byteCount
            while let first = stretches.first, first.upperBound <= range.lowerBound { stretches.removeFirst() }
            return Tensor(range: range, isWanted: !(stretches.first?.overlaps(range) ?? false))
        }
        let ahead = start > range.lowerBound ? [range.lowerBound: start] : [:]
        turn = Mutex(Turn(place: range.lowerBound, ahead: ahead))
        cursor = Mutex(Cursor(hashes: Array(repeating: nil, count: tensors.count)))
    }

    /// The hashes of the tensors, once all of the range is written; `nil` for those that nobody wrote.
    var hashes: [ContentHash?] { cursor.withLock { $0.hashes } }

    /// Takes bytes that have been written.
    ///
    /// - Parameters:
    ///   - range: Which bytes of the file; ranges neither overlap nor leave gaps.
    ///   - bytes: What they are, where they are at hand.
    /// - Throws: ``ExecutionError`` where what others wrote cannot be read back.
    func add(_ range: Range<Int>, bytes: UnsafeRawBufferPointer?) throws(ExecutionError) {
        var isFirst = false
        var next = turn.withLock { turn in
            turn.ahead[range.lowerBound] = range.upperBound
            isFirst = !turn.isTaken && turn.place == range.lowerBound
            return turn.take()
        }
        while let part = next {
            try unsafe hash(part, isFirst ? bytes : nil)
            isFirst = false
            next = turn.withLock { turn in
                turn.isTaken = false
                return turn.take()
            }
        }
    }

    /// Hashes what an earlier run left, where no window came to do it.
    ///
    /// - Throws: ``ExecutionError``, also when cancelled.
    func finish(isCancelled: () -> Bool) throws(ExecutionError) {
        if isCancelled() { throw .cancelled() }
        try unsafe add(end..<end, bytes: nil)
    }

    private func hash(_ range: Range<Int>, _ bytes: UnsafeRawBufferPointer?) throws(ExecutionError) {
        try cursor.withLock { (cursor: inout sending Cursor) throws(ExecutionError) in
            while cursor.tensor < tensors.count {
                let tensor = tensors[cursor.tensor]
                let part = tensor.range.clamped(to: range)
                if tensor.isWanted, !part.isEmpty {
                    if let bytes = unsafe bytes {
                        let own = part.lowerBound - range.lowerBound..<part.upperBound - range.lowerBound
                        unsafe cursor.hasher.update(UnsafeRawBufferPointer(rebasing: bytes[own]))
                    } else {
                        try readBack(part, &cursor)
                    }
                }
                guard tensor.range.upperBound <= range.upperBound else { return }
                if tensor.isWanted {
                    cursor.hashes[cursor.tensor] = cursor.hasher.finish()
                    cursor.hasher = ContentHasher()
                }
                cursor.tensor += 1
            }
        }
    }

    private func readBack(_ range: Range<Int>, _ cursor: inout Cursor) throws(ExecutionError) {
        do throws(FileError) {
            if cursor.file == nil { cursor.file = try InputFile(path, calls: calls) }
            guard let file = cursor.file else { return }
            try unsafe file.forEachPiece(of: range) { unsafe cursor.hasher.update($0) }
        } catch { throw ExecutionError(error) }
    }
}
