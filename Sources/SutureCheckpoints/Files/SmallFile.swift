package import SutureJSON
package import SystemPackage

/// Small files beside weights and recipes, read whole.
package enum SmallFile {
    /// The most bytes of a file that is read as a whole; the largest tokenizers have half of it.
    package static let limit = 64 << 20

    /// The bytes of a file; `nil` where it cannot be read or has more than a limit.
    package static func bytes(_ path: FilePath, limit: Int = limit) -> [UInt8]? {
        try? FileSystem.read(path, limit: limit)
    }

    /// The text of a file of at most 1 MiB; `nil` where it cannot be read.
    package static func text(_ path: FilePath) -> String? {
        bytes(path, limit: 1 << 20).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The JSON object in a file; `nil` where it cannot be read, is none, or is larger than ``limit``.
    package static func object(_ path: FilePath) -> JSONObject? {
        bytes(path).flatMap { try? JSONParser.parse($0) }?.object
    }
}
