import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SutureRecipes
import SystemPackage

/// Reads recipe files from the disk, or from standard input.
enum RecipeFiles {
    /// More than any recipe has; what is larger is something else.
    private static let mostBytes = 4 << 20

    /// Reads a recipe.
    static func read(_ path: String) throws(Diagnostics) -> SourceFile {
        let isStandardInput = path == "-"
        let bytes: [UInt8]
        do throws(FileError) {
            if isStandardInput {
                bytes = try readStream(.standardInput, FilePath("<stdin>"))
            } else if try FileSystem.kind(of: FilePath(path)) == .other {
                bytes = try readPipe(FilePath(path))
            } else {
                bytes = try FileSystem.read(FilePath(path), limit: mostBytes)
            }
        } catch {
            if case .tooLarge = error.cause, path.hasSuffix(".json") { throw Diagnostics([.largePlan(path)]) }
            throw Diagnostics([.unreadableRecipe(path, error)])
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Diagnostics([.notUTF8("is none", path: path)])
        }
        return SourceFile(path: isStandardInput ? "<stdin>" : path, text: text)
    }

    /// Reads a pipe that has a path, as a shell gives it for `<(…)`.
    private static func readPipe(_ path: FilePath) throws(FileError) -> [UInt8] {
        let descriptor: FileDescriptor
        do { descriptor = try FileDescriptor.open(path, .readOnly) } catch {
            throw FileError(.open, path, error as? Errno ?? .ioError)
        }
        defer { try? descriptor.close() }
        return try readStream(descriptor, path)
    }

    /// Reads what has no length to be known beforehand.
    private static func readStream(_ descriptor: FileDescriptor, _ path: FilePath) throws(FileError) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count: Int
            do {
                count = try unsafe buffer.withUnsafeMutableBytes { unsafe try descriptor.read(into: $0) }
            } catch {
                throw FileError(.read, path, error as? Errno ?? .ioError)
            }
            guard count > 0 else { return bytes }
            bytes += buffer[..<count]
            guard bytes.count <= mostBytes else { throw FileError(.read, path, .tooLarge(limit: mostBytes)) }
        }
    }

    /// Reads an imported recipe, from the folder of the file that imports it, or else from the current one.
    static func read(_ path: String, importedBy importer: String) throws(RecipeLoadError) -> SourceFile {
        let here = FilePath(path)
        let beside = FilePath(importer).removingLastComponent().pushing(here).lexicallyNormalized()
        let found = [beside, here.lexicallyNormalized()].first { (try? FileSystem.kind(of: $0)) != nil }
        guard found != nil || beside == here.lexicallyNormalized() else {
            throw RecipeLoadError(reason: "there is neither '\(beside)' nor '\(here)'")
        }
        do throws(Diagnostics) {
            return try read((found ?? beside).string)
        } catch {
            throw RecipeLoadError(reason: error.all.first?.message ?? "cannot be read")
        }
    }
}

extension Diagnostic {
    /// A recipe that cannot be read.
    static func unreadableRecipe(_ path: String, _ error: FileError) -> Diagnostic {
        Diagnostic(
            code: "unreadable-recipe",
            error.message,
            at: .file(path, tensor: nil),
            fix: FixIt("give the path of a recipe, or '-' for standard input")
        )
    }

    /// A file of JSON larger than any recipe, which a plan may be.
    static func largePlan(_ path: String) -> Diagnostic {
        noRecipe(
            "is larger than any recipe, as a plan may be",
            at: .file(path, tensor: nil),
            fix: FixIt("a plan is run: suture run \(path) -o DIR")
        )
    }
}
