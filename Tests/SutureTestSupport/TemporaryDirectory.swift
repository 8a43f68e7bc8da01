import Glibc
import SutureCheckpoints
package import SystemPackage

/// Folders that live as long as a test.
package enum TemporaryDirectory {
    /// Gives a new folder to `body` and removes it afterwards.
    package static func with<Value>(_ body: (FilePath) throws -> Value) throws -> Value {
        let folder = try make()
        defer { try? FileSystem.removeTree(folder) }
        return try body(folder)
    }

    /// Gives a new folder to `body` and removes it afterwards.
    package static func with<Value>(
        isolation: isolated (any Actor)? = #isolation,
        _ body: (FilePath) async throws -> Value
    ) async throws -> Value {
        let folder = try make()
        defer { try? FileSystem.removeTree(folder) }
        return try await body(folder)
    }

    /// The system's folder for what is temporary.
    package static let base = FilePath(getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp")

    private static func make() throws -> FilePath {
        let folder = base.appending("suture-tests-\(FileSystem.uniqueSuffix())")
        try FileSystem.createFolder(folder)
        return folder
    }
}
