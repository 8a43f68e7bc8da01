import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SystemPackage

/// What lies beside an output's files while they are written: who writes which part, how far each is, what is done.
///
/// It is a hidden folder in the staged one, and gone as soon as the output has its final name.
struct WorkFolder: Hashable, Sendable {
    /// Its name in the staged folder.
    static let name = ".suture"

    /// Where it is.
    let path: FilePath

    /// The work folder of a staged folder.
    init(in partial: FilePath) {
        path = partial.appending(Self.name)
    }

    /// The file that says which plan is written, and in which parts.
    var marker: FilePath { path.appending("parts.json") }

    /// The file that says how far a part is.
    func journal(_ part: Part) -> FilePath { path.appending("part-\(part.number).journal") }

    /// The file that says that a part is done.
    func receipt(_ part: Part) -> FilePath { path.appending("part-\(part.number).json") }

    /// The file that whoever writes a part holds.
    func lock(_ part: Part) -> FilePath { path.appending("part-\(part.number).lock") }

    /// A name for a file of one's own.
    func scratch() -> FilePath { path.appending("scratch-\(FileSystem.uniqueSuffix())") }

    /// Makes the folder, and the one it lies in; somebody else may do the same at the same time.
    ///
    /// - Throws: ``ExecutionError``, also where a link would lead elsewhere.
    func create() throws(ExecutionError) {
        for folder in [path.removingLastComponent(), path] {
            try ExecutionError.system { () throws(FileError) in
                do throws(FileError) { try FileSystem.createFolder(folder) } catch {
                    guard error.errno == .fileExists else { throw error }
                }
                guard try FileSystem.kind(of: folder, followsLinks: false) == .folder else {
                    throw FileError(.create, folder, .notDirectory)
                }
            }
        }
    }

    /// Whether it is there with a marker in it, and no link would lead elsewhere.
    func hasMarker() throws(ExecutionError) -> Bool {
        for folder in [path.removingLastComponent(), path] {
            let kind = try ExecutionError.system { () throws(FileError) in
                try FileSystem.kind(of: folder, followsLinks: false)
            }
            guard kind == .folder else { return false }
        }
        let marker = marker
        return try ExecutionError.system { () throws(FileError) in
            try FileSystem.kind(of: marker, followsLinks: false) == .file
        }
    }
}
