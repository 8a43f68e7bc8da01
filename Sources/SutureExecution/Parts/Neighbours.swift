import SutureCheckpoints
import SutureDiagnostics
import SuturePlanning
import SystemPackage

/// The other parts that write to the files of a part.
struct Neighbours {
    let cut: PartCut
    let part: Part
    let plan: Plan
    let fingerprint: String

    /// Checks that a file that is not there was never there.
    ///
    /// If others have written to it and somebody took it away, it would come back with zeros in place of their bytes,
    /// and their receipts would still say that all is well.
    ///
    /// - Throws: ``ExecutionError`` where others have written to it.
    func checkNotLost(_ shard: Int, in staged: borrowing StagedFolder) throws(ExecutionError) {
        for other in others(of: shard) where try hasWritten(other, to: shard, in: staged.work) {
            // It may have been made since it was looked for.
            let (path, byteCount) = (staged.path(plan.shards[shard].name), plan.shards[shard].byteCount)
            let isThere = try ExecutionError.system { () throws(FileError) in
                try FileSystem.identity(of: path)?.byteCount == byteCount
            }
            guard isThere else { throw ExecutionError(.model, .writtenFileLost(path)) }
        }
    }

    /// The other parts that have bytes in a file.
    private func others(of shard: Int) -> [Part] {
        Part.all(of: cut.tensors.count).filter { other in
            other != part && cut.tensors[other.number - 1].overlaps(plan.shards[shard].tensors)
        }
    }

    private func hasWritten(_ other: Part, to shard: Int, in work: WorkFolder) throws(ExecutionError) -> Bool {
        if let receipt = try PartReceipt.read(work.receipt(other)), receipt.fingerprint == fingerprint { return true }
        let durable = Journal.durableBytes(in: work.journal(other))
        let stretches = cut.stretches(of: other, in: plan)
        return zip(stretches, durable).contains { $0.shard == shard && $1 > 0 }
    }
}

extension Diagnostic {
    /// A weight file that parts wrote to and that is not there any more, or not whole.
    static func writtenFileLost(_ path: FilePath) -> Diagnostic {
        Diagnostic(
            code: "written-file-lost",
            "parts of this file have been written, and it is gone or shorter than it was",
            at: .file(path.string, tensor: nil),
            fix: FixIt("remove the '.partial' folder and run all parts again")
        )
    }
}
