import SutureDiagnostics

extension RecipeReader {
    /// Reads mergekit's documents: one recipe, or the stages of one, of which the unnamed or last is written.
    static func mergekit(
        _ documents: [YAMLNode],
        file: SourceFile,
        vocabulary: RecipeVocabulary
    ) -> (graph: SliceGraph, findings: RecipeFindings) {
        var parser = MergekitParser(file: file, vocabulary: vocabulary)
        for document in documents { parser.checkDuplicates(in: document) }
        if documents.count == 1 {
            parser.recipe(documents[0])
        } else {
            parser.stages(documents)
        }
        return (parser.graph, parser.findings)
    }
}

/// Reads mergekit's configuration files as they are found into a ``SliceGraph``.
///
/// What mergekit takes is taken, with its meaning; what it ignores in silence is warned about, and
/// what it would stop at later is said at once.
struct MergekitParser {
    let vocabulary: RecipeVocabulary
    var findings = RecipeFindings()
    var graph: SliceGraph
    /// The stages that other documents may name as a model, and the nodes that stand for them.
    var stageNodes: [String: String] = [:]
    /// The models that are inputs already, by what tells them apart.
    var inputNames: [MergekitModel.Identity: String] = [:]
    /// The names that inputs and nodes have.
    var takenNames: Set<String> = ["out"]
    /// The parameters with a value that is wrong, which are not missing.
    var wrongParameters: Set<String> = []
    /// The stage being read, where there are several.
    var stage: String?
    /// The stages that each stage takes from, and where.
    var stageReferences: [String: [Marked<String>]] = [:]

    init(file: SourceFile, vocabulary: RecipeVocabulary) {
        self.vocabulary = vocabulary
        graph = SliceGraph(dialect: .mergekit, file: file)
    }

    /// Reads the only document of a file.
    mutating func recipe(_ document: YAMLNode) {
        graph.title.name = document["name"].flatMap { name in name.scalar.map { Marked($0.text, at: name.range) } }
        body(document, node: "out", isWritten: true)
    }

    /// Reads several documents, each a stage that later or earlier ones may name as a model.
    mutating func stages(_ documents: [YAMLNode]) {
        guard documents.count <= Self.stageLimit else {
            findings.append(.tooManyStages(documents.count, Self.stageLimit, at: documents[Self.stageLimit]))
            return
        }
        var names: [Marked<String>?] = []
        var seen: [String: SourceRange] = [:]
        for document in documents {
            let name = document["name"].flatMap { node in node.scalar.map { Marked($0.text, at: node.range) } }
            if let name, let range = name.range, let first = seen.updateValue(range, forKey: name.value) {
                findings.append(.duplicateStage(name, first: first))
            }
            names.append(name)
        }
        let unnamed = names.indices.filter { names[$0] == nil }
        for extra in unnamed.dropFirst() { findings.append(.severalUnnamed(documents[extra])) }
        let written = unnamed.first ?? names.count - 1
        for (index, name) in names.enumerated() {
            guard let name else { continue }
            stageNodes[name.value] = index == written ? "out" : newName(for: name.value)
        }
        for (index, document) in documents.enumerated() {
            stage = names[index]?.value ?? ""
            let node = names[index].flatMap { stageNodes[$0.value] } ?? "out"
            body(document, node: node, isWritten: index == written)
            guard index != written, let place = graph.nodes.firstIndex(where: { $0.name.value == node }) else {
                continue
            }
            let stored = present(document, "out_dtype") ?? present(document, "dtype")
            graph.nodes[place].storedDType = stored.flatMap { dtype($0, "'dtype'")?.value }
        }
        checkStages(names, written: names[written]?.value ?? "")
    }

    /// More stages than anybody writes.
    private static let stageLimit = 500

