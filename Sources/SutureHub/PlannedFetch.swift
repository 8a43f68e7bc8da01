package import SutureCheckpoints
import SutureDiagnostics
import SutureExecution
package import SuturePlanning
import SutureTensors
package import SystemPackage

/// What has to come from the hub before a plan can be run to its end, in the order in which it is read.
package struct PlannedFetch: Sendable {
    /// The bytes that are read of files that are not whole here.
    package let neededByteCount: Int

    /// The bytes of these files.
    package let sourceByteCount: Int

    /// The files, and the commits that they are of.
    package let files: [(path: FilePath, commit: String)]

    private let hub: Hub
    private let pieces: [Piece]

    private struct Piece: Sendable {
        let file: FilePath
        let range: Range<Int>
        /// The output's first tensor that reads some of it.
        var turn: Int
    }

    /// The farthest apart that ranges are fetched as one, with what lies between them.
    private static let gap = 1 << 16

    /// Finds what a plan reads of the hub; `nil` where all sources are on this machine.
    ///
    /// - Parameters:
    ///   - plan: The plan.
    ///   - hub: The hub.
    /// - Throws: ``FileError``.
    package init?(_ plan: Plan, from hub: Hub) throws(FileError) {
        var wanted: [Int: ByteRanges] = [:]
        var turns: [Int: [(start: Int, turn: Int)]] = [:]
        var firstFiles: [Int] = []
        var files: [(file: Plan.Source.File, commit: String)] = []
        for source in plan.sources {
            firstFiles.append(files.count)
            files += source.files.map { ($0, source.revision ?? "") }
        }
        let elsewhere = files.indices.filter { hub.store.holds(FilePath(files[$0].file.path)) }
        guard !elsewhere.isEmpty else { return nil }
        var gathered = 0
        for (turn, tensor) in plan.tensors.enumerated() {
            let leaves = tensor.expression.wholeLeaves
            for leaf in leaves {
                let number = firstFiles[leaf.source] + leaf.file
                guard let range = leaf.byteRange, !range.isEmpty, files[number].file.unpackedByteCount == nil
                else { continue }
                wanted[number, default: ByteRanges()].insert(range)
                turns[number, default: []].append((range.lowerBound, turn))
            }
            if leaves.isEmpty, let leaf = tensor.expression.leaves.first,
                hub.store.holds(FilePath(files[firstFiles[leaf.source] + leaf.file].file.path))
            {
                gathered += tensor.spec.byteCount
            }
        }
        var pieces: [Piece] = []
        for number in elsewhere {
            let path = FilePath(files[number].file.path)
            let ranges = wanted[number] ?? ByteRanges()
            var own = ranges.joined(over: Self.gap).ranges.flatMap { Self.pieces(of: $0, in: path) }
            var place = 0
            for (start, turn) in (turns[number] ?? []).sorted(by: { $0.start < $1.start }) {
                while own[place].range.upperBound <= start { place += 1 }
                own[place].turn = min(own[place].turn, turn)
            }
            // What goes on in the next piece is wanted no later than what begins there.
            for index in own.indices.dropFirst() where own[index].turn == .max { own[index].turn = own[index - 1].turn }
            try hub.rangeFile(path).plan(own.map(\.range))
            pieces += own
        }
        self.hub = hub
        self.pieces = pieces.enumerated().sorted { ($0.element.turn, $0.offset) < ($1.element.turn, $1.offset) }
            .map(\.element)
        neededByteCount = pieces.reduce(gathered) { $0 + $1.range.count }
        sourceByteCount = elsewhere.reduce(0) { $0 + files[$1].file.byteCount }
        self.files = elsewhere.map { (FilePath(files[$0].file.path), files[$0].commit) }
    }

    /// Wants all of some files; `nil` where all are on this machine.
    ///
    /// - Parameters:
    ///   - files: The files, and the commits that they are of.
    ///   - hub: The hub.
    /// - Throws: ``FileError``.
    package init?(
        wholeFiles files: [(path: FilePath, commit: String, byteCount: Int)],
        from hub: Hub
    ) throws(FileError) {
        let elsewhere = files.filter { hub.store.holds($0.path) }
        guard !elsewhere.isEmpty else { return nil }
        self.hub = hub
        self.files = elsewhere.map { ($0.path, $0.commit) }
        pieces = elsewhere.flatMap { file in Self.pieces(of: 0..<file.byteCount, in: file.path) }
        sourceByteCount = elsewhere.reduce(0) { $0 + $1.byteCount }
        neededByteCount = sourceByteCount
    }

    private static func pieces(of range: Range<Int>, in file: FilePath) -> [Piece] {
        stride(from: range.lowerBound, to: range.upperBound, by: RangeFile.pieceByteCount).map { start in
            Piece(file: file, range: start..<min(range.upperBound, start + RangeFile.pieceByteCount), turn: .max)
        }
    }

    /// The bytes of what is needed that are here.
    package var presentByteCount: Int {
        get throws(FileError) {
            var count = 0
            for piece in pieces { count += try hub.rangeFile(piece.file).presentByteCount(of: [piece.range]) }
            return count
        }
    }

    /// Refuses a disk that is too small for what is missing.
    ///
    /// - Throws: ``FileError`` with `unfetched`.
    package func checkRoom() throws(FileError) {
        let missing = neededByteCount - (try presentByteCount)
        let free = try FileSystem.freeSpace(at: hub.store.folder)
        guard missing > free else { return }
        throw FileError(.write, hub.store.folder, .unfetched(.noRoom(hub.store.folder, missing, free), helps: .system))
    }

    /// Fetches all that is missing.
    ///
    /// - Parameter isStopped: Asked between requests; what has come by then stays.
    /// - Throws: ``FileError``.
    package func run(isStopped: @Sendable () -> Bool) throws(FileError) {
        let crew = Crew(width: Hub.width)
        try crew.forEach(pieces.indices, state: {}) { index, _ throws(FileError) in
            if isStopped() { return }
            try hub.rangeFile(pieces[index].file).bring(pieces[index].range)
        }
    }

    /// Puts each file that has become whole into the hub cache.
    ///
    /// - Returns: How many those were.
    /// - Throws: ``FileError``, also where a file's hash is not what the hub says.
    @discardableResult
    package func settle() throws(FileError) -> Int {
        var count = 0
        var failure: FileError?
        // All are looked at, so that what is no good is gone for the next time.
        for file in files {
            do throws(FileError) { if try hub.settle(file.path, at: file.commit) { count += 1 } } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return count
    }
}

extension TensorExpression {
    /// The tensors that are read from their first byte to their last, or nearly so; of others, blocks are.
    fileprivate var wholeLeaves: [StoredTensorReference] {
        switch self {
        case .gathered(let gathered):
            gathered.joined.map { $0.first.wholeLeaves + ($0.rest?.wholeLeaves ?? []) }
                ?? (gathered.isOfRows ? gathered.inputs[0].wholeLeaves : [])
        case .scaled(let inner, _), .rounded(let inner, _): inner.wholeLeaves
        case .blended(let blend): (blend.inputs + (blend.base.map { [$0] } ?? [])).flatMap(\.wholeLeaves)
        case .stored, .filled, .adapted: leaves
        }
    }
}

extension StoredTensorReference {
    /// The bytes between its first and its last in the file.
    fileprivate var byteRange: Range<Int>? {
        guard let strides else { return offset..<offset + spec.byteCount }
        return StridedLayout.reach(of: spec, strides: strides).map { offset..<offset + $0 }
    }
}

extension Diagnostic {
    fileprivate static func noRoom(_ folder: FilePath, _ missing: Int, _ free: Int) -> Diagnostic {
        Diagnostic(
            code: "hub-no-room",
            "\(ByteSize.format(missing)) have to be fetched, and the disk has only \(ByteSize.format(free)) free",
            at: .file(folder.string, tensor: nil),
            fix: FixIt("free some space ('suture cache prune'), or set SUTURE_CACHE to a larger disk")
        )
    }
}
