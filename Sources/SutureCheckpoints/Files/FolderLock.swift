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
    ///   - path: The lock file; it is made where it is missing. Whoever holds the lock may remove it.
    ///   - holder: What others are told, such as host, process and start.
    /// - Returns: The lock, or who holds it.
    /// - Throws: ``FileError`` where the file cannot be opened or the file system knows no locks.
    package static func take(_ path: FilePath, holder: String) throws(FileError) -> Outcome {
        while true {
            let descriptor = try call(.lock, path) {
                unsafe Glibc.open(path.string, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o644)
            }
            let lock = FolderLock(path: path, descriptor: descriptor)
            do throws(FileError) { try call(.lock, path) { flock(descriptor, LOCK_EX | LOCK_NB) } } catch {
                guard error.errno == .wouldBlock else { throw error }
                let text = try? FileSystem.read(path, limit: 4096)
                return .held(by: String(decoding: text ?? [], as: UTF8.self))
            }
            // Its last holder may have removed the file after it was opened here; such a lock keeps nobody out.
            guard try lock.isOnFile() else { continue }
            try call(.lock, path) { ftruncate(descriptor, 0) }
            let text = Array(holder.utf8)
            try call(.lock, path) { unsafe pwrite(descriptor, text, text.count, 0) == text.count ? 0 : -1 }
            return .taken(lock)
        }
    }

    /// Whether the file that is locked is the one that the path leads to.
    private func isOnFile() throws(FileError) -> Bool {
        var info = stat()
        guard unsafe fstat(descriptor, &info) == 0 else { throw FileError(.lock, path, lastErrno) }
        guard let named = try FileSystem.identity(of: path) else { return false }
        return named.isSameFile(as: FileIdentity(info))
    }
}
