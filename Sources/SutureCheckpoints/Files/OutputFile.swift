import Glibc
package import SystemPackage

/// A file being written, owned by exactly one value.
///
/// A file that is never ``finish()``ed has failed: when the value dies the file is closed and
/// removed, unless it was told to ``leave()`` what it has.
package struct OutputFile: ~Copyable {
    /// Where the file is.
    package let path: FilePath

    private let descriptor: Int32
    private let calls: FileCalls
    private var isKept = false

    private init(path: FilePath, descriptor: Int32, calls: FileCalls) {
        self.path = path
        self.descriptor = descriptor
        self.calls = calls
    }

    deinit {
        close(descriptor)
        if !isKept { unsafe unlink(path.string) }
    }

    /// Creates a new file of a known length.
    ///
    /// - Parameters:
    ///   - path: Where to create it; nothing may be there.
    ///   - byteCount: Its final length in bytes.
    ///   - isSparse: Whether to leave its blocks unallocated, for a file that stays mostly zeros.
    ///   - calls: The system calls to use.
    /// - Returns: The open file, full of zeros.
    /// - Throws: ``FileError`` with the step that the system refused.
    package static func create(
        _ path: FilePath,
        byteCount: Int,
        isSparse: Bool = false,
        calls: FileCalls = .system
    ) throws(FileError) -> OutputFile {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let descriptor = try call(.create, path) { unsafe Glibc.open(path.string, flags, 0o644) }
        let file = OutputFile(path: path, descriptor: descriptor, calls: calls)
        try file.resize(to: byteCount, isSparse: isSparse)
        return file
    }

    /// Opens a file that several write at the same time, each his own bytes; whoever comes first makes it.
    ///
    /// What is in it stays, and what is missing at its end is added as zeros. Dying early leaves it.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - byteCount: Its final length in bytes.
    ///   - isSparse: Whether to leave its blocks unallocated.
    ///   - calls: The system calls to use.
    /// - Returns: The open file.
    /// - Throws: ``FileError``, also where the file is longer already.
    package static func share(
        _ path: FilePath,
        byteCount: Int,
        isSparse: Bool = false,
        calls: FileCalls = .system
    ) throws(FileError) -> OutputFile {
        let flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC
        let descriptor = try call(.create, path) { unsafe Glibc.open(path.string, flags, 0o644) }
        var file = OutputFile(path: path, descriptor: descriptor, calls: calls)
        file.isKept = true
        var info = stat()
        guard unsafe fstat(descriptor, &info) == 0 else { throw FileError(.inspect, path, lastErrno) }
        guard Int(info.st_size) <= byteCount else { throw FileError(.open, path, .tooLarge(limit: byteCount)) }
        // Allocating and lengthening never take anything away, so it does no harm when another is faster.
        if Int(info.st_size) < byteCount { try file.resize(to: byteCount, isSparse: isSparse) }
        return file
    }

    /// Opens a file that an earlier run left, to go on with it; dying early leaves it again.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - byteCount: The length it must have.
    ///   - isReadOnly: Whether nothing will be written to it, only seen to the disk.
    ///   - calls: The system calls to use.
    /// - Returns: The open file with the bytes it has.
    /// - Throws: ``FileError``, also where the length differs.
    package static func reopen(
        _ path: FilePath,
        byteCount: Int,
        isReadOnly: Bool = false,
        calls: FileCalls = .system
    ) throws(FileError) -> OutputFile {
        let flags = (isReadOnly ? O_RDONLY : O_WRONLY) | O_NOFOLLOW | O_CLOEXEC
        let descriptor = try call(.open, path) { unsafe Glibc.open(path.string, flags) }
        var file = OutputFile(path: path, descriptor: descriptor, calls: calls)
        file.isKept = true
        var info = stat()
        guard unsafe fstat(descriptor, &info) == 0 else { throw FileError(.inspect, path, lastErrno) }
        let length = Int(info.st_size)
        guard length >= byteCount else { throw FileError(.open, path, .endsEarly(byteCount: length)) }
        guard length == byteCount else { throw FileError(.open, path, .tooLarge(limit: byteCount)) }
        return file
    }

    private func resize(to byteCount: Int, isSparse: Bool) throws(FileError) {
        if !isSparse, byteCount > 0 {
            while true {
                switch calls.allocate(descriptor, byteCount) {
                case 0: return
                case -Int(EINTR): continue
                // File systems without the call are written to all the same, only slower.
                case -Int(EOPNOTSUPP), -Int(ENOSYS), -Int(EINVAL): break
                case let failure: throw FileError(.resize, path, Errno(rawValue: Int32(-failure)))
                }
                break
            }
        }
        try call(.resize, path) { ftruncate(descriptor, byteCount) }
    }

    /// The way to write to the file, for any number of threads at once.
    ///
    /// A writer does not keep the file open: use it only while the file lives.
    package var writer: Writer { Writer(path: path, descriptor: descriptor, calls: calls) }

    /// Sees the bytes to the disk and keeps the file.
    ///
    /// - Throws: ``FileError``; the file is then removed.
    package consuming func finish() throws(FileError) {
        try sync()
        isKept = true
    }

    /// Sees the bytes written so far to the disk.
    package func sync() throws(FileError) {
        try writer.sync()
    }

    /// Closes the file as it is, for a later run to go on with.
    package consuming func leave() {
        isKept = true
    }
}

