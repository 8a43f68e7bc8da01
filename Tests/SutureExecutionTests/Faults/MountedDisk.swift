import Glibc
import SutureCheckpoints
import SutureTestSupport
import SystemPackage

/// A small file system of its own, where whoever runs the tests may mount one.
struct MountedDisk {
    /// What kinds there are.
    enum Kind: String, CaseIterable, Sendable {
        /// In memory; knows `fallocate`.
        case tmpfs
        /// On a file; does not know `fallocate`.
        case ext2
        /// On a file; shares blocks.
        case xfs
        /// On a file; shares blocks.
        case btrfs

        /// The least bytes of one.
        fileprivate var least: Int {
            switch self {
            case .tmpfs, .ext2: 1 << 20
            case .xfs: 320 << 20
            case .btrfs: 128 << 20
            }
        }
    }

    /// Where it is mounted.
    let folder: FilePath

    /// Mounts a new file system, gives it to `body` and takes it away again.
    ///
    /// - Parameters:
    ///   - kind: Of which kind.
    ///   - folder: Where to; `nil` for a folder of its own.
    ///   - byteCount: Its size; 0 for as small as can be.
    ///   - body: Is given the disk.
    /// - Returns: What `body` returns.
    /// - Throws: What `body` throws, and where mounting is refused.
    static func with<Value>(
        _ kind: Kind,
        at folder: FilePath? = nil,
        byteCount: Int = 0,
        _ body: (MountedDisk) throws -> Value
    ) throws -> Value {
        try TemporaryDirectory.with { root in
            let disk = MountedDisk(folder: folder ?? root.appending("disk"))
            try FileSystem.createFolders(disk.folder)
            let size = max(byteCount, kind.least)
            let image = root.appending("image")
            let make = "truncate -s \(size) '\(image)' && mkfs.\(kind.rawValue) -q '\(image)'"
            let command =
                kind == .tmpfs
                ? "mount -t tmpfs -o size=\(size) tmpfs '\(disk.folder)'"
                : "\(make) && mount -o loop '\(image)' '\(disk.folder)'"
            guard try shell(command) == 0 else { throw NotPermitted() }
            defer { _ = try? shell("umount -l '\(disk.folder)'") }
            return try body(disk)
        }
    }

    /// The kinds that can be mounted here.
    static let permitted: Set<Kind> = Set(Kind.allCases.filter { kind in (try? with(kind) { _ in }) != nil })

    private struct NotPermitted: Error {}

    private static func shell(_ command: String) throws -> Int32? {
        let environment = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]
        return try SpawnedProgram("/bin/sh", ["-c", command], environment: environment).wait()
    }
}
