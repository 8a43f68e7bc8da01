import SutureDiagnostics

/// A model as a mergekit file names it.
struct MergekitModel {
    /// What tells two models apart: their text, nothing more clever, as mergekit does it.
    struct Identity: Hashable {
        /// `path[@revision][+adapter]`.
        let reference: String
        let adapter: String?
        let architecture: String?
    }

    /// `path[@revision][+adapter]` as it is written.
    let reference: Marked<String>
    /// An adapter that is given apart from the reference.
    var adapter: Marked<String>?
    /// The architecture class to take it for.
    var architecture: Marked<String>?

    var identity: Identity {
        Identity(reference: reference.value, adapter: adapter?.value, architecture: architecture?.value)
    }

    /// The last part of the path, by which people know it.
    var shortName: String {
        let path = reference.value.prefix { $0 != "@" && $0 != "+" && $0 != "?" }
        return path.split { $0 == "/" || $0 == "\\" }.last.map(String.init) ?? "model"
    }
}

extension MergekitParser {
    /// Reads a model: a text, or a mapping `{model: {path:, revision:}, lora:, override_architecture:}`.
    mutating func model(_ node: YAMLNode, _ subject: String) -> MergekitModel? {
        guard !findings.isSettled else { return nil }
        guard node.pairs != nil else { return textModel(node, subject).map { MergekitModel(reference: $0) } }
        checkKeys(of: node, subject, known: ["model", "lora", "override_architecture", "path", "revision"])
        // `{path: …}` without `model:` around it stops mergekit, and can mean only one thing.
        guard let inner = node["model"] ?? (node["path"] == nil ? nil : node) else {
            findings.append(.missingKey("model", of: subject, at: node.range))
            return nil
        }
        guard let reference = path(inner, subject) else { return nil }
        return MergekitModel(
            reference: reference,
            adapter: present(node, "lora").flatMap { path($0, "'lora'") },
            architecture: present(node, "override_architecture").flatMap { text($0, "'override_architecture'") }
        )
    }

    private mutating func path(_ node: YAMLNode, _ subject: String) -> Marked<String>? {
        guard node.pairs != nil else { return textModel(node, subject) }
        checkKeys(of: node, subject, known: ["path", "revision"])
        guard let path = present(node, "path").flatMap({ textModel($0, "'path'") }) else {
            if node["path"] == nil { findings.append(.missingKey("path", of: subject, at: node.range)) }
            return nil
        }
        guard let revision = present(node, "revision").flatMap({ text($0, "'revision'") }), !revision.value.isEmpty
        else {
            return path
        }
        return Marked("\(path.value)@\(revision.value)", at: path.range)
    }

    private mutating func textModel(_ node: YAMLNode, _ subject: String) -> Marked<String>? {
        guard let text = text(node, subject) else { return nil }
        guard !text.value.isEmpty else {
            findings.append(.wrongType(subject, needs: "a model", found: node))
            return nil
        }
        return text
    }

    /// The layers of a model, which becomes an input when it is named first.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - range: The half-open range of layers; `nil` for all.
    /// - Returns: The layers, by the name that the graph gives the model.
    mutating func strip(
        _ model: MergekitModel,
        range: (start: Marked<Int>, end: Marked<Int>, range: SourceRange)? = nil
    ) -> SliceExpression {
        let target = Marked(name(of: model), at: model.reference.range)
        guard let range else { return SliceExpression(target: target, range: model.reference.range) }
        let piece = SliceExpression.Piece.run(
            start: range.start.map(Expression.integer),
            end: range.end.map(Expression.integer),
            step: nil,
            range: range.range
        )
        return SliceExpression(target: target, pieces: [piece], range: range.range)
    }

    /// What the graph calls a model: the node of a stage, or an input.
    mutating func name(of model: MergekitModel) -> String {
        if let stage, let node = stageNodes[model.reference.value], model.adapter == nil {
            stageReferences[stage, default: []].append(model.reference)
            return node
        }
        if let known = inputNames[model.identity] { return known }
        guard graph.inputs.count < Self.modelLimit else {
            findings.append(.tooManyModels(Self.modelLimit, at: model.reference.range))
            return model.shortName
        }
        warnOfTwin(model)
        let name = newName(for: model.shortName)
        inputNames[model.identity] = name
        graph.inputs.append(
            SliceGraph.InputDeclaration(
                name: Marked(name, at: model.reference.range),
                reference: model.reference,
                adapter: model.adapter,
                architecture: model.architecture
            )
        )
        return name
    }

    /// More models than anybody merges.
    private static let modelLimit = 500

    /// Warns when a model was named before in another spelling, which makes it another model.
    private mutating func warnOfTwin(_ model: MergekitModel) {
        func spelling(_ text: String) -> String {
            var text = text.replacing("\\", with: "/")
            while text.hasPrefix("./") { text.removeFirst(2) }
            while text.count > 1, text.hasSuffix("/") { text.removeLast() }
            return text.hasSuffix("@main") ? String(text.dropLast(5)) : text
        }
        let mine = spelling(model.reference.value)
        guard
            let twin = graph.inputs.first(where: {
                $0.adapter?.value == model.adapter?.value && spelling($0.reference?.value ?? "") == mine
            }), let other = twin.reference, other.value != model.reference.value
        else { return }
        findings.append(.modelTwice(model.reference, other))
    }
}

extension String {
    /// The text with every occurrence of a character replaced.
    fileprivate func replacing(_ old: Character, with new: Character) -> String {
        String(map { $0 == old ? new : $0 })
    }
}

extension Diagnostic {
    fileprivate static func tooManyModels(_ limit: Int, at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            code: "too-many-models",
            "a recipe takes from at most \(limit) models, this one from more",
            at: range
        )
    }

    fileprivate static func modelTwice(_ model: Marked<String>, _ other: Marked<String>) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "model-under-two-names",
            "'\(model.value)' and '\(other.value)' look like one model, and are taken for two",
            at: model.range,
            fix: FixIt("spell it '\(other.value)' everywhere", replacing: other.value),
            notes: [Note("the other spelling is here", at: other.range.map(Place.source))]
        )
    }
}
