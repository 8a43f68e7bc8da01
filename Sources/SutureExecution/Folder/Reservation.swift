import SutureCheckpoints
import SutureDiagnostics
import SuturePlanning
import SutureTensors
import SystemPackage

/// Makes room for the weight files before the first byte is written: asks for space, shares blocks where the file
/// system can, and gives every file its final length.
struct Reservation {
    private let plan: Plan
    private let maps: [ShardMap]
    private let sources: SourceFiles
    private let options: ExecutionOptions

    /// Whether files on a device can share blocks with the output.
    private var canShare: [UInt64: Bool] = [:]
    private var shared: SharedBlocks

    /// Makes room in a staged folder.
    ///
    /// - Returns: The stretches that share their blocks with a source and need no writing.
    /// - Throws: ``ExecutionError``, also where the disk has not enough space.
    static func make(
        for plan: Plan,
        maps: [ShardMap],
        in staged: borrowing StagedFolder,
        sources: SourceFiles,
        options: ExecutionOptions
    ) throws(ExecutionError) -> SharedBlocks {
        var reservation = Reservation(plan, maps, sources, options)
        if options.mover == .automatic { try reservation.probe(staged) }
        try reservation.checkSpace(staged)
        for shard in plan.shards.indices { try reservation.create(shard, in: staged) }
        return reservation.shared
    }

    private init(_ plan: Plan, _ maps: [ShardMap], _ sources: SourceFiles, _ options: ExecutionOptions) {
        self.plan = plan
        self.maps = maps
        self.sources = sources
        self.options = options
        shared = SharedBlocks(shardCount: plan.shards.count)
    }

    /// Tries one block of each device that a source lies on.
    private mutating func probe(_ staged: borrowing StagedFolder) throws(ExecutionError) {
        for candidate in maps.lazy.flatMap(\.segments).compactMap(SharedBlocks.candidate) {
            let source = try sources.file(candidate.file)
            guard canShare[source.identity.device] == nil else { continue }
            let path = staged.path(".block-probe")
            canShare[source.identity.device] = try ExecutionError.system { () throws(FileError) in
                let size = SharedBlocks.blockByteCount
                let file = try OutputFile.create(path, byteCount: size, isSparse: true, calls: options.calls)
                return file.writer.clone(from: source, at: candidate.offset, to: 0, byteCount: size)
            }
        }
    }

    /// The stretches of a shard that can share their blocks.
    private func candidates(_ shard: Int) throws(ExecutionError) -> [(file: InputFile, offset: Int, range: Range<Int>)]
    {
        guard canShare.values.contains(true) else { return [] }
        var result: [(InputFile, Int, Range<Int>)] = []
        for candidate in maps[shard].segments.compactMap(SharedBlocks.candidate) {
            let file = try sources.file(candidate.file)
            guard canShare[file.identity.device] == true else { continue }
            result.append((file, candidate.offset, candidate.range))
        }
        return result
    }

    private func checkSpace(_ staged: borrowing StagedFolder) throws(ExecutionError) {
        var needed = plan.documents.reduce(0) { $0 + $1.text.utf8.count }
        needed += plan.companions.reduce(0) { $0 + $1.byteCount }
        // The manifest has a few lines for each tensor.
        needed += plan.tensors.count * 512
        for (number, shard) in plan.shards.enumerated() {
            let path = staged.path(shard.name)
            let present = (try? FileSystem.allocatedBytes(of: path)) ?? 0
            let sharable = try candidates(number).reduce(0) { $0 + $1.range.count }
            if try linkable(number, in: staged) != nil { continue }
            needed += max(0, shard.byteCount - sharable - present)
        }
        needed += needed / 100
        let free = try ExecutionError.system { () throws(FileError) in
            try FileSystem.freeSpace(at: staged.place.parent)
        }
        guard needed <= free else {
            throw ExecutionError(.system, .notEnoughSpace(staged.place.parent, needed: needed, free: free))
        }
    }

    /// The source's file that a shard can be a link to: whole, on one disk, and where blocks cannot be shared.
    private func linkable(_ shard: Int, in staged: borrowing StagedFolder) throws(ExecutionError) -> InputFile? {
        guard options.links, let original = plan.shards[shard].original else { return nil }
        let source = try sources.file(SourceNumbering(plan).number(of: original))
        let partial = staged.place.partial
        let folder = try ExecutionError.system { () throws(FileError) in try FileSystem.identity(of: partial) }
        return folder?.device == source.identity.device && canShare[source.identity.device] != true ? source : nil
    }

    /// Makes a shard a link to a source's file.
    ///
    /// - Returns: Whether it is one; nothing is at its path where it is not, though a link was there.
    private func link(
        _ shard: Int,
        at path: FilePath,
        in staged: borrowing StagedFolder
    ) throws(ExecutionError) -> Bool {
        guard let original = plan.shards[shard].original else { return false }
        let own = try sources.file(SourceNumbering(plan).number(of: original))
        let source = try linkable(shard, in: staged)
        return try ExecutionError.system { () throws(FileError) in
            let isLinked = try FileSystem.identity(of: path)?.isSameFile(as: own.identity) ?? false
            guard let source else {
                // A link that an earlier run left must not be written through.
                if isLinked { try FileSystem.remove(path) }
                return false
            }
            if isLinked { return true }
            try FileSystem.removeTree(path)
            do throws(FileError) { try FileSystem.link(source.path, at: path) } catch {
                switch error.errno {
                case .notPermitted, .permissionDenied, .tooManyLinks, .improperLink, .notSupported: return false
                default: throw error
                }
            }
            return true
        }
    }

    private mutating func create(_ shard: Int, in staged: borrowing StagedFolder) throws(ExecutionError) {
        let path = staged.path(plan.shards[shard].name)
        let byteCount = plan.shards[shard].byteCount
        if try link(shard, at: path, in: staged) { return shared.addLink(0..<byteCount, ofShard: shard) }
        let candidates = try candidates(shard)
        let calls = options.calls
        let taken = try ExecutionError.system { () throws(FileError) in
            // What an earlier run left; it may have died before the file had its length.
            if try FileSystem.identity(of: path)?.byteCount != byteCount {
                try FileSystem.removeTree(path)
                let isSparse = !candidates.isEmpty
                try OutputFile.create(path, byteCount: byteCount, isSparse: isSparse, calls: calls).leave()
            }
            guard !candidates.isEmpty else { return [Range<Int>]() }
            let file = try OutputFile.reopen(path, byteCount: byteCount, calls: calls)
            let writer = file.writer
            return candidates.filter { candidate in
                let start = candidate.range.lowerBound
                return writer.clone(
                    from: candidate.file,
                    at: candidate.offset,
                    to: start,
                    byteCount: candidate.range.count
                )
            }.map(\.range)
        }
        for range in taken { shared.add(range, ofShard: shard) }
    }
}

extension Diagnostic {
    fileprivate static func notEnoughSpace(_ folder: FilePath, needed: Int, free: Int) -> Diagnostic {
        Diagnostic(
            code: "not-enough-space",
            "the output needs \(ByteSize.format(needed)) and the disk has \(ByteSize.format(free)) free",
            at: .file(folder.string, tensor: nil),
            fix: FixIt("free some space, or write to another disk")
        )
    }
}
