import SutureCheckpoints
import SutureDiagnostics
import SuturePlanning
import Synchronization
import SystemPackage

/// What of a part's stretches is known to be on the disk, so that a later run can go on from there.
///
/// It is one small text, replaced as a whole: a title, a line with the plan's fingerprint and the part, then for each
/// stretch the bytes from its start that are durable.
final class Journal: Sendable {
    private static let title = "suture journal 2"

    private let path: FilePath
    private let identity: String
    private let calls: FileCalls
    private let durable: Mutex<[Int]>

    private init(_ path: FilePath, _ identity: String, _ durable: [Int], calls: FileCalls) {
        self.path = path
        self.identity = identity
        self.calls = calls
        self.durable = Mutex(durable)
    }

    /// Reads what an earlier run of the part left, or begins anew where there is nothing.
    ///
    /// - Parameters:
    ///   - path: Where the journal is.
    ///   - part: The part.
    ///   - fingerprint: The plan's fingerprint.
    ///   - byteCounts: The bytes of the part's stretches.
    ///   - calls: The system calls to use.
    /// - Returns: The journal.
    /// - Throws: ``ExecutionError`` where it is another part's, or no journal at all.
    static func open(
        _ path: FilePath,
        of part: Part,
        fingerprint: String,
        byteCounts: [Int],
        calls: FileCalls
    ) throws(ExecutionError) -> Journal {
        let identity = "\(fingerprint) \(part)"
        let kind = try ExecutionError.system { () throws(FileError) in try FileSystem.kind(of: path) }
        guard kind != nil else {
            let journal = Journal(path, identity, byteCounts.map { _ in 0 }, calls: calls)
            try journal.write(journal.durableBytes)
            return journal
        }
        let lines = try lines(of: path)
        guard lines.count == byteCounts.count + 3, lines[0] == title, lines[1] == identity, lines.last == "" else {
            throw ExecutionError(.model, .journalOfAnother(path))
        }
        var durable: [Int] = []
        for (line, byteCount) in zip(lines.dropFirst(2), byteCounts) {
            guard let count = Int(line), (0...byteCount).contains(count) else {
                throw ExecutionError(.model, .journalOfAnother(path))
            }
            durable.append(count)
        }
        return Journal(path, identity, durable, calls: calls)
    }

    /// The bytes of each stretch that a journal tells of, for whoever is not its part; none where there is no journal.
    static func durableBytes(in path: FilePath) -> [Int] {
        guard let lines = try? lines(of: path), lines.first == title else { return [] }
        return lines.dropFirst(2).compactMap { Int($0) }.map { min(max(0, $0), 1 << 50) }
    }

    private static func lines(of path: FilePath) throws(ExecutionError) -> [String] {
        let bytes = try ExecutionError.system { () throws(FileError) in try FileSystem.read(path, limit: 1 << 24) }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
    }

    /// The bytes from the start of each stretch that are on the disk.
    var durableBytes: [Int] { durable.withLock { $0 } }

    /// Notes that a stretch's bytes up to an offset from its start are on the disk.
    func record(_ byteCount: Int, ofStretch stretch: Int) throws(ExecutionError) {
        // Written under the lock: a text that is older must not replace one that is newer.
        try durable.withLock { (durable) throws(ExecutionError) in
            guard byteCount > durable[stretch] else { return }
            durable[stretch] = byteCount
            try write(durable)
        }
    }

    /// Notes that the file of a stretch is not there any more.
    func forget(_ stretch: Int) throws(ExecutionError) {
        try durable.withLock { (durable) throws(ExecutionError) in
            guard durable[stretch] > 0 else { return }
            durable[stretch] = 0
            try write(durable)
        }
    }

    /// Removes it, when all is done.
    func end() throws(ExecutionError) {
        try ExecutionError.system { () throws(FileError) in try FileSystem.remove(path) }
    }

    private func write(_ durable: [Int]) throws(ExecutionError) {
        let lines = [Self.title, identity] + durable.map(String.init)
        try ExecutionError.system { () throws(FileError) in
            try FileSystem.write(lines.joined(separator: "\n") + "\n", to: path, calls: calls)
        }
    }
}

extension Diagnostic {
    fileprivate static func journalOfAnother(_ path: FilePath) -> Diagnostic {
        partialOfAnotherPlan(
            "the journal of an earlier run cannot be read, or is not of this plan and part",
            at: path,
            fix: "remove it, and the part is written anew"
        )
    }
}
