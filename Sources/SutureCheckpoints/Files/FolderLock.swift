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

    /// Who may hold a lock at the same time.
    package enum Sharing: Hashable, Sendable {
        /// Nobody else.
        case alone

        /// Others who share it too.
        case shared
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
    ///   - path: The lock file; it is made where it is missing.
    ///   - holder: What others are told, such as host and process; those who share a lock say the same.
    ///   - sharing: Who may hold it too.
    /// - Returns: The lock, or who holds it.
    /// - Throws: ``FileError`` where the file cannot be opened or the file system knows no locks.
    package static func take(
        _ path: FilePath,
        holder: String,
        sharing: Sharing = .alone
    ) throws(FileError) -> Outcome {
        var attempts = 0
        while true {
            let descriptor = try call(.lock, path) {
                unsafe Glibc.open(path.string, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o644)
            }
            let lock = FolderLock(path: path, descriptor: descriptor)
            guard try lock.lock(sharing) else {
                // Whoever only asks for the holder has the lock for an instant.
                attempts += 1
                guard attempts > 5 else {
                    usleep(10_000)
                    continue
                }
                return .held(by: holderText(path))
            }
            // Its last holder may have removed the file after it was opened here; such a lock keeps nobody out.
            guard try lock.isOnFile() else { continue }
            let text = Array(holder.utf8)
            var done = 0
            while done < text.count {
                let rest = Array(text[done...])
                let count = try call(.lock, path) { Int32(unsafe pwrite(descriptor, rest, rest.count, done)) }
                // A disk that takes nothing and says nothing would be asked for ever.
                guard count > 0 else { throw FileError(.lock, path, .ioError) }
                done += Int(count)
            }
            try call(.lock, path) { ftruncate(descriptor, text.count) }
            return .taken(lock)
        }
    }

    /// Who holds a lock; `nil` where nobody does.
    package static func holder(of path: FilePath) throws(FileError) -> String? {
        guard try FileSystem.kind(of: path, followsLinks: false) == .file else { return nil }
        let descriptor = try call(.lock, path) { unsafe Glibc.open(path.string, O_RDONLY | O_NOFOLLOW | O_CLOEXEC) }
        let lock = FolderLock(path: path, descriptor: descriptor)
        return try lock.lock(.shared) ? nil : holderText(path)
    }

    /// Removes the lock's file, at the end of the work, unless others share it.
    package func removeFile() {
        guard (try? lock(.alone)) == true, (try? isOnFile()) == true else { return }
        try? FileSystem.remove(path)
    }

    private static func holderText(_ path: FilePath) -> String {
        let text = try? FileSystem.read(path, limit: 4096)
        return String(decoding: text ?? [], as: UTF8.self)
    }

    /// Locks the open file, or returns `false` where somebody else has it.
    private func lock(_ sharing: Sharing) throws(FileError) -> Bool {
        let descriptor = descriptor
        let operation = sharing == .alone ? LOCK_EX : LOCK_SH
        do throws(FileError) { try call(.lock, path) { flock(descriptor, operation | LOCK_NB) } } catch {
            guard error.errno == .wouldBlock else { throw error }
            return false
        }
        return true
    }

    /// Whether the file that is locked is the one that the path leads to.
    private func isOnFile() throws(FileError) -> Bool {
        var info = stat()
        guard unsafe fstat(descriptor, &info) == 0 else { throw FileError(.lock, path, lastErrno) }
        guard let named = try FileSystem.identity(of: path) else { return false }
        return named.isSameFile(as: FileIdentity(info))
    }
}
