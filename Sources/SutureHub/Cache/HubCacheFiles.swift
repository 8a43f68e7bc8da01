import Glibc
import SutureCheckpoints
import SystemPackage

/// Puts files into the hub cache as Hugging Face's tools put them there: a blob by its name, a link from the snapshot.
struct HubCacheFiles {
    let cache: HubCache
    let id: HubID

    private var model: FilePath { cache.folder.appending(id.cacheFolder) }

    /// The folder of a commit's files.
    func snapshot(_ commit: String) -> HubCache.Snapshot {
        HubCache.Snapshot(id: id, commit: commit, folder: model.appending("snapshots").appending(commit))
    }

    /// Puts a file there, unless it is.
    ///
    /// - Parameters:
    ///   - file: The file.
    ///   - commit: The commit whose snapshot links to it.
    ///   - make: Makes a file of its bytes at a path that nothing bears.
    /// - Throws: ``FileError``, and what `make` throws.
    func put(
        _ file: HubFile,
        at commit: String,
        _ make: (FilePath) throws(FileError) -> Void
    ) throws(FileError) {
        let blob = model.appending("blobs").appending(file.tag)
        if try FileSystem.kind(of: blob) != .file {
            try FileSystem.createFolders(blob.removingLastComponent())
            let lockFolder = cache.folder.appending(".locks").appending(id.cacheFolder)
            try FileSystem.createFolders(lockFolder)
            try locked(lockFolder.appending(file.tag + ".lock")) { () throws(FileError) in
                guard try FileSystem.kind(of: blob) != .file else { return }
                let suffix = String(UInt32.random(in: 0x1000_0000 ... .max), radix: 16)
                let temporary = FilePath(blob.string + "." + suffix + ".incomplete")
                do throws(FileError) {
                    try make(temporary)
                    try FileSystem.rename(temporary, to: blob)
                } catch {
                    try? FileSystem.remove(temporary)
                    throw error
                }
            }
        }
        let link = snapshot(commit).folder.appending(file.name)
        guard try FileSystem.kind(of: link) != .file else { return }
        try FileSystem.createFolders(link.removingLastComponent())
        let depth = file.name.split(separator: "/").count + 1
        let target = FilePath(String(repeating: "../", count: depth) + "blobs/" + file.tag)
        do throws(FileError) { try FileSystem.createSymbolicLink(link, to: target) } catch {
            // Another process was faster, or a link leads to what is gone.
            guard error.errno == .fileExists, try FileSystem.kind(of: link) != .file else {
                if error.errno == .fileExists { return }
                throw error
            }
            try FileSystem.remove(link)
            try FileSystem.createSymbolicLink(link, to: target)
        }
    }

    /// Notes which commit a branch or tag is.
    func note(_ revision: String, is commit: String) throws(FileError) {
        guard !HubCache.isCommit(revision), FileSystem.staysInside(revision) else { return }
        let path = model.appending("refs").appending(revision)
        if (try? FileSystem.read(path, limit: 4096)) == Array(commit.utf8) { return }
        try FileSystem.createFolders(path.removingLastComponent())
        try FileSystem.write(commit, to: path)
    }

    /// Keeps the list of a commit's files, which never changes.
    func keep(_ files: [HubFile], of commit: String) throws(FileError) {
        try FileSystem.createFolders(treePath(commit).removingLastComponent())
        try FileSystem.write(HubTree.text(of: files), to: treePath(commit))
    }

    /// The list of a commit's files, where it was kept.
    func files(of commit: String) -> [HubFile]? {
        (try? FileSystem.read(treePath(commit))).flatMap { HubTree.files(in: $0) }
    }

    private func treePath(_ commit: String) -> FilePath { model.appending("trees").appending(commit + ".json") }

    private func locked(_ path: FilePath, _ body: () throws(FileError) -> Void) throws(FileError) {
        while true {
            switch try FolderLock.take(path, holder: "suture \(getpid())") {
            case .taken(let lock):
                try body()
                _ = consume lock
                return
            case .held: usleep(50_000)
            }
        }
    }
}