    /// Reports stages that need each other in a circle, and those that nobody needs.
    private mutating func checkStages(_ names: [Marked<String>?], written: String) {
        var reached: Set<String> = []
        var waiting = [written]
        while let name = waiting.popLast() {
            guard reached.insert(name).inserted else { continue }
            waiting += (stageReferences[name] ?? []).map(\.value)
        }
        for case let name? in names where !reached.contains(name.value) { findings.append(.unusedStage(name)) }

        var done: Set<String> = []
        for start in stageReferences.keys.sorted() where !done.contains(start) {
            var path: [(name: String, next: Int)] = [(start, 0)]
            while let last = path.last {
                let targets = stageReferences[last.name] ?? []
                guard last.next < targets.count else {
                    done.insert(last.name)
                    path.removeLast()
                    continue
                }
                path[path.count - 1].next += 1
                let target = targets[last.next]
                if path.contains(where: { $0.name == target.value }) {
                    let circle = path.drop { $0.name != target.value }.map(\.name) + [target.value]
                    findings.append(.stageCycle(circle, at: target.range))
                } else if !done.contains(target.value) {
                    guard path.count < 200 else {
                        return findings.append(.chainTooLong(200, of: "stages", at: target.range))
                    }
                    path.append((target.value, 0))
                }
            }
        }
    }

    /// A name that nothing has yet, made of letters, digits and `_`.
    mutating func newName(for text: String) -> String {
        var name = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(80) {
            name.append(ExpressionParser.isNamePart(scalar) ? scalar : "_")
        }
        var base = String(name)
        if name.first.map({ !ExpressionParser.isNameStart($0) }) ?? true { base = "m_" + base }
        var candidate = base
        var number = 2
        while !takenNames.insert(candidate).inserted {
            candidate = "\(base)_\(number)"
            number += 1
        }
        return candidate
    }

    /// Warns of keys that a mapping has twice; mergekit takes the last.
    mutating func checkDuplicates(in node: YAMLNode) {
        switch node.content {
        case .scalar: return
        case .sequence(let elements):
            for element in elements { checkDuplicates(in: element) }
        case .mapping(let pairs):
            var last: [String: SourceRange] = [:]
            for pair in pairs where !findings.isFull {
                checkDuplicates(in: pair.value)
                guard let key = pair.key.scalar?.text else { continue }
                if let first = last.updateValue(pair.key.range, forKey: key) {
                    findings.append(.duplicateKey(key, at: pair.key.range, first: first, lastCounts: true))
                }
            }
        }
    }
}

extension Diagnostic {
    fileprivate static func duplicateStage(_ name: Marked<String>, first: SourceRange?) -> Diagnostic {
        Diagnostic(
            code: "duplicate-stage",
            "two documents are named '\(name.value)'",
            at: name.range,
            fix: FixIt("give one of them another name"),
            notes: [Note("the first is here", at: first.map(Place.source))]
        )
    }

    fileprivate static func tooManyStages(_ count: Int, _ limit: Int, at document: YAMLNode) -> Diagnostic {
        Diagnostic(
            code: "too-many-stages",
            "a file has at most \(limit) stages, this one has \(count)",
            at: SourceRange(file: document.range.file, start: document.range.start, end: document.range.start)
        )
    }

    fileprivate static func severalUnnamed(_ document: YAMLNode) -> Diagnostic {
        Diagnostic(
            code: "several-unnamed-stages",
            "the document without a name is the one that is written, and this is another",
            at: SourceRange(file: document.range.file, start: document.range.start, end: document.range.start),
            fix: FixIt("add 'name: …' to the documents that others use")
        )
    }

    fileprivate static func unusedStage(_ name: Marked<String>) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "unused-stage",
            "stage '\(name.value)' has no part in what is written",
            at: name.range,
            fix: FixIt("name it as a model, or take it out")
        )
    }

    fileprivate static func stageCycle(_ path: [String], at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            code: "stage-cycle",
            "stages need each other in a circle: "
                + path.map { $0.isEmpty ? "(unnamed)" : $0 }.joined(separator: " -> "),
            at: range
        )
    }
}
