import Glibc
package import SystemPackage

extension FileSystem {
    /// The bytes of a whole file.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - limit: The most bytes it may have.
    /// - Returns: The bytes.
    /// - Throws: ``FileError`` with `tooLarge` where it has more.
    package static func read(_ path: FilePath, limit: Int = 1 << 30) throws(FileError) -> [UInt8] {
        let file = try InputFile(path)
        guard file.byteCount <= limit else { throw FileError(.read, path, .tooLarge(limit: limit)) }
        return try file.read(0..<file.byteCount)
    }

    /// Writes a whole small file: under a name of its own first, then renamed, so that it is there whole or not at all.
    package static func write(
        _ bytes: [UInt8],
        to path: FilePath,
        calls: FileCalls = .system
    ) throws(FileError) {
        let parent = path.removingLastComponent()
        let temporary = parent.appending(".\(path.lastComponent?.string ?? "file").\(uniqueSuffix())")
        let file = try OutputFile.create(temporary, byteCount: bytes.count, calls: calls)
        try file.writer.write(bytes, at: 0)
        try file.finish()
        do throws(FileError) { try rename(temporary, to: path) } catch {
            try? remove(temporary)
            throw error
        }
    }

    /// Writes a text as a whole small file.
    package static func write(
        _ text: String,
        to path: FilePath,
        calls: FileCalls = .system
    ) throws(FileError) {
        try write(Array(text.utf8), to: path, calls: calls)
    }

    /// Writes a whole small file to a name that nothing bears, for the first of several who try at the same time.
    ///
    /// - Returns: Whether it was written; if not, somebody else's file bears the name, and is whole.
    package static func writeExclusively(_ text: String, to path: FilePath) throws(FileError) -> Bool {
        let parent = path.removingLastComponent()
        let temporary = parent.appending(".\(path.lastComponent?.string ?? "file").\(uniqueSuffix())")
        try write(text, to: temporary)
        do throws(FileError) {
            do throws(FileError) { try renameExclusively(temporary, to: path) } catch {
                // Network file systems know hard links, which refuse a name that is taken just as well.
                guard error.isUnsupported else { throw error }
                try link(temporary, at: path)
                try remove(temporary)
            }
            return true
        } catch {
            try? remove(temporary)
            guard error.errno == .fileExists else { throw error }
            return false
        }
    }

    /// Copies a file to a name that nothing bears, in pieces of 1 MiB.
    ///
    /// - Returns: The hash of what was copied.
    @discardableResult
    package static func copy(
        _ source: FilePath,
        to target: FilePath,
        calls: FileCalls = .system
    ) throws(FileError) -> ContentHash {
        let input = try InputFile(source, calls: calls)
        let output = try OutputFile.create(target, byteCount: input.byteCount, calls: calls)
        var hasher = ContentHasher()
        var offset = 0
        while offset < input.byteCount {
            let end = min(offset + 1 << 20, input.byteCount)
            let bytes = try input.read(offset..<end)
            hasher.update(bytes)
            try output.writer.write(bytes, at: offset)
            offset = end
        }
        try output.finish()
        return hasher.finish()
    }

    /// A name that no other run is likely to choose.
    package static func uniqueSuffix() -> String {
        String(getpid()) + "-" + String(UInt64.random(in: 0 ... .max), radix: 36)
    }
}
