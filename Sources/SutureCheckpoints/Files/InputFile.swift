import Glibc
package import SystemPackage

/// A file that is read at any offset by any number of threads; closed when the last owner lets go.
package final class InputFile: ByteSource {
    /// Where the file is.
    package let path: FilePath

    /// Its length when it was opened, in bytes.
    package let byteCount: Int

    /// Which file it was, and in which state, when it was opened.
    package let identity: FileIdentity

    let descriptor: Int32
    private let calls: FileCalls

    /// Opens a file for reading.
    ///
    /// - Parameters:
    ///   - path: The file; symbolic links are followed.
    ///   - calls: The system calls to use.
    /// - Throws: ``FileError``; a folder is refused with `isDirectory`.
    package init(_ path: FilePath, calls: FileCalls = .system) throws(FileError) {
        // A pipe would block the open and a device may do anything, so the kind is asked first.
        guard let kind = try FileSystem.kind(of: path) else { throw FileError(.open, path, .noSuchFileOrDirectory) }
        guard kind == .file else {
            throw FileError(.open, path, kind == .folder ? .isDirectory : .invalidArgument)
        }
        let descriptor = try call(.open, path) { unsafe Glibc.open(path.string, O_RDONLY | O_CLOEXEC) }
        var info = stat()
        guard unsafe fstat(descriptor, &info) == 0 else {
            let errno = lastErrno
            close(descriptor)
            throw FileError(.inspect, path, errno)
        }
        self.path = path
        self.descriptor = descriptor
        self.calls = calls
        identity = FileIdentity(info)
        byteCount = identity.byteCount
    }

    deinit {
        close(descriptor)
    }

    /// Fills a buffer with the bytes from an offset on.
    ///
    /// - Throws: ``FileError`` with `endsEarly` if the file has fewer.
    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) {
        var done = 0
        while done < buffer.count {
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let (place, overflow) = offset.addingReportingOverflow(done)
            guard !overflow, offset >= 0 else { throw FileError(.read, path, .invalidArgument) }
            let count = unsafe calls.read(descriptor, rest, place)
            switch count {
            case -Int(EINTR): continue
            case ..<0: throw FileError(.read, path, Errno(rawValue: Int32(-count)))
            case 0: throw FileError(.read, path, .endsEarly(byteCount: place))
            default: done += count
            }
        }
    }

    /// Tells the system that a range will be read soon.
    package func prefetch(_ range: Range<Int>) {
        _ = posix_fadvise(descriptor, range.lowerBound, range.count, POSIX_FADV_WILLNEED)
    }

    /// What tells the file's bytes from others: its number and its time.
    package var version: ByteVersion { identity.version }

    /// Itself.
    package var plainFile: InputFile? { self }

    /// What the hub cache calls it, where it is a blob of one.
    package var knownSHA256: SHA256Hash? { HubCache.sha256(of: path) }

    /// Its number and its time now.
    package func currentVersion() throws(FileError) -> ByteVersion {
        var info = stat()
        guard unsafe fstat(descriptor, &info) == 0 else { throw FileError(.inspect, path, lastErrno) }
        return FileIdentity(info).version
    }
}

/// Which file a path led to, and in which state: when any of it differs, the bytes may have changed.
package struct FileIdentity: Hashable, Sendable {
    /// The device that holds the file.
    package let device: UInt64

    /// The file's number on the device.
    package let inode: UInt64

    /// The length in bytes.
    package let byteCount: Int

    /// When the bytes last changed, in nanoseconds since 1970.
    package let modified: Int

    /// Creates an identity.
    package init(device: UInt64, inode: UInt64, byteCount: Int, modified: Int) {
        self.device = device
        self.inode = inode
        self.byteCount = byteCount
        self.modified = modified
    }

    init(_ info: stat) {
        self.init(
            device: UInt64(info.st_dev),
            inode: UInt64(info.st_ino),
            byteCount: Int(info.st_size),
            modified: Int(info.st_mtim.tv_sec) &* 1_000_000_000 &+ Int(info.st_mtim.tv_nsec)
        )
    }

    /// What of it a plan keeps.
    package var version: ByteVersion { .file(inode: inode, modified: modified) }

    /// Whether both are the same file, in whatever state.
    package func isSameFile(as other: FileIdentity) -> Bool { device == other.device && inode == other.inode }
}
