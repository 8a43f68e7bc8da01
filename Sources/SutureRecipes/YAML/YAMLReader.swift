package import SutureDiagnostics

/// Reads YAML text into nodes that know where they are written.
///
/// Anchors, aliases and merge keys are followed. What a hostile text could blow up is bounded: its
/// length, how deep it nests, and how many nodes it makes once aliases are followed.
package struct YAMLReader {
    /// What a text may cost.
    package struct Limits: Sendable {
        /// The most bytes in a text.
        package var byteCount = 4 << 20
        /// The most lists and mappings inside each other.
        package var depth = 64
        /// The most nodes in a text, those counted again that an alias repeats.
        package var nodeCount = 250_000

        /// Creates the limits that recipes are read with.
        package init() {}
    }

    /// Reads every document of a text.
    ///
    /// - Throws: A `Diagnostic` at the first place that is not YAML or passes a limit.
    package static func documents(
        in file: SourceFile,
        limits: Limits = Limits()
    ) throws(Diagnostic) -> [YAMLNode] {
        let text = file.text.first == "\u{FEFF}" ? file.text.dropFirst() : file.text[...]
        guard text.utf8.count <= limits.byteCount else {
            throw .yamlTooLong(text.utf8.count, limit: limits.byteCount, path: file.path)
        }
        guard let stream = YAMLEventStream.open(text.utf8) else { throw .outOfMemory(path: file.path) }
        var composer = YAMLComposer(stream: stream, file: file, limits: limits)
        return try composer.documents()
    }
}

/// Puts nodes together from events.
private struct YAMLComposer: ~Copyable {
    private var stream: YAMLEventStream
    private let file: SourceFile
    private let limits: YAMLReader.Limits
    private var anchors: [String: Composed] = [:]
    private var openAnchors: Set<String> = []
    private var nodeCount = 0

    /// A node and the number of nodes in it.
    private struct Composed {
        var node: YAMLNode
        var weight: Int
    }

    init(stream: consuming YAMLEventStream, file: SourceFile, limits: YAMLReader.Limits) {
        self.stream = stream
        self.file = file
        self.limits = limits
    }

    mutating func documents() throws(Diagnostic) -> [YAMLNode] {
        var documents: [YAMLNode] = []
        while true {
            switch try next().kind {
            case .streamEnd: return documents
            case .documentStart:
                anchors = [:]
                documents.append(try compose(try next(), depth: 0).node)
            default: continue
            }
        }
    }

    private mutating func next() throws(Diagnostic) -> YAMLEvent {
        do {
            return try stream.next()
        } catch {
            throw Diagnostic.yamlSyntax(error, in: file)
        }
    }

    private mutating func compose(_ event: YAMLEvent, depth: Int) throws(Diagnostic) -> Composed {
        let start = range(event)
        guard depth <= limits.depth else { throw .yamlTooDeep(limits.depth, at: start) }
        switch event.kind {
        case .alias(let name):
            return try follow(name, at: start)
        case .scalar(let scalar, let anchor):
            if let tag = scalar.tag, !YAMLTag.known.contains(tag) { throw .yamlTag(tag, at: start) }
            return try finish(.scalar(scalar), weight: 1, from: event, to: event.end, anchor: anchor)
        case .sequenceStart(let anchor, let tag, let isFlow):
            if let tag, !YAMLTag.known.contains(tag) { throw .yamlTag(tag, at: start) }
            if let anchor { openAnchors.insert(anchor) }
            return try sequence(event, anchor: anchor, isFlow: isFlow, depth: depth)
        case .mappingStart(let anchor, let tag, let isFlow):
            if let tag, !YAMLTag.known.contains(tag) { throw .yamlTag(tag, at: start) }
            if let anchor { openAnchors.insert(anchor) }
            return try mapping(event, anchor: anchor, isFlow: isFlow, depth: depth)
        case .streamStart, .streamEnd, .documentStart, .documentEnd, .sequenceEnd, .mappingEnd:
            // libyaml never gives one of these where a node belongs; an empty node is the harmless reading.
            return try finish(.scalar(YAMLScalar("")), weight: 1, from: event, to: event.end, anchor: nil)
        }
    }

    private mutating func sequence(
        _ event: YAMLEvent,
        anchor: String?,
        isFlow: Bool,
        depth: Int
    ) throws(Diagnostic) -> Composed {
        var elements: [YAMLNode] = []
        var weight = 1
        var end = event.end
        while true {
            let step = try next()
            if case .sequenceEnd = step.kind {
                if isFlow { end = step.end }
                return try finish(.sequence(elements), weight: weight, from: event, to: end, anchor: anchor)
            }
            let element = try compose(step, depth: depth + 1)
            elements.append(element.node)
            weight += element.weight
            end = YAMLEvent.Place(element.node, or: step)
        }
    }

    private mutating func mapping(
        _ event: YAMLEvent,
        anchor: String?,
        isFlow: Bool,
        depth: Int
    ) throws(Diagnostic) -> Composed {
        var pairs: [YAMLNode.Pair] = []
        var merged: [YAMLNode.Pair] = []
        var weight = 1
        var end = event.end
        while true {
            let step = try next()
            if case .mappingEnd = step.kind {
                if isFlow { end = step.end }
                let own = Set(pairs.compactMap { $0.key.scalar?.text })
                var seen = own
                merged.removeAll { pair in pair.key.scalar.map { !seen.insert($0.text).inserted } ?? false }
                return try finish(.mapping(merged + pairs), weight: weight, from: event, to: end, anchor: anchor)
            }
            let key = try compose(step, depth: depth + 1)
            let valueStart = try next()
            let value = try compose(valueStart, depth: depth + 1)
            weight += key.weight + value.weight
            end = YAMLEvent.Place(value.node, or: valueStart)
            if isMergeKey(key.node) {
                merged += try mergedPairs(value.node, key: key.node)
            } else {
                pairs.append(YAMLNode.Pair(key: key.node, value: value.node))
            }
        }
    }

