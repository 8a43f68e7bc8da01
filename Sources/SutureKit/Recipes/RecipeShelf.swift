import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SuturePlanning
import SutureRecipes
import SystemPackage

/// The recipes that can be found by name: in `recipes/` here and in the folders on `SUTURE_RECIPES`.
public struct RecipeShelf: Sendable {
    /// The folders that are looked in, in order.
    public let folders: [String]

    /// Looks where the environment says.
    public init(environment: [String: String]) {
        let more = environment["SUTURE_RECIPES"]?.split(separator: ":").map(String.init) ?? []
        folders = ["recipes"] + more
    }

    /// A recipe on the shelf.
    public struct Entry: Hashable, Sendable {
        /// Its name.
        public let name: String
        /// Its file.
        public let path: String
        /// What it does, in the author's words.
        public let summary: String?
        /// Its inputs: the name, and what is bound to it where something is.
        public let inputs: [String]
        /// Its parameters: name, type, default and description.
        public let parameters: [String]
    }

    /// The recipes, by folder and name; files that are no recipes are passed over.
    public func recipes() -> [Entry] {
        folders.flatMap { folder -> [Entry] in
            guard let names = try? FileSystem.list(FilePath(folder)) else { return [] }
            return names.filter { $0.hasSuffix(".yml") || $0.hasSuffix(".yaml") }.sorted()
                .compactMap { entry(folder + "/" + $0) }
        }
    }

    /// The file of a recipe that is called by name rather than by path, where there is one.
    func path(ofRecipe name: String) -> String? {
        guard !name.contains("/"), !name.contains(".") else { return nil }
        let files = folders.flatMap { folder in ["yml", "yaml"].map { "\(folder)/\(name).\($0)" } }
        if let file = files.first(where: { (try? FileSystem.kind(of: FilePath($0))) == .file }) { return file }
        return recipes().first { $0.name == name }?.path
    }

    private func entry(_ path: String) -> Entry? {
        guard let file = try? RecipeFiles.read(path),
            let reading = try? RecipeReader.read(
                file,
                vocabulary: RecipeVocabulary(.standard),
                load: { (path, importer) throws(RecipeLoadError) in
                    try RecipeFiles.read(path, importedBy: importer)
                }
            )
        else { return nil }
        let graph = reading.graph
        let stem = path.split(separator: "/").last?.split(separator: ".").first.map(String.init) ?? path
        return Entry(
            name: graph.title.name?.value ?? stem,
            path: path,
            summary: graph.title.description?.value,
            inputs: graph.inputs.map { $0.name.value + ($0.reference.map { "=\($0.value)" } ?? "=… (needed)") },
            parameters: graph.parameters.map { declaration in
                let fallback = declaration.fallback.map { "=\($0.summary)" } ?? "=… (needed)"
                return declaration.name.value + fallback + " (\(declaration.kind.rawValue))"
                    + (declaration.description.map { ": \($0)" } ?? "")
            }
        )
    }

    /// The recipes as JSON, with a final line break.
    public static func json(_ entries: [Entry]) -> String {
        let values = entries.map { entry in
            JSONValue.object([
                "name": .string(entry.name), "path": .string(entry.path),
                "description": entry.summary.map(JSONValue.string) ?? .null,
                "inputs": .array(entry.inputs.map(JSONValue.string)),
                "parameters": .array(entry.parameters.map(JSONValue.string)),
            ])
        }
        return JSONPrinter.print(.array(values), indent: 1) + "\n"
    }
}

extension Value {
    /// The value in a few characters.
    fileprivate var summary: String {
        switch content {
        case .constant(let expression): expression.text
        case .curve: "a curve"
        case .cases: "by selector"
        }
    }
}
