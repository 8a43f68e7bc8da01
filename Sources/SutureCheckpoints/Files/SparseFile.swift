import Glibc
package import SystemPackage

/// A file whose bytes come in any order, and which takes disk only for those that came.
package final class SparseFile: Sendable {
    /// Where the file is.
    package let path: FilePath

    private let descriptor: Int32

    /// Opens a file of a length for reading and writing; it is made where it is missing.
    ///
    /// - Throws: ``FileError``.
    package convenience init(_ path: FilePath, byteCount: Int) throws(FileError) {
        let descriptor = try call(.open, path) {
            unsafe Glibc.open(path.string, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o644)
        }
        self.init(path, descriptor)
        var info = stat()
        // Setting a length anew would change the file's time.
        guard unsafe fstat(descriptor, &info) != 0 || Int(info.st_size) != byteCount else { return }
        try call(.resize, path) { ftruncate(descriptor, byteCount) }
    }

    /// Opens a file of which nothing is missing.
    ///
    /// - Throws: ``FileError``.
    package convenience init(reading path: FilePath) throws(FileError) {
        self.init(path, try call(.open, path) { unsafe Glibc.open(path.string, O_RDONLY | O_CLOEXEC) })
    }

    private init(_ path: FilePath, _ descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Fills a buffer with the bytes from an offset on.
    ///
    /// - Throws: ``FileError`` with `endsEarly` if there are fewer.
    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) {
        try move(.read, buffer.count) { done in
            unsafe pread(descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done, offset + done)
        }
    }

    /// Puts bytes where they belong.
    ///
    /// - Throws: ``FileError``.
    package func write(_ bytes: RawSpan, at offset: Int) throws(FileError) {
        try unsafe bytes.withUnsafeBytes { (buffer) throws(FileError) in
            try move(.write, buffer.count) { done in
                unsafe pwrite(descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done, offset + done)
            }
        }
    }

    /// Sees what was written to the disk.
    package func sync() throws(FileError) {
        try call(.sync, path) { fdatasync(descriptor) }
    }

    /// Adds a line to a text file, which is made where it is missing.
    ///
    /// - Throws: ``FileError``.
    package static func append(_ line: String, to path: FilePath) throws(FileError) {
        let descriptor = try call(.open, path) {
            unsafe Glibc.open(path.string, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0o644)
        }
        defer { close(descriptor) }
        let bytes = Array(line.utf8)
        let count = try call(.write, path) { Int32(clamping: unsafe Glibc.write(descriptor, bytes, bytes.count)) }
        guard Int(count) == bytes.count else { throw FileError(.write, path, .noSpace) }
        try call(.sync, path) { fdatasync(descriptor) }
    }

    private func move(_ step: FileError.Step, _ count: Int, _ body: (Int) -> Int) throws(FileError) {
        var done = 0
        while done < count {
            switch body(done) {
            case ..<0 where Glibc.errno == EINTR: continue
            case ..<0: throw FileError(step, path, lastErrno)
            case 0: throw FileError(step, path, .endsEarly(byteCount: done))
            case let moved: done += moved
            }
        }
    }
}
