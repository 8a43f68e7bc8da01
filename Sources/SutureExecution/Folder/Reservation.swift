import SutureCheckpoints
import SutureDiagnostics
import SuturePlanning
import SutureTensors
import SystemPackage

/// Makes room for a part's weight files before the first byte is written: asks for space, shares blocks where the file
/// system can, and gives every file its final length.
struct Reservation {
    private let plan: Plan
    private let stretches: [Stretch]
    private let maps: [ShardMap]
    private let sources: SourceFiles
    private let options: ExecutionOptions

    /// Whether files on a device can share blocks with the output.
    private var canShare: [UInt64: Bool] = [:]
    private var shared: SharedBlocks

    /// Makes room in a staged folder.
    ///
    /// - Parameters:
    ///   - stretches: What the part writes.
    ///   - plan: The plan.
    ///   - maps: What lies where in the files of the stretches.
    ///   - staged: The folder.
    ///   - sources: The files to share blocks with.
    ///   - options: How.
    /// - Returns: The ranges that share their blocks with a source and need no writing.
    /// - Throws: ``ExecutionError``, also where the disk has not enough space.
    static func make(
        for stretches: [Stretch],
        of plan: Plan,
        maps: [ShardMap],
        in staged: borrowing StagedFolder,
        sources: SourceFiles,
        options: ExecutionOptions
    ) throws(ExecutionError) -> SharedBlocks {
        var reservation = Reservation(plan, stretches, maps, sources, options)
        if options.mover == .automatic { try reservation.probe(staged) }
        try reservation.checkSpace(staged)
        for stretch in stretches.indices { try reservation.create(stretch, in: staged) }
        return reservation.shared
    }

    private init(
        _ plan: Plan,
        _ stretches: [Stretch],
        _ maps: [ShardMap],
        _ sources: SourceFiles,
        _ options: ExecutionOptions
    ) {
        self.plan = plan
        self.stretches = stretches
        self.maps = maps
        self.sources = sources
        self.options = options
        shared = SharedBlocks(stretchCount: stretches.count)
    }

    /// Tries one block of each device that a source lies on.
    private mutating func probe(_ staged: borrowing StagedFolder) throws(ExecutionError) {
        for candidate in stretches.indices.lazy.flatMap(segments).compactMap(SharedBlocks.candidate) {
            guard let source = try sources.plainFile(candidate.file), canShare[source.identity.device] == nil else {
                continue
            }
            let path = staged.work.scratch()
            canShare[source.identity.device] = try ExecutionError.system { () throws(FileError) in
                let size = SharedBlocks.blockByteCount
                let file = try OutputFile.create(path, byteCount: size, isSparse: true, calls: options.calls)
                return file.writer.clone(from: source, at: candidate.offset, to: 0, byteCount: size)
            }
        }
    }

    /// What lies in a stretch.
    private func segments(of stretch: Int) -> [ShardMap.Segment] {
        maps[stretch].segments(in: stretches[stretch].range)
    }

    /// The ranges of a stretch that can share their blocks.
    private func candidates(_ stretch: Int) throws(ExecutionError) -> [(
        file: InputFile, offset: Int, range: Range<Int>
    )] {
        guard canShare.values.contains(true) else { return [] }
        var result: [(InputFile, Int, Range<Int>)] = []
        for candidate in segments(of: stretch).compactMap(SharedBlocks.candidate) {
            guard let file = try sources.plainFile(candidate.file), canShare[file.identity.device] == true else {
                continue
            }
            result.append((file, candidate.offset, candidate.range))
        }
        return result
    }

    private func checkSpace(_ staged: borrowing StagedFolder) throws(ExecutionError) {
        var needed = plan.documents.reduce(0) { $0 + $1.text.utf8.count }
        needed += plan.companions.reduce(0) { $0 + $1.byteCount }
        // The manifest has a few lines for each tensor.
        needed += plan.tensors.count * 512
        for (number, stretch) in stretches.enumerated() {
            let shard = plan.shards[stretch.shard]
            let path = staged.path(shard.name)
            let present = (try? FileSystem.allocatedBytes(of: path)) ?? 0
            let sharable = try candidates(number).reduce(0) { $0 + $1.range.count }
            if try linkable(stretch, in: staged) != nil { continue }
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
    private func linkable(_ stretch: Stretch, in staged: borrowing StagedFolder) throws(ExecutionError) -> InputFile? {
        let shard = plan.shards[stretch.shard]
        guard options.links, stretch.range == 0..<shard.byteCount, let original = shard.original else { return nil }
        guard let source = try sources.plainFile(SourceNumbering(plan).number(of: original)) else { return nil }
        let partial = staged.place.partial
        let folder = try ExecutionError.system { () throws(FileError) in try FileSystem.identity(of: partial) }
        return folder?.device == source.identity.device && canShare[source.identity.device] != true ? source : nil
    }

    /// Makes a shard a link to a source's file.
    ///
    /// - Returns: Whether it is one; nothing is at its path where it is not, though a link was there.
    private mutating func link(
        _ number: Int,
        at path: FilePath,
        in staged: borrowing StagedFolder
    ) throws(ExecutionError) -> Bool {
        let stretch = stretches[number]
        guard let original = plan.shards[stretch.shard].original,
            let own = try sources.plainFile(SourceNumbering(plan).number(of: original))
        else { return false }
        let source = try linkable(stretch, in: staged)
        let isLinked = try ExecutionError.system { () throws(FileError) in
            try FileSystem.identity(of: path)?.isSameFile(as: own.identity) ?? false
        }
        if isLinked, source == nil { shared.renew(number) }
        return try ExecutionError.system { () throws(FileError) in
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

    private mutating func create(_ stretch: Int, in staged: borrowing StagedFolder) throws(ExecutionError) {
        let shard = plan.shards[stretches[stretch].shard]
        let path = staged.path(shard.name)
        if try link(stretch, at: path, in: staged) {
            return shared.addLink(0..<shard.byteCount, ofStretch: stretch)
        }
        let candidates = try candidates(stretch)
        let calls = options.calls
        let taken = try ExecutionError.system { () throws(FileError) in
            // An earlier run may have left it, or another part have come first.
            let isSparse = !candidates.isEmpty
            let file = try OutputFile.share(path, byteCount: shard.byteCount, isSparse: isSparse, calls: calls)
            guard !candidates.isEmpty else { return [Range<Int>]() }
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
        for range in taken { shared.add(range, ofStretch: stretch) }
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
