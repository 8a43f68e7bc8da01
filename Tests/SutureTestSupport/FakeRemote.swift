package import SutureCheckpoints
import Synchronization
package import SystemPackage

/// A place elsewhere that holds a model's weights: what reads them by ranges, and nothing of them is on the disk.
package final class FakeRemote: ByteStore, ModelFiles {
    /// Where the small files are.
    package let folder: FilePath

    private let state: Mutex<State>

    private struct State {
        var files: [String: (bytes: [UInt8], tag: String)]
        var bytesRead = 0
    }

    /// Takes the weight files of a folder away from it.
    package init(takingWeightsOf folder: FilePath) throws {
        self.folder = folder
        var files: [String: (bytes: [UInt8], tag: String)] = [:]
        for name in try FileSystem.list(folder) where WeightFormats.of(name) != nil {
            let bytes = try FileSystem.read(folder.appending(name))
            files[name] = (bytes, ContentHash(of: bytes).description)
            try FileSystem.remove(folder.appending(name))
        }
        state = Mutex(State(files: files))
    }

    /// How many bytes have been asked for.
    package var bytesRead: Int { state.withLock { $0.bytesRead } }

    /// How many bytes there are.
    package var byteCount: Int { state.withLock { $0.files.values.reduce(0) { $0 + $1.bytes.count } } }

    /// Puts other bytes in the place of a file's.
    package func replace(_ name: String, tag: String) { state.withLock { $0.files[name]?.tag = tag } }

    package func list() throws(FileError) -> [String] {
        try FileSystem.list(folder) + state.withLock { $0.files.keys.sorted() }
    }

    package func open(_ name: String) throws(FileError) -> any ByteSource { try open(FilePath("remote:model/" + name)) }

    package func open(_ path: FilePath) throws(FileError) -> any ByteSource {
        guard let state = try state(of: path) else { throw FileError(.open, path, .noSuchFileOrDirectory) }
        return RemoteFile(store: self, path: path, byteCount: state.byteCount, version: state.version)
    }

    package func state(of path: FilePath) throws(FileError) -> (byteCount: Int, version: ByteVersion)? {
        let name = path.lastComponent?.string ?? ""
        return state.withLock { state in state.files[name].map { ($0.bytes.count, .content($0.tag)) } }
    }

    fileprivate func read(_ path: FilePath, into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Bool {
        let name = path.lastComponent?.string ?? ""
        return state.withLock { state in
            guard let bytes = state.files[name]?.bytes, offset >= 0, offset + buffer.count <= bytes.count else {
                return false
            }
            state.bytesRead += buffer.count
            buffer.copyBytes(from: bytes[offset..<offset + buffer.count])
            return true
        }
    }
}

/// A file of a ``FakeRemote``.
private final class RemoteFile: ByteSource {
    let path: FilePath
    let byteCount: Int
    let version: ByteVersion
    private let store: FakeRemote

    init(store: FakeRemote, path: FilePath, byteCount: Int, version: ByteVersion) {
        self.store = store
        self.path = path
        self.byteCount = byteCount
        self.version = version
    }

    var plainFile: InputFile? { nil }
    var knownSHA256: SHA256Hash? { nil }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) {
        guard store.read(path, into: buffer, at: offset) else {
            throw FileError(.read, path, .endsEarly(byteCount: byteCount))
        }
    }

    func currentVersion() throws(FileError) -> ByteVersion {
        try store.state(of: path)?.version ?? .content("")
    }
}
