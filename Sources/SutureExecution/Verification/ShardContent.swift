import SutureCheckpoints
import SuturePlanning
import SystemPackage

/// A weight file of an output, plain or packed.
struct ShardContent {
    /// The file's name, which says whether it is packed.
    let name: String

    /// What is in it.
    let content: ContentFile

    /// Whether it is packed.
    var isPacked: Bool { content.layout != nil }

    /// The names that a weight file may have: its own, and those that say that it is packed.
    static func spellings(_ name: String) -> [String] { [name] + PackedName.endings.map { name + $0 } }

    /// Opens a file by its own name or that of its packed form; `nil` where it is not there or no good.
    static func open(_ name: String, in folder: FilePath) throws(ExecutionError) -> ShardContent? {
        for spelling in spellings(name) {
            let path = folder.appending(spelling)
            do throws(FileError) {
                guard try FileSystem.kind(of: path) == .file else { continue }
                return ShardContent(name: spelling, content: try read(path))
            } catch {
                guard case .corrupt = error.cause else { throw ExecutionError(error) }
                return nil
            }
        }
        return nil
    }

    /// Opens a file whose name says whether it is packed.
    static func read(_ path: FilePath) throws(FileError) -> ContentFile {
        let file = try InputFile(path)
        guard PackedName.content(of: path.lastComponent?.string ?? "") != nil else { return ContentFile(file) }
        return try ContentFile(packed: file, keeping: FrameCache())
    }

    /// A weight file of a plan that has been written, as it is or packed since, if its length is right.
    static func written(_ shard: Plan.Shard, in folder: FilePath) throws(ExecutionError) -> ShardContent? {
        for name in spellings(shard.name) {
            let kind = try ExecutionError.system { () throws(FileError) in
                try FileSystem.kind(of: folder.appending(name), followsLinks: false)
            }
            if kind == .symbolicLink { return nil }
        }
        guard let file = try open(shard.name, in: folder), file.content.byteCount == shard.byteCount
        else { return nil }
        return file
    }
}
