import SutureCheckpoints
import SystemPackage

/// The files of an output folder.
enum FolderListing {
    /// The most levels of folders that are looked into; outputs have two.
    private static let depth = 8

    /// The files below a folder, by their paths in it, sorted; hidden ones are not a checkpoint's.
    static func files(in folder: FilePath) throws(FileError) -> [String] {
        var files: [String] = []
        try list(folder, "", depth, &files)
        return files
    }

    private static func list(
        _ folder: FilePath,
        _ prefix: String,
        _ depth: Int,
        _ files: inout [String]
    ) throws(FileError) {
        for name in try FileSystem.list(folder) where !name.hasPrefix(".") {
            let path = folder.appending(name)
            switch try FileSystem.kind(of: path, followsLinks: false) {
            case .folder where depth > 0: try list(path, prefix + name + "/", depth - 1, &files)
            case nil: continue
            default: files.append(prefix + name)
            }
        }
    }
}