    private func isMergeKey(_ key: YAMLNode) -> Bool {
        guard let scalar = key.scalar else { return false }
        return scalar.text == "<<" && scalar.style == .plain && scalar.tag == nil
    }

    /// The pairs that a merge key brings in; of several mappings the first that has a key gives its value.
    private func mergedPairs(_ value: YAMLNode, key: YAMLNode) throws(Diagnostic) -> [YAMLNode.Pair] {
        switch value.content {
        case .mapping(let pairs): return pairs
        case .sequence(let elements):
            var all: [YAMLNode.Pair] = []
            for element in elements {
                guard let pairs = element.pairs else { throw .yamlMerge(at: element.range) }
                all += pairs
            }
            return all
        case .scalar: throw .yamlMerge(at: value.isNull ? key.range : value.range)
        }
    }

    private mutating func follow(_ name: String, at range: SourceRange) throws(Diagnostic) -> Composed {
        guard !openAnchors.contains(name) else { throw .yamlRecursiveAlias(name, at: range) }
        guard let target = anchors[name] else {
            throw .yamlUnknownAlias(name, known: anchors.keys.sorted(), at: range)
        }
        try count(target.weight, at: range)
        return target
    }

    private mutating func finish(
        _ content: YAMLNode.Content,
        weight: Int,
        from event: YAMLEvent,
        to end: YAMLEvent.Place,
        anchor: String?
    ) throws(Diagnostic) -> Composed {
        let range = SourceRange(file: file, start: SourceMark(event.start), end: SourceMark(end))
        // What aliases repeat was counted where they stand; here only the node itself is new.
        try count(1, at: range)
        var composed = Composed(node: YAMLNode(content, range: range), weight: weight)
        if let anchor {
            composed.node.isAnchored = true
            openAnchors.remove(anchor)
            anchors[anchor] = composed
        }
        return composed
    }

    private mutating func count(_ more: Int, at range: SourceRange) throws(Diagnostic) {
        nodeCount += more
        guard nodeCount <= limits.nodeCount else { throw .yamlTooLarge(limits.nodeCount, at: range) }
    }

    private func range(_ event: YAMLEvent) -> SourceRange {
        SourceRange(file: file, start: SourceMark(event.start), end: SourceMark(event.end))
    }
}

extension SourceMark {
    fileprivate init(_ place: YAMLEvent.Place) {
        self.init(line: place.line + 1, column: place.column + 1)
    }
}

extension YAMLEvent.Place {
    /// The end of a node; of an alias, whose node lies elsewhere, the end of the alias.
    fileprivate init(_ node: YAMLNode, or event: YAMLEvent) {
        if case .alias = event.kind {
            self = event.end
        } else {
            self.init(line: node.range.end.line - 1, column: node.range.end.column - 1)
        }
    }
}

extension Diagnostic {
    fileprivate static func yamlTooLong(_ count: Int, limit: Int, path: String) -> Diagnostic {
        Diagnostic(
            code: "yaml-too-long",
            "a recipe has at most \(limit) bytes, this file has \(count)",
            at: .file(path, tensor: nil),
            fix: FixIt("is this a recipe?")
        )
    }

    fileprivate static func outOfMemory(path: String) -> Diagnostic {
        Diagnostic(code: "yaml-out-of-memory", "there is no memory to read it", at: .file(path, tensor: nil))
    }

    fileprivate static func yamlTooDeep(_ limit: Int, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: "yaml-too-deep",
            "lists and mappings nest at most \(limit) deep in a recipe, here they nest deeper",
            at: range
        )
    }

    fileprivate static func yamlTooLarge(_ limit: Int, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: "yaml-too-large",
            "a recipe has at most \(limit) values once aliases are followed, this one passes that here",
            at: range
        )
    }

    fileprivate static func yamlTag(_ tag: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: "yaml-tag",
            "recipes hold plain YAML, '\(tag)' asks for something else",
            at: range,
            fix: FixIt("leave the tag out, or quote the value")
        )
    }

    fileprivate static func yamlMerge(at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: "yaml-merge-key",
            "'<<' merges a mapping or a list of mappings, this is neither",
            at: range,
            fix: FixIt("give it an alias of a mapping, such as '<<: *defaults'")
        )
    }

    fileprivate static func yamlRecursiveAlias(_ name: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(code: "yaml-recursive-alias", "'*\(name)' stands inside the value that it repeats", at: range)
    }

    fileprivate static func yamlUnknownAlias(_ name: String, known: [String], at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: "yaml-unknown-alias",
            "'*\(name)' repeats what '&\(name)' marks, and nothing above is marked so",
            at: range,
            fix: known.nearest(to: name).map { FixIt("did you mean '*\($0)'?", replacing: "*\($0)") }
                ?? FixIt("quote it if it is meant as text: \"*\(name)\"", replacing: "\"*\(name)\"")
        )
    }
}
