package import SutureDiagnostics
package import SystemPackage

/// The folder where Hugging Face's tools keep what they downloaded.
///
/// A model lies in `models--OWNER--NAME`: `refs/REVISION` holds a commit, `snapshots/COMMIT` its files.
package struct HubCache: Sendable {
    /// The cache's folder.
    package let folder: FilePath

    /// The environment variable that forbids the network, where one does.
    package let offlineSwitch: String?

    /// Finds the cache that an environment asks for.
    ///
    /// - Parameter environment: The variables `HF_HUB_CACHE`, `HUGGINGFACE_HUB_CACHE`, `HF_HOME`,
    ///   `XDG_CACHE_HOME`, `HOME`, `HF_HUB_OFFLINE` and `TRANSFORMERS_OFFLINE` count.
    package init(environment: [String: String]) {
        let variables = EnvironmentPaths(environment)
        folder = variables["HF_HUB_CACHE"] ?? variables["HUGGINGFACE_HUB_CACHE"] ?? variables.hubHome.appending("hub")
        offlineSwitch = ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"].first {
            ["1", "ON", "YES", "TRUE"].contains(environment[$0]?.uppercased())
        }
    }

    /// The file that the hub's token is in: `HF_TOKEN_PATH`, else `token` in `HF_HOME`.
    package static func tokenPath(environment: [String: String]) -> FilePath {
        let variables = EnvironmentPaths(environment)
        return variables["HF_TOKEN_PATH"] ?? variables.hubHome.appending("token")
    }

    /// A model's files at one commit.
    package struct Snapshot: Hashable, Sendable {
        /// Names a folder.
        package init(id: HubID, commit: String, folder: FilePath) {
            self.id = id
            self.commit = commit
            self.folder = folder
        }

        /// The model.
        package let id: HubID

        /// The commit, 40 hexadecimal digits.
        package let commit: String

        /// The folder of its files.
        package let folder: FilePath
    }

    /// Whether something of a model is in the cache.
    package func contains(_ id: HubID) -> Bool {
        (try? FileSystem.kind(of: folder.appending(id.cacheFolder))) == .folder
    }

    /// The models of which something is in the cache.
    package var models: [HubID] {
        ((try? FileSystem.list(folder)) ?? []).compactMap { HubID(cacheFolder: $0) }
    }

    /// Finds a model's files.
    ///
    /// - Parameters:
    ///   - id: The model.
    ///   - revision: A branch, a tag or a commit; `main` where it is `nil`.
    /// - Returns: The files of the commit that the revision names.
    /// - Throws: `Diagnostic` that says where was looked and how to get the model.
    package func snapshot(_ id: HubID, revision: String?) throws(Diagnostic) -> Snapshot {
        let model = folder.appending(id.cacheFolder)
        guard contains(id) else { throw .notInHubCache(id, revision: revision, self) }
        let commit = try commit(id, revision: revision ?? "main")
        let snapshot = model.appending("snapshots").appending(commit)
        guard (try? FileSystem.kind(of: snapshot)) == .folder else {
            throw .revisionNotInHubCache(id, revision ?? "main", commits: commits(id), self)
        }
        return Snapshot(id: id, commit: commit, folder: snapshot)
    }

    /// The snapshot that a folder is, wherever its cache lies.
    package static func snapshot(at folder: FilePath) -> Snapshot? {
        let parts = folder.components.map(\.string)
        guard parts.count >= 3, isCommit(parts[parts.count - 1]), parts[parts.count - 2] == "snapshots",
            let id = HubID(cacheFolder: parts[parts.count - 3])
        else { return nil }
        return Snapshot(id: id, commit: parts[parts.count - 1], folder: folder)
    }

    /// The SHA-256 of a file, where a cache names it so: a snapshot's weight files are links to `blobs/SHA256`.
    package static func sha256(of path: FilePath) -> SHA256Hash? {
        guard let blob = try? FileSystem.resolve(path), let name = blob.lastComponent?.string,
            blob.removingLastComponent().lastComponent?.string == "blobs"
        else { return nil }
        return SHA256Hash(digits: name)
    }

    private func commit(_ id: HubID, revision: String) throws(Diagnostic) -> String {
        if Self.isCommit(revision) { return revision }
        guard FileSystem.staysInside(revision) else { throw .notARevision(id, revision) }
        let path = folder.appending(id.cacheFolder).appending("refs").appending(revision)
        guard (try? FileSystem.kind(of: path)) == .file else {
            throw .revisionNotInHubCache(id, revision, commits: commits(id), self)
        }
        let bytes: [UInt8]
        do throws(FileError) { bytes = try FileSystem.read(path, limit: 4096) } catch { throw error.diagnostic }
        let text = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
        guard Self.isCommit(text) else { throw .brokenRef(path, text) }
        return text
    }

    private func commits(_ id: HubID) -> [String] {
        let snapshots = folder.appending(id.cacheFolder).appending("snapshots")
        return ((try? FileSystem.list(snapshots)) ?? []).filter(Self.isCommit)
    }

    /// Whether a text is a commit: 40 hexadecimal digits, small letters.
    package static func isCommit(_ text: String) -> Bool {
        text.utf8.count == 40
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}

