import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SuturePlanning
package import SystemPackage

/// How far an output is that is written in parts, or at once.
package struct BuildStatus: Hashable, Sendable {
    /// The output's final name.
    package let folder: FilePath

    /// The recipe's name; `nil` where nobody has begun and where all is done.
    package let recipe: String?

    /// The parts, in order; none where all is done.
    package let parts: [PartStatus]

    /// Whether the folder has its final name, and so is whole.
    package let isPublished: Bool

    /// How far one part is.
    package struct PartStatus: Hashable, Sendable {
        /// The part.
        package let part: Part

        /// The bytes that it writes.
        package let byteCount: Int

        /// The bytes that are known to be on the disk; they are noted once a gigabyte, and when a run is stopped.
        package let doneByteCount: Int

        /// What becomes of it.
        package let state: State
    }

    /// What becomes of a part.
    package enum State: Hashable, Sendable {
        /// Nobody has begun it.
        case missing

        /// Somebody writes it, and calls himself so.
        case running(by: String)

        /// Somebody wrote at it, and does not any more.
        case stopped

        /// It is on the disk, written by whoever called himself so.
        case done(by: String)
    }
}

extension Execution {
    /// Looks at how far an output is, and holds nobody up.
    ///
    /// - Parameter folder: The output's final name, or the one it is written under.
    /// - Returns: How far it is.
    /// - Throws: ``ExecutionError`` where nothing of an output is there.
    package static func status(of folder: FilePath) throws(ExecutionError) -> BuildStatus {
        var name = folder
        if let last = folder.lastComponent?.string, last.hasSuffix(".partial"), last.utf8.count > 8 {
            name = folder.removingLastComponent().appending(String(last.dropLast(8)))
        }
        let place = try OutputPlace(name)
        let work = WorkFolder(in: place.partial)
        let isPublished = try ExecutionError.system { () throws(FileError) in
            for name in ["config.json", DocumentNames.manifest]
            where try FileSystem.kind(of: place.folder.appending(name)) == .file {
                return true
            }
            return false
        }
        guard try work.hasMarker() else {
            guard isPublished else { throw ExecutionError(.model, .nothingThere(place.folder)) }
            return BuildStatus(folder: place.folder, recipe: nil, parts: [], isPublished: true)
        }
        let marker = try PartMarker.read(work)
        var parts: [BuildStatus.PartStatus] = []
        for (part, share) in zip(Part.all(of: marker.parts.count), marker.parts) {
            parts.append(try status(of: part, share, marker.fingerprint, in: work))
        }
        return BuildStatus(folder: place.folder, recipe: marker.recipe, parts: parts, isPublished: isPublished)
    }

    private static func status(
        of part: Part,
        _ share: PartMarker.Share,
        _ fingerprint: String,
        in work: WorkFolder
    ) throws(ExecutionError) -> BuildStatus.PartStatus {
        let state: BuildStatus.State
        var done = 0
        let journal = work.journal(part)
        if let receipt = try PartReceipt.read(work.receipt(part)), receipt.fingerprint == fingerprint,
            receipt.part == part
        {
            state = .done(by: receipt.writer)
            done = share.byteCount
        } else {
            let (holder, wasBegun) = try ExecutionError.system { () throws(FileError) in
                (try FolderLock.holder(of: work.lock(part)), try FileSystem.kind(of: journal) != nil)
            }
            done = min(Journal.durableBytes(in: journal).reduce(0, +), share.byteCount)
            state = holder.map { .running(by: $0) } ?? (wasBegun ? .stopped : .missing)
        }
        return BuildStatus.PartStatus(part: part, byteCount: share.byteCount, doneByteCount: done, state: state)
    }
}

extension Diagnostic {
    fileprivate static func nothingThere(_ folder: FilePath) -> Diagnostic {
        Diagnostic(
            code: "nothing-built",
            "nothing of an output is here: neither a model nor parts of one",
            at: .file(folder.string, tensor: nil),
            fix: FixIt("run a part of a plan: suture run PLAN -o DIR --part 1/4")
        )
    }
}
