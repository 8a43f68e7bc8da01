import SutureCheckpoints
import SystemPackage

/// A weight file of an output, plain or packed.
struct ShardContent {
    /// The file's name, which says whether it is packed.
    let name: String

    /// What is in it.
    let content: ContentFile

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
}
