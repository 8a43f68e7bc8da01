import SutureCheckpoints
import SutureDiagnostics
import SutureRecipes
import SystemPackage

/// Finds what the relative paths of a recipe lead to: from the recipe's folder first, then from the current one.
///
/// What lies beside the recipe is written into the graph as a path from the current folder. That is what it is for all
/// that comes after, so that one word in recipes of two folders is two models.
struct RecipePaths {
    private let options: PlanningOptions
    private(set) var findings = Diagnostics()

    /// Where the relative paths that the recipe itself writes lead, as absolute paths.
    private(set) var written: [String: String] = [:]

    init(options: PlanningOptions) {
        self.options = options
    }

    /// The recipe, and those it imports, with paths that start from the current folder.
    mutating func located(_ graph: SliceGraph, isRoot: Bool = true) -> SliceGraph {
        var graph = graph
        for index in graph.inputs.indices {
            if let reference = graph.inputs[index].reference {
                graph.inputs[index].reference = model(reference, isRoot)
            }
            if let adapter = graph.inputs[index].adapter { graph.inputs[index].adapter = model(adapter, isRoot) }
        }
        if let template = graph.output.chatTemplate, ChatTemplateDocument.mayBeFile(template.value) {
            let path = found(template.value, .file, beside: Self.folder(of: template), at: template.range, isRoot)
            if let path { graph.output.chatTemplate = Marked(path, at: template.range) }
        }
        for index in graph.nodes.indices {
            guard case .use(var use) = graph.nodes[index].operation else { continue }
            use.graph = located(use.graph, isRoot: false)
            graph.nodes[index].operation = .use(use)
        }
        return graph
    }

    /// A reference whose model and adapter are looked up, each for itself.
    private mutating func model(_ reference: Marked<String>, _ isRoot: Bool) -> Marked<String> {
        guard !CheckpointReference(parsing: reference.value).isSynthetic else { return reference }
        let beside = Self.folder(of: reference)
        // Where a `+` parts a model from its adapter hangs on which folders there are.
        let parts = [beside, FilePath()].map { folder in
            CheckpointReference(parsing: reference.value).separated(
                environment: options.environment,
                relativeTo: folder
            )
        }
        let (model, adapter) =
            parts.first { isThere(beside.pushing(FilePath($0.model.model)), .folder) } ?? parts[1]
        func place(_ part: CheckpointReference, in paths: inout RecipePaths) -> String? {
            paths.found(part.model, .folder, beside: beside, at: reference.range, isRoot).map { folder in
                folder + (part.revision.map { "@" + $0 } ?? "")
            }
        }
        let placed = place(model, in: &self)
        let placedAdapter = adapter.flatMap { place(CheckpointReference(parsing: $0), in: &self) }
        guard placed != nil || placedAdapter != nil else { return reference }
        let text = (placed ?? model.text) + (adapter.map { "+" + (placedAdapter ?? $0) } ?? "")
        return Marked(text, at: reference.range)
    }

    /// The path from the current folder to what a relative path means; `nil` where it means that already, or nothing.
    private mutating func found(
        _ path: String,
        _ kind: FileSystem.Kind,
        beside folder: FilePath,
        at range: SourceRange?,
        _ isRoot: Bool
    ) -> String? {
        guard Self.isRelative(path) else { return nil }
        if let known = options.paths[path], isThere(FilePath(known), kind) { return known }
        let beside = folder.pushing(FilePath(path)).lexicallyNormalized()
        let isBeside = isThere(beside, kind)
        let isHere = isThere(FilePath(path), kind)
        guard isBeside || isHere else { return nil }
        let whole = Self.absolute(isBeside ? beside.string : path)
        if isRoot { written[path] = whole }
        guard isBeside, !isHere || Self.absolute(path) != whole else { return nil }
        // That an import's models lie beside it is what one expects; that another folder of the name lies here is not.
        if isRoot || isHere { findings.append(.besideRecipe(path, beside.string, alsoHere: isHere, at: range)) }
        // Such as `models/a` is spelled like a name on the hub, which this is not.
        return beside.isAbsolute || beside.string.hasPrefix("..") ? beside.string : "./" + beside.string
    }

    private func isThere(_ path: FilePath, _ kind: FileSystem.Kind) -> Bool {
        (try? FileSystem.kind(of: path)) == kind
    }

    private static func isRelative(_ path: String) -> Bool {
        !path.isEmpty && !path.hasPrefix("~") && FilePath(path).isRelative
    }

    /// The folder of the recipe that writes a word; an empty path for the current one.
    private static func folder(of word: Marked<String>) -> FilePath {
        FilePath(word.range?.file.path ?? "").removingLastComponent()
    }

    /// A path that means the same from every folder, if there is anything there.
    static func absolute(_ path: String) -> String {
        guard isRelative(path), let whole = try? FileSystem.resolve(FilePath(path)) else { return path }
        return whole.string
    }

    /// Where the relative paths of a flat recipe lead, which start from the current folder.
    static func absolute(in flat: SliceGraph) -> [String: String] {
        var paths: [String: String] = [:]
        func add(_ path: String) {
            let whole = absolute(path)
            if whole != path { paths[path] = whole }
        }
        for reference in flat.inputs.compactMap(\.reference?.value) {
            let (model, adapter) = CheckpointReference(parsing: reference).separated(environment: [:])
            add(model.model)
            if let adapter { add(CheckpointReference(parsing: adapter).model) }
        }
        if let template = flat.output.chatTemplate?.value, ChatTemplateDocument.mayBeFile(template) { add(template) }
        return paths
    }

    /// Where a path that leads nowhere was looked for.
    ///
    /// - Parameters:
    ///   - path: The path.
    ///   - reference: The recipe's word for it.
    /// - Returns: The places, in words; `nil` for a path that is absolute and names its place itself.
    static func places(of path: String, in reference: Marked<String>) -> String? {
        guard isRelative(path), let here = try? FileSystem.resolve(".") else { return nil }
        let current = here.pushing(FilePath(path)).lexicallyNormalized()
        let beside = here.pushing(folder(of: reference)).pushing(FilePath(path)).lexicallyNormalized()
        guard beside != current else { return HubID(path) == nil ? "looked for '\(current)'" : nil }
        return "looked for '\(beside)', beside the recipe, and for '\(current)', in the current folder"
    }
}

extension PlanningOptions {
    /// The same with models that are found from any folder.
    var absoluteInputs: [String: String] {
        inputs.mapValues { reference in
            let (model, adapter) = CheckpointReference(parsing: reference).separated(environment: environment)
            guard !model.isSynthetic else { return reference }
            func whole(_ part: CheckpointReference) -> String {
                RecipePaths.absolute(part.model) + (part.revision.map { "@" + $0 } ?? "")
            }
            return whole(model) + (adapter.map { "+" + whole(CheckpointReference(parsing: $0)) } ?? "")
        }
    }
}

extension Diagnostic {
    fileprivate static func besideRecipe(
        _ path: String,
        _ found: String,
        alsoHere: Bool,
        at range: SourceRange?
    ) -> Diagnostic {
        Diagnostic(
            .note,
            code: "beside-recipe",
            "'\(excerpt(path))' is '\(excerpt(found))', beside the recipe"
                + (alsoHere ? ", and not that of the current folder" : ""),
            at: range,
            fix: alsoHere ? FixIt("write the whole path where the other is meant") : nil
        )
    }
}