extension OutputFile {
    /// Writes to an ``OutputFile`` that somebody else owns.
    package struct Writer: Sendable {
        /// Where the file is.
        package let path: FilePath

        fileprivate let descriptor: Int32
        fileprivate let calls: FileCalls

        /// Writes bytes at an offset.
        package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(FileError) {
            var done = 0
            while done < bytes.count {
                let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[done...])
                let count = unsafe calls.write(descriptor, rest, offset + done)
                switch count {
                case -Int(EINTR): continue
                case ..<0: throw FileError(.write, path, Errno(rawValue: Int32(-count)))
                // A disk that takes nothing and says nothing would be asked for ever.
                case 0: throw FileError(.write, path, .ioError)
                default: done += count
                }
            }
        }

        /// Writes bytes at an offset.
        package func write(_ bytes: RawSpan, at offset: Int) throws(FileError) {
            try unsafe bytes.withUnsafeBytes { (buffer) throws(FileError) in try unsafe write(buffer, at: offset) }
        }

        /// Writes bytes at an offset.
        package func write(_ bytes: [UInt8], at offset: Int) throws(FileError) {
            try unsafe write(bytes.span.bytes, at: offset)
        }

        /// Sees the bytes written so far to the disk, whoever wrote them.
        package func sync() throws(FileError) {
            while true {
                switch calls.sync(descriptor) {
                case 0...: return
                case -Int(EINTR): continue
                case let failure: throw FileError(.sync, path, Errno(rawValue: Int32(-failure)))
                }
            }
        }

        /// Asks the system to begin to write a range back, so that the final sync finds little to do.
        package func startWriteback(at offset: Int, byteCount: Int) {
            // SYNC_FILE_RANGE_WRITE; where it does nothing, the sync at the end does it all.
            _ = sync_file_range(descriptor, offset, byteCount, 2)
        }

        /// Waits until a range has been written back and lets its memory go, so that it serves for what comes next.
        package func release(at offset: Int, byteCount: Int) {
            // SYNC_FILE_RANGE_WAIT_BEFORE, _WRITE and _WAIT_AFTER; failures are told by the sync at the end.
            _ = sync_file_range(descriptor, offset, byteCount, 7)
            _ = posix_fadvise(descriptor, offset, byteCount, POSIX_FADV_DONTNEED)
        }

        /// Lets a range of another file's blocks serve for a range of this one (`FICLONERANGE`).
        ///
        /// - Returns: Whether the file system could; if not, nothing was changed.
        package func clone(from source: InputFile, at sourceOffset: Int, to offset: Int, byteCount: Int) -> Bool {
            guard let from = UInt64(exactly: sourceOffset), let to = UInt64(exactly: offset),
                let length = UInt64(exactly: byteCount), length > 0
            else { return false }
            // struct file_clone_range { s64 src_fd; u64 src_offset, src_length, dest_offset }
            var range = [UInt64(UInt32(bitPattern: source.descriptor)), from, length, to]
            return unsafe range.withUnsafeMutableBytes { bytes in
                guard let start = bytes.baseAddress else { return false }
                return unsafe ioctl(descriptor, 0x4020_940D, start) == 0
            }
        }

        /// Lets the kernel copy a range of another file (`copy_file_range`).
        ///
        /// - Returns: The bytes copied from the start of the range; the caller moves what is left.
        package func copy(from source: InputFile, at sourceOffset: Int, to offset: Int, byteCount: Int) -> Int {
            var done = 0
            while done < byteCount {
                var from = sourceOffset + done
                var to = offset + done
                let count = unsafe copy_file_range(source.descriptor, &from, descriptor, &to, byteCount - done, 0)
                guard count > 0 else { break }
                done += count
            }
            return done
        }
    }
}
