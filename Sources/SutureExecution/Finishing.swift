import SutureCheckpoints
import SutureDiagnostics
import SuturePlanning
import SystemPackage

/// The last step of a plan, once all its parts are written: small files, packing, and the final name.
struct Finishing {
    let plan: Plan
    let options: ExecutionOptions
    let isCancelled: @Sendable () -> Bool
    private let fingerprint: String
    private let companions: CompanionFiles

    /// Prepares to finish a plan.
    ///
    /// - Throws: ``ExecutionError`` where a file to copy is not what was planned with.
    init(
        _ checked: CheckedPlan,
        options: ExecutionOptions,
        isCancelled: @escaping @Sendable () -> Bool
    ) throws(ExecutionError) {
        plan = checked.plan
        companions = try CompanionFiles(plan)
        fingerprint = checked.fingerprint
        self.options = options
        self.isCancelled = isCancelled
    }

    /// What was made of a plan.
    struct Outcome {
        /// The bytes of all files.
        var byteCount: Int
        /// The bytes of them that share their blocks with a source.
        var sharedBytes: Int
    }

    /// Looks at the receipts of all parts.
    ///
    /// - Parameter folder: The work folder, which others may be writing in.
    /// - Returns: The receipts, in order.
    /// - Throws: ``ExecutionError`` naming each part that is missing, or all that was made from another plan.
    func receipts(in folder: WorkFolder) throws(ExecutionError) -> [PartReceipt] {
        guard try folder.hasMarker() else { throw ExecutionError(.model, .nothingToFinish(folder)) }
        let left = try PartMarker.read(folder)
        let cut = try PartCut(plan, count: left.parts.count)
        try PartMarker(plan, fingerprint: fingerprint, cut).check(left, in: folder)
        var receipts: [PartReceipt] = []
        var missing: [Part] = []
        var foreign = Diagnostics()
        for part in Part.all(of: left.parts.count) {
            guard let receipt = try PartReceipt.read(folder.receipt(part)) else {
                missing.append(part)
                continue
            }
            if receipt.fingerprint != fingerprint || receipt.part != part
                || receipt.stretches != cut.stretches(of: part, in: plan)
                || receipt.hashes.count != cut.tensors[part.number - 1].count
            {
                foreign.append(.foreignReceipt(part, folder.receipt(part)))
            }
            receipts.append(receipt)
        }
        if foreign.hasErrors { throw ExecutionError(.model, foreign.all) }
        guard missing.isEmpty else { throw ExecutionError(.retry, .partsMissing(missing, in: folder)) }
        _ = try written(in: folder.path.removingLastComponent())
        return receipts
    }

    /// The weight files, which must be as long as the receipts make believe.
    private func written(in folder: FilePath) throws(ExecutionError) -> [ShardContent] {
        var files: [ShardContent] = []
        var diagnostics = Diagnostics()
        for shard in plan.shards {
            if let file = try ShardContent.written(shard, in: folder) {
                files.append(file)
            } else {
                diagnostics.append(.writtenFileLost(folder.appending(shard.name)))
            }
        }
        if diagnostics.hasErrors { throw ExecutionError(.model, diagnostics.all) }
        return files
    }

    /// Writes all that is not weights, packs these where that is asked for, and leaves the folder as it will be.
    ///
    /// - Parameters:
    ///   - staged: The folder.
    ///   - receipts: The receipts of all parts, in order.
    /// - Returns: What was made.
    /// - Throws: ``ExecutionError``.
    func complete(
        _ staged: borrowing StagedFolder,
        _ receipts: [PartReceipt]
    ) throws(ExecutionError) -> Outcome {
        let written = try written(in: staged.place.partial)
        try removeStrays(staged, but: written)
        let copied = try writeSmallFiles(staged)
        try companions.verify()
        let headers = try zip(plan.shards, written).map { (shard, file) throws(ExecutionError) in
            try shard.headerHash(in: plan, written: file.content)
        }
        let hashes = Manifest.Hashes(headers: headers, tensors: receipts.flatMap(\.hashes), companions: copied)
        let manifest = Manifest(plan, hashes: hashes).text
        let weights = try settle(written, in: staged)
        try ExecutionError.system { () throws(FileError) in
            try FileSystem.write(manifest, to: staged.path(DocumentNames.manifest), calls: options.calls)
        }
        let small = plan.documents.reduce(0) { $0 + $1.text.utf8.count } + manifest.utf8.count
        let companionBytes = plan.companions.reduce(0) { $0 + $1.byteCount }
        return Outcome(
            byteCount: weights + small + companionBytes,
            sharedBytes: options.packing == nil ? receipts.reduce(0) { $0 + $1.sharedBytes } : 0
        )
    }

