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
            bytes = try FileSystem.read(FilePath(isStandardInput ? "/dev/stdin" : path), limit: mostBytes)
        } catch {
            throw Diagnostics([.unreadableRecipe(path, error)])
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Diagnostics([.recipeNotText(path)]) }
        return SourceFile(path: isStandardInput ? "<stdin>" : path, text: text)
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
