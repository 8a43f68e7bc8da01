package import SutureCheckpoints
package import SutureDiagnostics
import SutureExecution
import Synchronization
package import SystemPackage

/// Models by name: what is asked of them is fetched, range by range, and kept.
package final class Hub: ModelHub, ByteStore {
    /// What is kept of files that are not whole.
    package let store: RangeStore

    /// Counts what is fetched.
    package let meter = Meter()

    let client: HubClient
    private let cache: HubCache
    private let isOffline: Bool
    private let opened = Mutex<[FilePath: RangeFile]>([:])

    /// The requests that are under way at the same time, at most.
    package static let width = 8

    /// Sees to the hub that an environment names.
    ///
    /// - Parameters:
    ///   - environment: The environment.
    ///   - isCancelled: Asked while something is fetched.
    ///   - transport: What carries questions to it; `nil` for libcurl.
    ///   - pause: The time after a first failure.
    package init(
        environment: [String: String],
        isCancelled: @escaping @Sendable () -> Bool = { false },
        transport: (any HTTPTransport)? = nil,
        pause: Duration = .milliseconds(500)
    ) {
        let settings = HubSettings(environment: environment)
        store = RangeStore(environment: environment)
        cache = HubCache(environment: environment)
        isOffline = settings.offlineSwitch != nil
        client = HubClient(
            settings,
            transport: settings.offlineSwitch.map { OfflineTransport(name: $0) }
                ?? transport ?? CurlTransport(settings.transport),
            pause: pause,
            isCancelled: isCancelled
        )
    }

    // MARK: - Models

    package func model(
        _ id: HubID,
        revision: String?,
        in cache: HubCache
    ) throws(Diagnostics) -> (files: any ModelFiles, snapshot: HubCache.Snapshot)? {
        let entry = HubCacheFiles(cache: cache, id: id)
        guard let found = try list(id, revision, entry) else { return nil }
        let model = HubModel(
            place: HubPlace(id: id, revision: found.commit),
            files: Dictionary(found.files.map { ($0.name, $0) }) { first, _ in first },
            snapshot: entry.snapshot(found.commit),
            hub: self
        )
        do throws(FileError) {
            try FileSystem.createFolders(model.folder)
            try model.bringSmallFiles(into: entry)
            if !isOffline { try entry.note(revision ?? "main", is: found.commit) }
            try model.bringHeaders()
        } catch { throw Diagnostics([error.diagnostic]) }
        return (model, model.snapshot)
    }

    private func list(
        _ id: HubID,
        _ revision: String?,
        _ entry: HubCacheFiles
    ) throws(Diagnostics) -> (commit: String, files: [HubFile])? {
        let place = HubPlace(id: id, revision: revision)
        if isOffline {
            guard let known = try? cache.snapshot(id, revision: revision), let files = entry.files(of: known.commit)
            else { return nil }
            return (known.commit, files)
        }
        do throws(HubFailure) {
            let near = cache.models.map(\.text).nearest(to: id.text)
            let isPinned = revision.map { HubCache.isCommit($0) } ?? false
            if isPinned, let revision, let files = entry.files(of: revision) { return (revision, files) }
            let commit = try client.commit(of: place, near: near)
            if let files = entry.files(of: commit) { return (commit, files) }
            let files = try client.files(of: place, commit: commit)
            try? entry.keep(files, of: commit)
            return (commit, files)
        } catch { throw Diagnostics([error.diagnostic]) }
    }

    // MARK: - Files

    /// Opens a file of a model.
    func open(_ file: HubFile, of place: HubPlace) throws(FileError) -> RangeFile {
        let path = store.path(of: file, place.id)
        try store.note(file, place, at: path)
        return try open(path, file, place)
    }

    package func open(_ path: FilePath) throws(FileError) -> any ByteSource {
        guard store.holds(path) else { return try LocalFiles().open(path) }
        return try rangeFile(path)
    }

    func rangeFile(_ path: FilePath) throws(FileError) -> RangeFile {
        if let known = opened.withLock({ $0[path] }) { return known }
        guard let origin = store.origin(of: path) else { throw FileError(.open, path, .noSuchFileOrDirectory) }
        return try open(path, origin.file, origin.place)
    }

    private func open(_ path: FilePath, _ file: HubFile, _ place: HubPlace) throws(FileError) -> RangeFile {
        if let known = opened.withLock({ $0[path] }) { return known }
        let blob = store.blob(file, place.id)
        let new = try RangeFile(
            file,
            of: place,
            at: path,
            content: blob ?? path,
            isWhole: blob != nil,
            client: client,
            meter: meter
        )
        return opened.withLock { opened in
            // Another thread may have been faster.
            if let known = opened[path] { return known }
            opened[path] = new
            return new
        }
    }

    package func state(of path: FilePath) throws(FileError) -> (byteCount: Int, version: ByteVersion)? {
        guard store.holds(path) else { return try LocalFiles().state(of: path) }
        return store.origin(of: path).map { ($0.file.byteCount, .content($0.file.tag)) }
    }

    /// Puts a file that has become whole into the hub cache, once its hash is what the hub says.
    ///
    /// - Returns: Whether it is there now.
    /// - Throws: ``FileError``; where the bytes are others than the hub says, what was kept is removed.
    @discardableResult
    package func settle(_ path: FilePath, at commit: String) throws(FileError) -> Bool {
        let source = try rangeFile(path)
        guard source.isWhole else { return false }
        let entry = HubCacheFiles(cache: cache, id: source.place.id)
        try entry.put(source.file, at: commit) { (temporary) throws(FileError) in
            if let expected = source.file.sha256 {
                let hash = try InputFile(path).sha256(isCancelled: client.isCancelled) { _ in }
                if client.isCancelled() { throw FileError(.read, path, .interrupted) }
                guard hash == expected else {
                    try store.remove(path, keepsOrigin: true)
                    throw FileError(.read, path, .unfetched(.corrupt(source.file, source.place), helps: .retry))
                }
            }
            do throws(FileError) { try FileSystem.rename(path, to: temporary) } catch {
                guard error.errno == .improperLink else { throw error }
                try FileSystem.copy(path, to: temporary)
            }
        }
        try store.remove(path, keepsOrigin: true)
        return true
    }
}

/// Carries nothing: the network is forbidden.
private struct OfflineTransport: HTTPTransport {
    let name: String

    func get(
        _ request: HTTPRequest,
        isCancelled: @Sendable () -> Bool,
        take: (HTTPResponse, RawSpan) -> Bool
    ) throws(HTTPError) -> HTTPResponse {
        throw HTTPError(.forbidden, name)
    }
}

extension Diagnostic {
    fileprivate static func corrupt(_ file: HubFile, _ place: HubPlace) -> Diagnostic {
        Diagnostic(
            code: "hub-corrupt",
            "the SHA-256 of the bytes that came is not the \(file.sha256?.digits.prefix(12) ?? "")… that the hub says",
            at: .file(place.id.text + "/" + file.name, tensor: nil),
            fix: FixIt("fetch it again; what came was removed")
        )
    }
}
