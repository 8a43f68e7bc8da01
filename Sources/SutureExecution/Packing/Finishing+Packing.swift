import SutureCheckpoints
import SuturePlanning
import SystemPackage

extension Finishing {
    /// Gives every weight file the form that is asked for, whatever form an interrupted run left it in; the disk holds
    /// one of them twice at most.
    ///
    /// A file is removed in one form only when it is on the disk in the other.
    ///
    /// - Parameters:
    ///   - written: The files, in the plan's order.
    ///   - staged: The folder.
    /// - Returns: The bytes of all files.
    /// - Throws: ``ExecutionError``.
    func settle(_ written: [ShardContent], in staged: borrowing StagedFolder) throws(ExecutionError) -> Int {
        guard options.packing != nil || written.contains(where: \.isPacked) else { return plan.outputByteCount }
        let packer = FilePacker(options.packing ?? FilePacker.Options(), isCancelled: isCancelled)
        var byteCount = 0
        for (shard, file) in zip(plan.shards, written) {
            let plain = staged.path(shard.name)
            let packed = options.packing.map { ZstdPacking().name(shard.name, splitsPlanes: $0.splitsPlanes) }
            if file.name == packed ?? shard.name {
                byteCount += file.content.storedByteCount
                continue
            }
            if file.isPacked {
                // Under another name until it is whole: what bears the plain one counts as whole.
                let scratch = staged.work.scratch()
                _ = try packer.unpack(file.content.path, to: scratch)
                try ExecutionError.system { () throws(FileError) in try FileSystem.rename(scratch, to: plain) }
                try remove(file.content.path, in: staged)
            }
            guard let packed else {
                byteCount += shard.byteCount
                continue
            }
            byteCount += try packer.pack(plain, to: staged.path(packed)).packedBytes
            try remove(plain, in: staged)
        }
        return byteCount
    }

    private func remove(_ path: FilePath, in staged: borrowing StagedFolder) throws(ExecutionError) {
        let partial = staged.place.partial
        try ExecutionError.system { () throws(FileError) in
            try FileSystem.syncFolder(partial)
            try FileSystem.remove(path)
        }
    }
}
