import SutureCheckpoints
import SuturePlanning
import SystemPackage

/// A weight file of an output, plain or packed.
struct ShardContent {
    /// The file's name, which says whether it is packed.
    let name: String

    /// What is in it.
    let content: any ByteSource

    /// Whether it is packed.
    var isPacked: Bool { WeightPackings.content(of: name) != nil }

    /// Opens a file by its own name or that of its packed form; `nil` where it is not there or no good.
    static func open(_ name: String, in folder: FilePath) throws(ExecutionError) -> ShardContent? {
        for spelling in WeightPackings.spellings(name) {
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
    static func read(_ path: FilePath) throws(FileError) -> any ByteSource {
        let name = path.lastComponent?.string ?? ""
        return try WeightPackings.content(of: InputFile(path), called: name, keeping: FrameCache())
    }

    /// A weight file of a plan that has been written, as it is or packed since, if its length is right.
    static func written(_ shard: Plan.Shard, in folder: FilePath) throws(ExecutionError) -> ShardContent? {
        for name in WeightPackings.spellings(shard.name) {
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
