package import SutureDiagnostics

/// Why a recipe that another imports cannot be read.
package struct RecipeLoadError: Error, Hashable, Sendable {
    /// The reason, to stand after the path: `there is no such file`.
    package var reason: String

    /// Creates an error.
    package init(reason: String) {
        self.reason = reason
    }
}

/// Finds the text of an imported recipe: the path as it is written, and that of the importing file.
package typealias RecipeLoader = (_ path: String, _ importer: String) throws(RecipeLoadError) -> SourceFile

/// The recipes that a recipe imports, each loaded once, and the way by which the one at hand was reached.
struct ImportTable {
    /// An imported recipe: its file and the document of it that is meant.
    struct Recipe {
        let file: SourceFile
        let document: YAMLNode
        let dialect: SliceGraph.Dialect
        /// All recipes of the file, since one may import another.
        let siblings: [YAMLNode]
        /// What the recipe is called in a cycle.
        let identity: String
    }

    private let load: RecipeLoader
    private var loaded: [String: Result<[YAMLNode], Diagnostic>] = [:]
    /// The documents of the file at hand that may be imported by `#name`.
    var siblings: [YAMLNode] = []
    /// The recipes that are being read, the one at hand last.
    private(set) var path: [String]
    /// How many imported recipes have been read, each use counted.
    private(set) var useCount = 0

    /// More calls than anybody means; recipes that call each other twice a level pass it quickly.
    static let useLimit = 500

    /// The bytes of all imported recipes, those of a recipe counted at each use.
    private var readByteCount = 0
    private static let byteLimit = 16 << 20

    init(root: SourceFile, load: @escaping RecipeLoader) {
        self.load = load
        path = [root.path]
    }

    /// Finds a recipe.
    ///
    /// - Parameters:
    ///   - reference: A path from the importing file, or `#name` for a document of the same file.
    ///   - importer: The importing file.
    /// - Returns: The recipe.
    /// - Throws: A `Diagnostic` when there is none, or it is no YAML.
    mutating func recipe(_ reference: Marked<String>, from importer: SourceFile) throws(Diagnostic) -> Recipe {
        if reference.value.hasPrefix("#") { return try sibling(reference, in: importer) }
        let file: SourceFile
        do throws(RecipeLoadError) {
            file = try load(reference.value, importer.path)
        } catch {
            throw .unreadableImport(reference, error, siblings: siblings.compactMap { $0["name"]?.scalar?.text })
        }
        if loaded[file.path] == nil {
            do throws(Diagnostic) {
                loaded[file.path] = .success(try YAMLReader.documents(in: file).filter { !$0.isNull })
            } catch {
                loaded[file.path] = .failure(error)
            }
        }
        guard let documents = try loaded[file.path]?.get(), let last = documents.last else {
            throw .emptyImport(reference)
        }
        return Recipe(
            file: file,
            document: last,
            dialect: try RecipeReader.dialect(of: last),
            siblings: Array(documents.dropLast()),
            identity: file.path
        )
    }

    private func sibling(_ reference: Marked<String>, in importer: SourceFile) throws(Diagnostic) -> Recipe {
        let name = String(reference.value.dropFirst())
        let known = siblings.compactMap { $0["name"]?.scalar?.text }
        guard let index = siblings.lastIndex(where: { $0["name"]?.scalar?.text == name }) else {
            throw .unknownSibling(reference, known: known)
        }
        return Recipe(
            file: importer,
            document: siblings[index],
            dialect: try RecipeReader.dialect(of: siblings[index]),
            siblings: Array(siblings[..<index]),
            identity: importer.path + reference.value
        )
    }

    /// Steps into an imported recipe.
    ///
    /// - Throws: A `Diagnostic` when the recipe is on the way already, or too many have been read.
    mutating func enter(_ recipe: Recipe, at range: SourceRange?) throws(Diagnostic) {
        if let start = path.firstIndex(of: recipe.identity) {
            throw .importCycle(Array(path[start...]) + [recipe.identity], at: range)
        }
        useCount += 1
        readByteCount += recipe.file.text.utf8.count
        guard useCount <= Self.useLimit, readByteCount <= Self.byteLimit else {
            throw .tooManyUses(Self.useLimit, at: range)
        }
        path.append(recipe.identity)
        siblings = recipe.siblings
    }

    /// Steps back out, to the documents that stood beside the importing one.
    mutating func leave(siblings outer: [YAMLNode]) {
        path.removeLast()
        siblings = outer
    }
}

extension Diagnostic {
    fileprivate static func unreadableImport(
        _ reference: Marked<String>,
        _ error: RecipeLoadError,
        siblings: [String]
    ) -> Diagnostic {
        let base = reference.value.split(separator: "/").last.map(String.init) ?? reference.value
        let stem = base.split(separator: ".").first.map(String.init) ?? base
        return Diagnostic(
            code: "unreadable-import",
            "recipe '\(reference.value)' cannot be read: \(error.reason)",
            at: reference.range,
            fix: siblings.contains(stem)
                ? FixIt("the recipe '\(stem)' of this file is imported as \"#\(stem)\"", replacing: "\"#\(stem)\"")
                : FixIt("a path is taken from the folder of this file, or else from the current one")
        )
    }

    fileprivate static func emptyImport(_ reference: Marked<String>) -> Diagnostic {
        Diagnostic(code: "empty-import", "recipe '\(reference.value)' is empty", at: reference.range)
    }

    fileprivate static func unknownSibling(_ reference: Marked<String>, known: [String]) -> Diagnostic {
        let name = String(reference.value.dropFirst())
        return Diagnostic(
            code: "unreadable-import",
            "'\(reference.value)' is a recipe above in this file, and none there is named '\(name)'",
            at: reference.range,
            fix: known.nearest(to: name).map { FixIt("did you mean '#\($0)'?", replacing: "\"#\($0)\"") }
                ?? FixIt(
                    known.isEmpty ? "put it above, with a '---' between" : "there are: " + known.joined(separator: ", ")
                )
        )
    }

    fileprivate static func importCycle(_ path: [String], at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            code: "import-cycle",
            "recipes import each other in a circle: " + path.joined(separator: " -> "),
            at: range,
            fix: FixIt("give one of them an input in place of the import")
        )
    }
}
