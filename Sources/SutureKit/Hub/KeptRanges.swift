public import SutureDiagnostics
import SutureHub
import SutureCheckpoints
import SystemPackage

/// What is kept of models on the hub that are not whole here.
public struct KeptRanges: Sendable {
    /// Some ranges of one file.
    public struct Entry: Hashable, Sendable {
        /// The model's id on the hub.
        public let model: String
        /// The file's name in it.
        public let file: String
        /// The bytes that are here.
        public let presentByteCount: Int
        /// The bytes of the whole file.
        public let byteCount: Int

        let path: FilePath
    }

    /// The folder that they are in.
    public let folder: String

    /// All of them, by model and file.
    public let entries: [Entry]

    private let store: RangeStore

    /// Looks at what an environment's folder holds.
    ///
    /// - Throws: `Diagnostics` where the system refuses to look.
    public init(environment: [String: String]) throws(Diagnostics) {
        store = RangeStore(environment: environment)
        folder = store.folder.string
        do throws(FileError) {
            entries = try store.kept().map { kept in
                Entry(
                    model: kept.place.id.text,
                    file: kept.file.name,
                    presentByteCount: kept.presentByteCount,
                    byteCount: kept.file.byteCount,
                    path: kept.path
                )
            }
        } catch { throw Diagnostics([error.diagnostic]) }
    }

    /// Removes what is kept of some models.
    ///
    /// - Parameter models: Their ids; of all where it is empty.
    /// - Returns: The bytes that were removed.
    /// - Throws: ``Surgery/BuildError``, also where a build is reading them.
    public func remove(_ models: [String]) throws(Surgery.BuildError) -> Int {
        var count = 0
        do throws(FileError) {
            for entry in entries where models.isEmpty || models.contains(entry.model) {
                try store.forget(entry.path)
                count += entry.presentByteCount
            }
        } catch { throw Surgery.BuildError(diagnostics: [error.diagnostic], exitCode: 2) }
        return count
    }
}
