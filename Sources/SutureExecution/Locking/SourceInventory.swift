import SutureCheckpoints
import SutureJSON
import SuturePlanning
import SystemPackage

/// All files of a plan's sources that a build depends on: weights, and what is read or copied beside them.
struct SourceInventory {
    /// A file.
    struct Entry: Hashable, Sendable {
        /// The source, by its number in the plan.
        let source: Int
        /// Its path in the model's folder; that of an adapter's file begins with `+`.
        let name: String
        /// Where it is.
        let path: FilePath
        /// The weight file in the plan; `nil` for a small file.
        let weights: Plan.Source.File?
    }

    /// The files, by source and name.
    let entries: [Entry]

    /// Lists the files of a plan's sources.
    init(_ plan: Plan) throws(ExecutionError) {
        var entries: [Entry] = []
        for (number, source) in plan.sources.enumerated() {
            let folder = FilePath(source.folder)
            var own: [Entry] = []
            var folders: [FilePath] = [folder]
            for file in source.files {
                let path = FilePath(file.path)
                let parent = path.removingLastComponent()
                if !folders.contains(parent) { folders.append(parent) }
                let name = path.lastComponent?.string ?? file.path
                own.append(Entry(source: number, name: Self.name(name, parent, folder), path: path, weights: file))
            }
            for parent in folders {
                for name in try Self.smallFiles(of: parent) {
                    let path = parent.appending(name)
                    own.append(Entry(source: number, name: Self.name(name, parent, folder), path: path, weights: nil))
                }
            }
            entries += own.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        }
        self.entries = entries
    }

    private static func name(_ name: String, _ parent: FilePath, _ folder: FilePath) -> String {
        parent == folder ? name : "+" + name
    }

    private static func smallFiles(of folder: FilePath) throws(ExecutionError) -> [String] {
        try ExecutionError.system { () throws(FileError) in
            var names = try CompanionFile.list(in: folder).map(\.name)
            for name in [
                "config.json", "adapter_config.json", SafetensorsFormat.naming.index, TorchFormat.naming.index,
            ]
            where try FileSystem.kind(of: folder.appending(name)) == .file {
                names.append(name)
            }
            return names
        }
    }
}
