package import SutureCheckpoints
import SutureJSON

/// A file of a model, as the hub lists it.
package struct HubFile: Hashable, Sendable {
    /// Its name in the repository, with folders.
    package let name: String

    /// Its length.
    package let byteCount: Int

    /// What git calls its content, or its pointer's.
    package let blob: String

    /// Its SHA-256, where it is stored outside of git.
    package let sha256: SHA256Hash?

    /// What Xet calls its content, for others who read the list.
    package let xetHash: String?

    /// What names its bytes: the hub's ETag, and the file in a cache.
    package var tag: String { sha256?.digits ?? blob }

    /// Takes an entry of the hub's list; `nil` where it is a folder, or no file that could be kept under its name.
    init?(listed value: JSONValue) {
        guard let entry = value.object, entry["type"]?.string == "file", let name = entry["path"]?.string,
            let size = entry["size"]?.int, let blob = entry["oid"]?.string
        else { return nil }
        let large = entry["lfs"]?.object
        self.init(
            name: name,
            size: large?["size"]?.int ?? size,
            blob: blob,
            sha256: large?["oid"]?.string,
            xetHash: entry["xetHash"]?.string
        )
    }

    /// Takes an entry of a list that was kept.
    init?(kept name: String, _ value: JSONValue) {
        guard let entry = value.object, let size = entry["size"]?.int, let blob = entry["blob_id"]?.string else {
            return nil
        }
        self.init(
            name: name,
            size: entry["lfs_size"]?.int ?? size,
            blob: blob,
            sha256: entry["lfs_sha256"]?.string,
            xetHash: entry["xet_hash"]?.string
        )
    }

    /// Creates a file; `nil` where its name leads elsewhere or what names its bytes is no name.
    package init?(name: String, size: Int, blob: String, sha256: String?, xetHash: String? = nil) {
        let hash = sha256.flatMap { SHA256Hash(digits: $0) }
        guard size >= 0, FileSystem.staysInside(name), sha256 == nil || hash != nil, HubCache.isCommit(blob) else {
            return nil
        }
        self.name = name
        byteCount = size
        self.blob = blob
        self.sha256 = hash
        self.xetHash = xetHash
    }

    /// The entry as it is kept.
    var kept: JSONValue {
        var entry: JSONObject = ["size": .int(byteCount), "blob_id": .string(blob)]
        if let sha256 {
            entry["lfs_sha256"] = .string(sha256.digits)
            entry["lfs_size"] = .int(byteCount)
        }
        if let xetHash { entry["xet_hash"] = .string(xetHash) }
        return .object(entry)
    }
}