    /// Removes what earlier runs left beside the weight files: small files, which are written anew, and torn ones.
    private func removeStrays(
        _ staged: borrowing StagedFolder,
        but written: [ShardContent]
    ) throws(ExecutionError) {
        let known = Set(written.map(\.name) + [WorkFolder.name])
        let folder = staged.place.partial
        try ExecutionError.system { () throws(FileError) in
            for name in try FileSystem.list(folder) where !known.contains(name) {
                try FileSystem.removeTree(folder.appending(name))
            }
        }
    }

    /// Writes all other files but the manifest.
    ///
    /// - Returns: The hash of each companion.
    private func writeSmallFiles(_ staged: borrowing StagedFolder) throws(ExecutionError) -> [ContentHash] {
        var folders: Set<FilePath> = []
        var hashes: [ContentHash] = []
        for companion in plan.companions {
            if isCancelled() { throw .cancelled() }
            let path = staged.path(companion.name)
            try createFolder(of: path, in: staged, &folders)
            hashes.append(
                try ExecutionError.system { () throws(FileError) in
                    try FileSystem.copy(FilePath(companion.path), to: path, calls: options.calls)
                }
            )
        }
        for document in plan.documents {
            if isCancelled() { throw .cancelled() }
            let path = staged.path(document.name)
            try createFolder(of: path, in: staged, &folders)
            try ExecutionError.system { () throws(FileError) in
                try FileSystem.write(document.text, to: path, calls: options.calls)
            }
        }
        for folder in folders {
            try ExecutionError.system { () throws(FileError) in try FileSystem.syncFolder(folder) }
        }
        return hashes
    }

    /// Creates the folders between the staged folder and a file, and remembers them for the final sync.
    private func createFolder(
        of path: FilePath,
        in staged: borrowing StagedFolder,
        _ folders: inout Set<FilePath>
    ) throws(ExecutionError) {
        var folder = path.removingLastComponent()
        try ExecutionError.system { () throws(FileError) in try FileSystem.createFolders(folder) }
        while folder != staged.place.partial, folders.insert(folder).inserted { folder.removeLastComponent() }
    }
}

extension Diagnostic {
    fileprivate static func nothingToFinish(_ folder: WorkFolder) -> Diagnostic {
        Diagnostic(
            code: "nothing-to-finish",
            "no part of an output has been written here",
            at: .file(folder.path.removingLastComponent().string, tensor: nil),
            fix: FixIt("run its parts first: suture run PLAN -o DIR --part 1/4")
        )
    }

    fileprivate static func partsMissing(_ missing: [Part], in folder: WorkFolder) -> Diagnostic {
        let count = missing.first?.count ?? 0
        let shown = missing.prefix(20).map { part in
            let holder = try? FolderLock.holder(of: folder.lock(part))
            return (holder ?? nil).map { "\(part.number) (\($0) writes it)" } ?? "\(part.number)"
        }
        let others = missing.count > shown.count ? " and \(missing.count - shown.count) more" : ""
        return Diagnostic(
            code: "parts-missing",
            "\(missing.count) of \(count) parts are not done: \(shown.joined(separator: ", "))\(others)",
            at: .file(folder.path.removingLastComponent().string, tensor: nil),
            fix: FixIt("run them, and finish again")
        )
    }

    fileprivate static func foreignReceipt(_ part: Part, _ path: FilePath) -> Diagnostic {
        Diagnostic(
            code: "receipt-of-another-plan",
            "the receipt of part \(part) was made from another plan",
            at: .file(path.string, tensor: nil),
            fix: FixIt("remove it, and run the part again")
        )
    }
}
