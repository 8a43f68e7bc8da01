package import SystemPackage

/// Where bytes are opened by their address: the files of this machine, or a place that a front door brings along.
package protocol ByteStore: Sendable {
    /// Opens what lies at an address.
    ///
    /// - Throws: ``FileError``, with `noSuchFileOrDirectory` where there is nothing.
    func open(_ path: FilePath) throws(FileError) -> any ByteSource

    /// The length of what lies at an address and what tells it from others, without opening it; `nil` where there is
    /// nothing.
    func state(of path: FilePath) throws(FileError) -> (byteCount: Int, version: ByteVersion)?
}

/// The files of this machine.
package struct LocalFiles: ByteStore {
    private let calls: FileCalls

    /// Reads files with some system calls.
    package init(calls: FileCalls = .system) { self.calls = calls }

    /// Opens a file.
    package func open(_ path: FilePath) throws(FileError) -> any ByteSource { try InputFile(path, calls: calls) }

    /// The length of a file, its number and its time.
    package func state(of path: FilePath) throws(FileError) -> (byteCount: Int, version: ByteVersion)? {
        try FileSystem.identity(of: path).map { ($0.byteCount, $0.version) }
    }
}
