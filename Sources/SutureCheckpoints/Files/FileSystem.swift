import Glibc
package import SystemPackage

/// Questions about files and folders.
package enum FileSystem {
    /// What a path leads to.
    package enum Kind: Hashable, Sendable {
        case file, folder, symbolicLink, other
    }

    /// What a path leads to, or `nil` where nothing is there.
    ///
    /// - Parameters:
    ///   - path: The path.
    ///   - followsLinks: Whether a link at the end stands for what it points to; a broken one is then nothing.
    /// - Returns: The kind, or `nil`.
    /// - Throws: ``FileError`` where the system does not say.
    package static func kind(of path: FilePath, followsLinks: Bool = true) throws(FileError) -> Kind? {
        guard let info = try status(path, followsLinks: followsLinks) else { return nil }
        switch info.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .folder
        case S_IFLNK: return .symbolicLink
        default: return .other
        }
    }

    /// Which file a path leads to and in which state, or `nil` where nothing is there.
    package static func identity(of path: FilePath) throws(FileError) -> FileIdentity? {
        try status(path, followsLinks: true).map { FileIdentity($0) }
    }

    /// The names in a folder, sorted by their bytes, without `.` and `..`.
    package static func list(_ folder: FilePath) throws(FileError) -> [String] {
        guard let stream = unsafe opendir(folder.string) else { throw FileError(.list, folder, lastErrno) }
        defer { unsafe _ = closedir(stream) }
        var names: [String] = []
        while true {
            Glibc.errno = 0
            guard let entry = unsafe readdir(stream) else { break }
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        guard Glibc.errno == 0 else { throw FileError(.list, folder, lastErrno) }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The path with every symbolic link in it resolved.
    package static func resolve(_ path: FilePath) throws(FileError) -> FilePath {
        guard let resolved = unsafe realpath(path.string, nil) else { throw FileError(.inspect, path, lastErrno) }
        defer { unsafe free(resolved) }
        return unsafe FilePath(platformString: resolved)
    }

    /// The bytes that an ordinary user may still write on the disk that holds a folder.
    package static func freeSpace(at folder: FilePath) throws(FileError) -> Int {
        var info = statvfs()
        guard unsafe statvfs(folder.string, &info) == 0 else { throw FileError(.inspect, folder, lastErrno) }
        let (bytes, overflow) = UInt64(info.f_bavail).multipliedReportingOverflow(by: UInt64(info.f_frsize))
        return overflow ? .max : Int(clamping: bytes)
    }

    /// The bytes of disk that a file takes, which are fewer than its length where it is sparse or shared.
    package static func allocatedBytes(of path: FilePath) throws(FileError) -> Int {
        guard let info = try status(path, followsLinks: true) else {
            throw FileError(.inspect, path, .noSuchFileOrDirectory)
        }
        return Int(info.st_blocks) * 512
    }

    private static func status(_ path: FilePath, followsLinks: Bool) throws(FileError) -> stat? {
        var info = stat()
        let failed = unsafe followsLinks ? stat(path.string, &info) != 0 : lstat(path.string, &info) != 0
        guard failed else { return info }
        switch Glibc.errno {
        // A link that leads in circles leads nowhere.
        case ENOENT, ENOTDIR, ELOOP: return nil
        default: throw FileError(.inspect, path, lastErrno)
        }
    }
}
