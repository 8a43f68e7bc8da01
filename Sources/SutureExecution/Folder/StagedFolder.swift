import Glibc
import SutureCheckpoints
import SutureDiagnostics
import SystemPackage

/// An output folder under its working name, held by one run.
///
/// What is never ``publish(replacesExisting:)``ed has failed: when the value dies the folder is removed, unless it
/// was told to ``keep()`` it for a later run.
struct StagedFolder: ~Copyable {
    /// Where it is and where it goes.
    let place: OutputPlace

    /// Whether an earlier run left a journal in it.
    let isResumed: Bool

    private let lock: FolderLock
    private var isKept = false

    private init(_ place: OutputPlace, _ lock: consuming FolderLock, isResumed: Bool) {
        self.place = place
        self.lock = lock
        self.isResumed = isResumed
    }

    deinit {
        if !isKept { try? FileSystem.removeTree(place.partial) }
        // Under the lock, so that nobody's new lock file is taken for ours.
        try? FileSystem.remove(place.lock)
    }

    /// Takes a place, and what an earlier run left in it if it is to be gone on with.
    ///
    /// - Throws: ``ExecutionError``, also where another run holds the place.
    static func open(_ place: OutputPlace, resumes: Bool) throws(ExecutionError) -> StagedFolder {
        let outcome = try ExecutionError.system { () throws(FileError) in
            try FileSystem.createFolders(place.parent)
            return try FolderLock.take(place.lock, holder: holder)
        }
        switch consume outcome {
        case .held(let holder): throw ExecutionError(.retry, .outputHeld(place.folder, by: holder))
        case .taken(let lock):
            let journal = place.partial.appending(Journal.name)
            let isResumed = try ExecutionError.system { () throws(FileError) in
                // A link that somebody put there would lead the build elsewhere.
                let folder = try FileSystem.kind(of: place.partial, followsLinks: false)
                let left = folder == .folder ? try FileSystem.kind(of: journal, followsLinks: false) : nil
                let isResumed = resumes && left == .file
                if !isResumed {
                    try FileSystem.removeTree(place.partial)
                    try FileSystem.createFolder(place.partial)
                }
                return isResumed
            }
            return StagedFolder(place, lock, isResumed: isResumed)
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
        // What is left under the working name is the model that was replaced; `deinit` removes it.
    }

    /// What another run is told.
    private static var holder: String {
        var name = [CChar](repeating: 0, count: 256)
        let failed = unsafe gethostname(&name, name.count - 1) != 0
        let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let host = failed ? "an unknown machine" : String(decoding: bytes, as: UTF8.self)
        return "process \(getpid()) on \(host)"
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

extension FileError {
    fileprivate var isUnsupported: Bool {
        switch errno {
        case .invalidArgument, .notSupported, .noFunction: true
        default: false
        }
    }
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
}