extension Diagnostic {
    /// A name that leads to no model.
    package static func modelNotFound(_ fact: String, at name: String, fix: FixIt, notes: [Note] = []) -> Diagnostic {
        Diagnostic(code: "model-not-found", fact, at: .file(name, tensor: nil), fix: fix, notes: notes)
    }

    /// A model that is there, and has no such revision.
    package static func revisionNotFound(
        _ fact: String,
        at name: String,
        fix: FixIt? = nil,
        notes: [Note] = []
    ) -> Diagnostic {
        Diagnostic(code: "revision-not-found", fact, at: .file(name, tensor: nil), fix: fix, notes: notes)
    }

    fileprivate static func notInHubCache(_ id: HubID, revision: String?, _ cache: HubCache) -> Diagnostic {
        let near = cache.models.map(\.text).nearest(to: id.text)
        return modelNotFound(
            "'\(id)' is no folder here and not in the hub cache \(cache.folder)\(cache.network)",
            at: id.text,
            fix: .download(id, revision),
            notes: near.map { [Note("'\($0)' is in the cache", at: nil)] } ?? []
        )
    }

    fileprivate static func revisionNotInHubCache(
        _ id: HubID,
        _ revision: String,
        commits: [String],
        _ cache: HubCache
    ) -> Diagnostic {
        revisionNotFound(
            "revision '\(excerpt(revision))' of '\(id)' is not in the hub cache \(cache.folder)\(cache.network)",
            at: id.text,
            fix: .download(id, revision),
            notes: commits.prefix(3).map { Note("\(id)@\($0) is in the cache", at: nil) }
        )
    }

    fileprivate static func notARevision(_ id: HubID, _ revision: String) -> Diagnostic {
        revisionNotFound("'\(excerpt(revision))' is no name of a revision of '\(id)'", at: id.text)
    }

    fileprivate static func brokenRef(_ path: FilePath, _ text: String) -> Diagnostic {
        let message = "the file should hold a commit of 40 hexadecimal digits, not '\(excerpt(text, limit: 60))'"
        return Diagnostic(code: "bad-hub-cache", message, at: .file(path.string, tensor: nil))
    }
}

extension Diagnostic.FixIt {
    /// How to get a model into the hub cache.
    static func download(_ id: HubID, _ revision: String?) -> Diagnostic.FixIt {
        let option = revision.map { $0 == "main" ? "" : " --revision \(excerpt($0))" } ?? ""
        return Diagnostic.FixIt("get it with `hf download \(id)\(option)`")
    }
}

extension HubCache {
    /// Why the network does not help, to be added to a message.
    fileprivate var network: String {
        offlineSwitch.map { "; \($0) is set, so nothing may be downloaded" } ?? "; the hub was not asked"
    }
}
