import Glibc
import SutureCheckpoints
import SutureDiagnostics
import SystemPackage

/// An output folder under its working name, held by one run, or by several that write parts of it.
///
/// A folder that one run holds and never ``publish(replacesExisting:)``es has failed: when the value dies the folder is
/// removed, unless it was told to ``keep()`` it for a later run. What several write always stays.
struct StagedFolder: ~Copyable {
    /// Where it is and where it goes.
    let place: OutputPlace

    /// What lies beside the output's files.
    let work: WorkFolder

    private let lock: FolderLock
    private var isKept: Bool

    private init(_ place: OutputPlace, _ lock: consuming FolderLock, isKept: Bool = false) {
        self.place = place
        self.lock = lock
        self.isKept = isKept
        work = WorkFolder(in: place.partial)
    }

    deinit {
        if !isKept { try? FileSystem.removeTree(place.partial) }
        // Under the lock, so that nobody's new lock file is taken for ours.
        lock.removeFile()
    }

    /// Takes a place for a run that does all, and what an earlier one left in it if it is to be gone on with.
    ///
    /// - Throws: ``ExecutionError``, also where another run holds the place or parts were written there.
    static func open(_ place: OutputPlace, resumes: Bool) throws(ExecutionError) -> StagedFolder {
        let lock = try take(place, .alone)
        let work = WorkFolder(in: place.partial)
        let hasMarker = try work.hasMarker()
        if hasMarker, !resumes, let marker = try? PartMarker.read(work), marker.parts.count > 1 {
            throw ExecutionError(.model, .partsWereWritten(place, marker.parts.count))
        }
        if !hasMarker || !resumes {
            try ExecutionError.system { () throws(FileError) in try FileSystem.removeTree(place.partial) }
        }
        let staged = StagedFolder(place, lock, isKept: hasMarker && resumes)
        try work.create()
        return staged
    }

    /// Joins those who write parts of an output.
    ///
    /// - Throws: ``ExecutionError``, also where a run that does all holds the place.
    static func join(_ place: OutputPlace) throws(ExecutionError) -> StagedFolder {
        let lock = try take(place, .shared)
        try WorkFolder(in: place.partial).create()
        return StagedFolder(place, lock, isKept: true)
    }

    /// Takes a place in which all parts have been written.
    ///
    /// - Throws: ``ExecutionError``, also where somebody still works there.
    static func openToFinish(_ place: OutputPlace) throws(ExecutionError) -> StagedFolder {
        StagedFolder(place, try take(place, .alone), isKept: true)
    }

    private static func take(
        _ place: OutputPlace,
        _ sharing: FolderLock.Sharing
    ) throws(ExecutionError) -> FolderLock {
        let outcome = try ExecutionError.system { () throws(FileError) in
            try FileSystem.createFolders(place.parent)
            let holder = sharing == .alone ? Host.process : "runs that write parts of it"
            return try FolderLock.take(place.lock, holder: holder, sharing: sharing)
        }
        switch consume outcome {
        case .held(let holder): throw ExecutionError(.retry, .outputHeld(place.folder, by: holder))
        case .taken(let lock): return lock
        }
    }

    /// The path of a file in it.
    func path(_ name: String) -> FilePath { place.partial.appending(FilePath(name).components) }

    /// Leaves the folder for a later run to go on with.
    consuming func keep() {
        isKept = true
    }

    /// Gives the folder its final name; from then on it is there whole, even after a power cut.
    ///
    /// - Parameter replacesExisting: Whether a model that has the name gives way.
    /// - Throws: ``ExecutionError``, also where something came to have the name in the meantime.
    consuming func publish(replacesExisting: Bool) throws(ExecutionError) {
        if let fault = try place.faultOfExisting(replacesExisting: replacesExisting) {
            throw ExecutionError(.system, fault)
        }
        let place = place
        try ExecutionError.system { () throws(FileError) in
            try FileSystem.syncFolder(place.partial)
            if try FileSystem.kind(of: place.folder, followsLinks: false) == nil {
                try FileSystem.renameWithoutReplacing(place.partial, to: place.folder)
            } else if try FileSystem.list(place.folder).isEmpty {
                try FileSystem.rename(place.partial, to: place.folder)
            } else {
                try FileSystem.swap(place.partial, place.folder)
            }
            try FileSystem.syncFolder(place.parent)
        }
        // Not before: whoever died in between would have lost what says that all parts are done.
        try? FileSystem.removeTree(WorkFolder(in: place.folder).path)
        // What is left under the working name is the model that was replaced; `deinit` removes it.
        isKept = false
    }
}

extension FileSystem {
    /// Renames a folder to a name that nothing bears, on file systems that cannot promise it too.
    fileprivate static func renameWithoutReplacing(_ old: FilePath, to new: FilePath) throws(FileError) {
        do throws(FileError) { try renameExclusively(old, to: new) } catch {
            guard error.isUnsupported else { throw error }
            // A plain rename refuses whatever is not an empty folder.
            try rename(old, to: new)
        }
    }

    /// Lets two folders change names; where that takes two steps, a crash between them leaves both under other names.
    fileprivate static func swap(_ a: FilePath, _ b: FilePath) throws(FileError) {
        do throws(FileError) { try exchange(a, b) } catch {
            guard error.isUnsupported else { throw error }
            let aside = b.removingLastComponent().appending("\(b.lastComponent?.string ?? "").old.\(uniqueSuffix())")
            try rename(b, to: aside)
            do throws(FileError) { try rename(a, to: b) } catch {
                try? rename(aside, to: b)
                throw error
            }
            try rename(aside, to: a)
        }
    }
}

/// What a process calls itself.
enum Host {
    /// The process and its machine, for others who find what it holds or left.
    static let process: String = {
        var name = [CChar](repeating: 0, count: 256)
        let failed = unsafe gethostname(&name, name.count - 1) != 0
        let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let host = failed ? "an unknown machine" : String(decoding: bytes, as: UTF8.self)
        return "process \(getpid()) on \(host)"
    }()
}

extension Diagnostic {
    fileprivate static func outputHeld(_ folder: FilePath, by holder: String) -> Diagnostic {
        Diagnostic(
            code: "output-held",
            "another build writes this folder: \(holder.isEmpty ? "it has not said who it is" : holder)",
            at: .file(folder.string, tensor: nil),
            fix: FixIt("wait for it, or choose another folder")
        )
    }

    fileprivate static func partsWereWritten(_ place: OutputPlace, _ count: Int) -> Diagnostic {
        Diagnostic(
            code: "output-in-parts",
            "this folder is being written in \(count) parts, and a build would throw away what there is of them",
            at: .file(place.partial.string, tensor: nil),
            fix: FixIt("'suture status \(place.folder)' shows them; finish them, or remove the folder")
        )
    }
}
