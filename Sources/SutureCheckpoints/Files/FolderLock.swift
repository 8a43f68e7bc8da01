import Glibc
package import SystemPackage

/// A file that says that somebody works in a folder; the lock ends with its value, or with the process.
package struct FolderLock: ~Copyable {
    /// Where the lock file is.
    package let path: FilePath

    private let descriptor: Int32

    private init(path: FilePath, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Takes the lock, or tells who has it.
    package enum Outcome: ~Copyable {
        /// The lock is ours.
        case taken(FolderLock)

        /// Somebody else has it, and calls himself so.
        case held(by: String)
    }

    /// Tries to take a lock.
    ///
    /// - Parameters:
    ///   - path: The lock file; it is made where it is missing, and stays.
    ///   - holder: What others are told, such as host, process and start.
    /// - Returns: The lock, or who holds it.
    /// - Throws: ``FileError`` where the file cannot be opened or the file system knows no locks.
    package static func take(_ path: FilePath, holder: String) throws(FileError) -> Outcome {
        let descriptor = try call(.lock, path) {
            unsafe Glibc.open(path.string, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o644)
        }
        let lock = FolderLock(path: path, descriptor: descriptor)
        do throws(FileError) { try call(.lock, path) { flock(descriptor, LOCK_EX | LOCK_NB) } } catch {
            guard error.errno == .wouldBlock else { throw error }
            let text = try FileSystem.read(path, limit: 4096)
            return .held(by: String(decoding: text, as: UTF8.self))
        }
        try call(.lock, path) { ftruncate(descriptor, 0) }
        let writer = Array(holder.utf8)
        try call(.lock, path) { unsafe pwrite(descriptor, writer, writer.count, 0) == writer.count ? 0 : -1 }
        return .taken(lock)
    }
}
