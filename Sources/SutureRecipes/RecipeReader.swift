package import SutureDiagnostics

/// Reads a recipe of either dialect, with all that it imports.
package enum RecipeReader {
    /// Reads a recipe.
    ///
    /// A file of the native dialect may hold several documents: the last is the recipe, and those
    /// above it can be imported by `"#name"`. Several documents of mergekit's dialect are its stages.
    ///
    /// - Parameters:
    ///   - file: The recipe's text.
    ///   - vocabulary: The methods and roles that it may name.
    ///   - load: Finds the recipes it imports.
    /// - Returns: The recipe, and warnings and notes about it.
    /// - Throws: All that is wrong with it.
    package static func read(
        _ file: SourceFile,
        vocabulary: RecipeVocabulary,
        load: @escaping RecipeLoader
    ) throws(Diagnostics) -> (graph: SliceGraph, notices: [Diagnostic]) {
        let documents: [YAMLNode]
        let dialects: [SliceGraph.Dialect]
        do throws(Diagnostic) {
            documents = try YAMLReader.documents(in: file).filter { !$0.isNull }
            var found: [SliceGraph.Dialect] = []
            for document in documents { found.append(try dialect(of: document)) }
            dialects = found
            if documents.isEmpty { throw .emptyRecipe(file) }
        } catch {
            throw Diagnostics([error])
        }
        if let other = dialects.firstIndex(where: { $0 != dialects[0] }) {
            throw Diagnostics([.mixedDialects(at: documents[other].range)])
        }
        let reading =
            switch dialects[0] {
            case .native: native(documents, file: file, vocabulary: vocabulary, load: load)
            case .mergekit: mergekit(documents, file: file, vocabulary: vocabulary)
            }
        let all = reading.findings.all
        try all.throwIfErrors()
        return (reading.graph, all.all)
    }

    private static func native(
        _ documents: [YAMLNode],
        file: SourceFile,
        vocabulary: RecipeVocabulary,
        load: @escaping RecipeLoader
    ) -> (graph: SliceGraph, findings: RecipeFindings) {
        let document = documents[documents.count - 1]
        var imports = ImportTable(root: file, load: load)
        imports.siblings = Array(documents.dropLast())
        var parser = NativeParser(document: document, file: file, vocabulary: vocabulary, imports: imports)
        parser.parse(document)
        parser.checkGraph(isImported: false)
        let imported = Set(parser.importPaths.values.map(\.value))
        for other in documents.dropLast() where !imported.contains("#" + (other["name"]?.scalar?.text ?? "")) {
            parser.findings.append(.unusedDocument(other))
        }
        return (parser.graph, parser.findings)
    }

    /// Tells the dialect of a document by its keys.
    ///
    /// - Throws: A `Diagnostic` that explains both where it is neither.
    static func dialect(of document: YAMLNode) throws(Diagnostic) -> SliceGraph.Dialect {
        guard let pairs = document.pairs else { throw .noRecipe(document, keys: []) }
        let keys = pairs.compactMap { $0.key.scalar?.text }
        if keys.contains("slicegraph") { return .native }
        if keys.contains("merge_method") { return .mergekit }
        // A recipe of which only the first key is missing or misspelled is better told that.
        if keys.contains("graph") { return .native }
        if keys.contains(where: ["models", "slices", "modules"].contains) { return .mergekit }
        if keys.contains("plan"), keys.contains("tensors"), keys.contains("shards") { throw .plan(document) }
        if keys.contains("experts"), let key = pairs.first(where: { $0.key.scalar?.text == "experts" })?.key {
            throw .mixtureOfExperts(at: key.range)
        }
        throw .noRecipe(document, keys: keys)
    }
}

extension Diagnostic {
    fileprivate static func emptyRecipe(_ file: SourceFile) -> Diagnostic {
        Diagnostic(
            code: "empty-recipe",
            "the file holds no recipe",
            at: .file(file.path, tensor: nil),
            fix: FixIt("'suture recipe new solar' prints one, 'suture help recipe new' lists others")
        )
    }

    fileprivate static func noRecipe(_ document: YAMLNode, keys: [String]) -> Diagnostic {
        let start = SourceRange(file: document.range.file, start: document.range.start, end: document.range.start)
        let meant = keys.lazy.compactMap { key in
            ["slicegraph", "merge_method"].nearest(to: key).map { (key, $0) }
        }.first
        return noRecipe(
            "a recipe has 'slicegraph: 1', or 'merge_method: …' as mergekit's have; this is "
                + (document.pairs == nil ? document.kindInWords : "a mapping with neither"),
            at: .source(start),
            fix: meant.map { FixIt("did you mean '\($0.1)' by '\($0.0)'?") }
                ?? FixIt("'suture recipe new solar' prints one, 'suture help recipe new' lists others")
        )
    }

    fileprivate static func plan(_ document: YAMLNode) -> Diagnostic {
        let start = SourceRange(file: document.range.file, start: document.range.start, end: document.range.start)
        return noRecipe(
            "this is a plan, which was made of a recipe already",
            at: .source(start),
            fix: FixIt("run it: suture run \(document.range.file.path) -o DIR")
        )
    }

    fileprivate static func mixtureOfExperts(at range: SourceRange) -> Diagnostic {
        noRecipe(
            "this makes a mixture of experts, as mergekit-moe does; a recipe stacks, splices and blends layers",
            at: .source(range),
            fix: FixIt("make it with mergekit-moe; 'suture help recipe new' lists what recipes make")
        )
    }

    fileprivate static func mixedDialects(at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: "mixed-dialects",
            "the documents of a file are of one dialect, this one is of another than the first",
            at: SourceRange(file: range.file, start: range.start, end: range.start),
            fix: FixIt("put it into a file of its own")
        )
    }

    fileprivate static func unusedDocument(_ document: YAMLNode) -> Diagnostic {
        let name = document["name"]?.scalar?.text
        return Diagnostic(
            .warning,
            code: "unused-document",
            "the last recipe of a file is read, and it does not import this one",
            at: SourceRange(file: document.range.file, start: document.range.start, end: document.range.start),
            fix: name.map { FixIt("import it as \"#\($0)\", or put it into a file of its own") }
                ?? FixIt("put it into a file of its own")
        )
    }
}
