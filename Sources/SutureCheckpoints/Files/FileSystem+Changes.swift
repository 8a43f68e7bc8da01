import Glibc
package import SystemPackage

extension FileSystem {
    /// Creates a folder in one that exists; nothing may be there yet.
    package static func createFolder(_ path: FilePath) throws(FileError) {
        try call(.create, path) { unsafe mkdir(path.string, 0o755) }
    }

    /// Creates a folder and those above it that are missing; one that is there is welcome.
    package static func createFolders(_ path: FilePath) throws(FileError) {
        var missing: [FilePath] = []
        var current = path
        while !current.isEmpty, try kind(of: current) == nil {
            missing.append(current)
            let parent = current.removingLastComponent()
            if parent == current { break }
            current = parent
        }
        for folder in missing.reversed() {
            do throws(FileError) { try createFolder(folder) } catch {
                // Somebody else may have made it in the meantime.
                guard error.errno == .fileExists else { throw error }
            }
        }
        let made = try kind(of: path)
        guard path.isEmpty || made == .folder else { throw FileError(.create, path, .notDirectory) }
    }

    /// Renames a file or folder; a file that bears the new name is replaced, a folder that is not empty refuses.
    package static func rename(_ old: FilePath, to new: FilePath) throws(FileError) {
        try call(.rename, old) { unsafe Glibc.rename(old.string, new.string) }
    }

    /// Renames a file or folder to a name that nothing bears.
    package static func renameExclusively(_ old: FilePath, to new: FilePath) throws(FileError) {
        // RENAME_NOREPLACE
        try call(.rename, old) { unsafe renameat2(AT_FDCWD, old.string, AT_FDCWD, new.string, 1) }
    }

    /// Lets two files or folders change names in one step.
    package static func exchange(_ a: FilePath, _ b: FilePath) throws(FileError) {
        // RENAME_EXCHANGE
        try call(.rename, a) { unsafe renameat2(AT_FDCWD, a.string, AT_FDCWD, b.string, 2) }
    }

    /// Sees the names in a folder to the disk.
    package static func syncFolder(_ path: FilePath) throws(FileError) {
        let descriptor = try call(.open, path) { unsafe Glibc.open(path.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        defer { close(descriptor) }
        do throws(FileError) { try call(.sync, path) { fsync(descriptor) } } catch {
            // Some network file systems have no such call for folders.
            guard error.errno == .invalidArgument || error.errno == .notSupported else { throw error }
        }
    }

    /// Gives a file a second name on the same disk.
    package static func link(_ path: FilePath, at new: FilePath) throws(FileError) {
        let source = try resolve(path)
        try call(.create, new) { unsafe Glibc.link(source.string, new.string) }
    }

    /// Creates a symbolic link.
    ///
    /// - Parameters:
    ///   - path: The link.
    ///   - target: What it points to, relative to the link's folder.
    /// - Throws: ``FileError``; something may bear the name already.
    package static func createSymbolicLink(_ path: FilePath, to target: FilePath) throws(FileError) {
        try call(.create, path) { unsafe symlink(target.string, path.string) }
    }

    /// Removes a file, a link or an empty folder.
    package static func remove(_ path: FilePath) throws(FileError) {
        try call(.remove, path) { unsafe Glibc.remove(path.string) }
    }

    /// Removes a folder with all that is in it; links in it are removed and not followed.
    package static func removeTree(_ path: FilePath) throws(FileError) {
        guard let kind = try kind(of: path, followsLinks: false) else { return }
        guard kind == .folder else { return try remove(path) }
        var folders = [path]
        var emptied: [FilePath] = []
        while let folder = folders.popLast() {
            emptied.append(folder)
            for name in try list(folder) {
                let child = folder.appending(name)
                if try self.kind(of: child, followsLinks: false) == .folder {
                    folders.append(child)
                } else {
                    try remove(child)
                }
            }
        }
        for folder in emptied.reversed() { try remove(folder) }
    }
}
