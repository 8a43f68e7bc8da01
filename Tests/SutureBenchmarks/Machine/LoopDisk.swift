import SutureCheckpoints
import SystemPackage

/// A file system of its own on a file, where whoever measures may mount one.
enum LoopDisk {
    /// Why there is none.
    struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    /// Makes a file system, gives its folder to `body` and takes it away again.
    static func with(
        _ kind: String,
        byteCount: Int,
        in folder: FilePath,
        _ body: (FilePath) throws -> Void
    ) throws {
        try FileSystem.createFolders(folder)
        let image = folder.appending("\(kind).image")
        let disk = folder.appending(kind)
        try FileSystem.removeTree(image)
        try FileSystem.createFolders(disk)
        defer {
            _ = ChildProcess.run("umount", [disk.string])
            try? FileSystem.removeTree(image)
        }
        for command in [
            ["truncate", "-s", "\(byteCount)", image.string], ["mkfs.\(kind)", "-q", image.string],
            ["mount", "-o", "loop", image.string, disk.string],
        ] {
            let outcome = ChildProcess.run(command[0], Array(command[1...]))
            guard outcome.succeeded else { throw Refusal(description: "'\(command[0])' is refused here") }
        }
        try body(disk)
    }
}
