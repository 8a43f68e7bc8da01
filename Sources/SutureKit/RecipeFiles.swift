import SutureCheckpoints
import SutureDiagnostics
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
            bytes = try isStandardInput ? readStandardInput() : FileSystem.read(FilePath(path), limit: mostBytes)
        } catch {
            throw Diagnostics([.unreadableRecipe(path, error)])
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Diagnostics([.recipeNotText(path)]) }
        return SourceFile(path: isStandardInput ? "<stdin>" : path, text: text)
    }

    /// Reads what is piped in, which has no length to be known beforehand.
    private static func readStandardInput() throws(FileError) -> [UInt8] {
        let path = FilePath("<stdin>")
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count: Int
            do {
                count = try unsafe buffer.withUnsafeMutableBytes {
                    unsafe try FileDescriptor.standardInput.read(into: $0)
                }
            } catch {
                throw FileError(.read, path, error as? Errno ?? .ioError)
            }
            guard count > 0 else { return bytes }
            bytes += buffer[..<count]
            guard bytes.count <= mostBytes else { throw FileError(.read, path, .tooLarge(limit: mostBytes)) }
        }
    }

    /// Reads an imported recipe, relative to the file that imports it.
    static func read(_ path: String, importedBy importer: String) throws(RecipeLoadError) -> SourceFile {
        var whole = FilePath(path)
        if whole.isRelative, importer != "<stdin>" {
            whole = FilePath(importer).removingLastComponent().appending(whole.components).lexicallyNormalized()
        }
        do throws(Diagnostics) {
            return try read(whole.string)
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

    /// A recipe that is no text.
    static func recipeNotText(_ path: String) -> Diagnostic {
        Diagnostic(
            code: "not-utf8",
            "is not UTF-8 text",
            at: .file(path, tensor: nil),
            fix: FixIt("save it as UTF-8")
        )
    }
}
