package import SutureCheckpoints
import SutureJSON
package import SystemPackage

/// The folder of files of which ranges are here: beside the hub cache, or in `SUTURE_CACHE`.
///
/// A file is `models--OWNER--NAME/TAG/FILE`, with `.ranges` beside it for the journal and `.source` for where it is from.
package struct RangeStore: Sendable {
    /// The folder.
    package let folder: FilePath

    private let cache: HubCache

    /// Finds the folder that an environment asks for.
    package init(environment: [String: String]) {
        cache = HubCache(environment: environment)
        let own = environment["SUTURE_CACHE"].flatMap { $0.isEmpty ? nil : FilePath($0).appending("ranges") }
        folder = own ?? cache.folder.removingLastComponent().appending("suture-ranges")
    }

    static func journal(of path: FilePath) -> FilePath { FilePath(path.string + ".ranges") }

    private static func origin(of path: FilePath) -> FilePath { FilePath(path.string + ".source") }

    /// Where ranges of a file are kept.
    func path(of file: HubFile, _ id: HubID) -> FilePath {
        let name = file.name.split(separator: "/").last.map(String.init) ?? file.tag
        return folder.appending(id.cacheFolder).appending(file.tag).appending(name)
    }

    /// Whether a path lies in the folder.
    package func holds(_ path: FilePath) -> Bool { path.starts(with: folder) }

    /// Notes where a file is from, so that it can be gone on with by its path.
    func note(_ file: HubFile, _ place: HubPlace, at path: FilePath) throws(FileError) {
        var entry: JSONObject = ["id": .string(place.id.text), "commit": .string(place.revision ?? "")]
        entry["name"] = .string(file.name)
        entry["file"] = file.kept
        let text = JSONPrinter.print(.object(entry), indent: 1) + "\n"
        let target = Self.origin(of: path)
        if (try? FileSystem.read(target)) == Array(text.utf8) { return }
        try FileSystem.createFolders(path.removingLastComponent())
        try FileSystem.write(text, to: target)
    }

    /// Where a file is from; `nil` where that was not noted.
    func origin(of path: FilePath) -> (file: HubFile, place: HubPlace)? {
        guard let bytes = try? FileSystem.read(Self.origin(of: path), limit: 1 << 20),
            let entry = try? JSONParser.parse(bytes).object, let id = entry["id"]?.string.flatMap({ HubID($0) }),
            let commit = entry["commit"]?.string, let name = entry["name"]?.string,
            let file = entry["file"].flatMap({ HubFile(kept: name, $0) })
        else { return nil }
        return (file, HubPlace(id: id, revision: commit))
    }

    /// The file in the hub cache that has become of ranges; `nil` where there is none.
    func blob(_ file: HubFile, _ id: HubID) -> FilePath? {
        let blob = cache.folder.appending(id.cacheFolder).appending("blobs").appending(file.tag)
        guard let resolved = try? FileSystem.resolve(blob),
            (try? FileSystem.identity(of: resolved))?.byteCount == file.byteCount
        else { return nil }
        return resolved
    }

    /// Some ranges of one file.
    package struct Kept: Sendable {
        /// The file.
        package let file: HubFile

        /// The model, at a commit.
        package let place: HubPlace

        /// Where they are.
        package let path: FilePath

        /// The bytes of them.
        package let presentByteCount: Int
    }

    /// All that is kept, by model and file.
    ///
    /// - Throws: ``FileError``.
    package func kept() throws(FileError) -> [Kept] {
        var found: [Kept] = []
        guard try FileSystem.kind(of: folder) == .folder else { return found }
        for model in try FileSystem.list(folder) where HubID(cacheFolder: model) != nil {
            for tag in try FileSystem.list(folder.appending(model)) {
                let inner = folder.appending(model).appending(tag)
                guard try FileSystem.kind(of: inner) == .folder else { continue }
                for name in try FileSystem.list(inner) {
                    let path = inner.appending(name)
                    guard let origin = origin(of: path), try FileSystem.kind(of: path) == .file else { continue }
                    let present = try Journal.read(Self.journal(of: path), origin.file).byteCount
                    found.append(Kept(file: origin.file, place: origin.place, path: path, presentByteCount: present))
                }
            }
        }
        return found.sorted { ($0.place.id.text, $0.file.name) < ($1.place.id.text, $1.file.name) }
    }

    /// Removes what is kept of a file, and that it was.
    ///
    /// - Throws: ``FileError``.
    package func forget(_ path: FilePath) throws(FileError) {
        try remove(path, keepsOrigin: false)
        try? FileSystem.remove(path.removingLastComponent())
        try? FileSystem.remove(path.removingLastComponent().removingLastComponent())
    }

    /// Removes what is kept of a file.
    func remove(_ path: FilePath, keepsOrigin: Bool) throws(FileError) {
        for name in [path, Self.journal(of: path)] + (keepsOrigin ? [] : [Self.origin(of: path)])
        where try FileSystem.kind(of: name, followsLinks: false) != nil { try FileSystem.remove(name) }
    }
}
