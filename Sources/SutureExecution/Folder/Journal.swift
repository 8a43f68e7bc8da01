import SutureCheckpoints
import SutureDiagnostics
import SuturePlanning
import Synchronization
import SystemPackage

/// What of the weight files is known to be on the disk, so that a later run can go on from there.
///
/// It is one small text, replaced as a whole: a line with the plan's fingerprint, then for each shard the bytes from
/// its start that are durable.
final class Journal: Sendable {
    /// Its file's name in the staged folder.
    static let name = ".suture-journal"

    private static let title = "suture journal 1"

    private let path: FilePath
    private let fingerprint: String
    private let calls: FileCalls
    private let durable: Mutex<[Int]>

    private init(_ path: FilePath, _ fingerprint: String, _ durable: [Int], calls: FileCalls) {
        self.path = path
        self.fingerprint = fingerprint
        self.calls = calls
        self.durable = Mutex(durable)
    }

    /// Begins a journal of a plan that has nothing on the disk yet.
    static func begin(_ path: FilePath, for plan: Plan, calls: FileCalls) throws(ExecutionError) -> Journal {
        let none = plan.shards.map { _ in 0 }
        let journal = Journal(path, PlanFingerprint(plan).description, none, calls: calls)
        try journal.write(none)
        return journal
    }

    /// Reads what an earlier run of the same plan left.
    ///
    /// - Throws: ``ExecutionError`` where it is another plan's, or no journal at all.
    static func resume(_ path: FilePath, for plan: Plan, calls: FileCalls) throws(ExecutionError) -> Journal {
        let fingerprint = PlanFingerprint(plan).description
        let bytes = try ExecutionError.system { () throws(FileError) in
            try FileSystem.read(path, limit: 1 << 24)
        }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count == plan.shards.count + 3, lines[0] == title, lines[1] == fingerprint, lines.last == "" else {
            throw ExecutionError(.model, .partialOfAnotherPlan(path.removingLastComponent()))
        }
        var durable: [Int] = []
        for (line, shard) in zip(lines.dropFirst(2), plan.shards) {
            guard let count = Int(line), (0...shard.byteCount).contains(count) else {
                throw ExecutionError(.model, .partialOfAnotherPlan(path.removingLastComponent()))
            }
            durable.append(count)
        }
        return Journal(path, fingerprint, durable, calls: calls)
    }

    /// The bytes from the start of each shard that are on the disk.
    var durableBytes: [Int] { durable.withLock { $0 } }

    /// Notes that a shard's bytes up to an offset are on the disk.
    func record(_ byteCount: Int, ofShard shard: Int) throws(ExecutionError) {
        // Written under the lock: a text that is older must not replace one that is newer.
        try durable.withLock { (durable) throws(ExecutionError) in
            guard byteCount > durable[shard] else { return }
            durable[shard] = byteCount
            try write(durable)
        }
    }

    /// Removes it, when all is done.
    func end() throws(ExecutionError) {
        try ExecutionError.system { () throws(FileError) in try FileSystem.remove(path) }
    }

    private func write(_ durable: [Int]) throws(ExecutionError) {
        let lines = [Self.title, fingerprint] + durable.map(String.init)
        try ExecutionError.system { () throws(FileError) in
            try FileSystem.write(lines.joined(separator: "\n") + "\n", to: path, calls: calls)
        }
    }
}

extension Diagnostic {
    fileprivate static func partialOfAnotherPlan(_ folder: FilePath) -> Diagnostic {
        Diagnostic(
            code: "partial-of-another-plan",
            "what an earlier build left here was made from another plan or from sources that have changed since",
            at: .file(folder.string, tensor: nil),
            fix: FixIt("build without --resume to start anew")
        )
    }
}
