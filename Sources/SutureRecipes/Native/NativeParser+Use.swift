import SutureDiagnostics

// `imports` and `use`: the imported recipe is read once for every use, with the values that the use
// overrides put in place before it is read.

extension NativeParser {
    mutating func importSection(_ node: YAMLNode) {
        for (alias, value) in named(node, "imports") {
            guard let path = text(value, "import '\(alias.value)'") else { continue }
            importPaths[alias.value] = path
            importAliases.append(alias)
        }
    }

    mutating func use(_ node: YAMLNode) -> Use? {
        guard let fields = fields(of: node, as: .use), let recipeNode = fields["recipe"],
            let alias = text(recipeNode, "'recipe'")
        else { return nil }
        usedAliases.insert(alias.value)
        let bindings = fields["inputs"].map { named($0, "inputs") } ?? []
        let inputs = bindings.compactMap { name, value in
            slice(value, "input '\(name.value)'").map { Use.Binding(name: name, value: $0) }
        }
        let parameters = (fields["params"].map { named($0, "params") } ?? []).compactMap { name, value in
            self.value(value, "param '\(name.value)'").map { Argument(name: name, value: $0) }
        }
        let wanted = fields["node"].flatMap { text($0, "'node'") }
        guard let path = importPaths[alias.value] else {
            findings.append(.unknownImport(alias, known: importAliases.map(\.value)))
            return nil
        }
        do throws(Diagnostic) {
            var recipe = try imports.recipe(path, from: file)
            if let overrides = fields["override"] { recipe = overriding(overrides, in: recipe, alias: alias) }
            guard let inner = try read(recipe, alias: alias) else { return nil }
            let use = Use(recipe: alias, inputs: inputs, parameters: parameters, node: wanted, graph: inner)
            return check(use) ? use : nil
        } catch {
            findings.append(error)
            return nil
        }
    }

    /// Reads an imported recipe, in which `caller.` means this one.
    private mutating func read(_ recipe: ImportTable.Recipe, alias: Marked<String>) throws(Diagnostic) -> SliceGraph? {
        let outer = imports.siblings
        try imports.enter(recipe, at: alias.range)
        defer { imports.leave(siblings: outer) }
        let reading: (graph: SliceGraph, findings: RecipeFindings)
        switch recipe.dialect {
        case .native:
            var parser = NativeParser(
                document: recipe.document,
                file: recipe.file,
                vocabulary: vocabulary,
                imports: imports,
                caller: names
            )
            parser.parse(recipe.document)
            parser.checkGraph(isImported: true)
            imports = parser.imports
            for name in parser.callerReferences { references[currentNode, default: []].append(name) }
            reading = (parser.graph, parser.findings)
        case .mergekit:
            reading = RecipeReader.mergekit([recipe.document], file: recipe.file, vocabulary: vocabulary)
        }
        findings.append(contentsOf: reading.findings.all.all)
        return reading.findings.hasErrors ? nil : reading.graph
    }

    /// Puts the values of a use in place of the imported recipe's.
    private mutating func overriding(
        _ node: YAMLNode,
        in recipe: ImportTable.Recipe,
        alias: Marked<String>
    ) -> ImportTable.Recipe {
        var document = recipe.document
        guard let pairs = node.pairs else {
            findings.append(.wrongType("'override'", needs: "a mapping from path to value", found: node))
            return recipe
        }
        for pair in pairs {
            guard let path = pair.key.scalar?.text else {
                findings.append(.wrongType("a path", needs: "words such as graph.upper.slice", found: pair.key))
                continue
            }
            do throws(OverrideFault) {
                document = try document.replacing(Substring(path), with: pair.value.givenByCaller)
            } catch {
                findings.append(.badOverride(path, error, alias: alias.value, at: pair.key.range))
            }
        }
        return ImportTable.Recipe(
            file: recipe.file,
            document: document,
            dialect: recipe.dialect,
            siblings: recipe.siblings,
            identity: recipe.identity
        )
    }

    /// Reports inputs, params and nodes that the imported recipe does not have.
    private mutating func check(_ use: Use) -> Bool {
        let before = findings.diagnostics.all.count
        let inputs = use.graph.inputs.map(\.name.value)
        for binding in use.inputs where !inputs.contains(binding.name.value) {
            findings.append(.unknownInput(binding.name, ofRecipe: use.recipe.value, known: inputs))
        }
        let parameters = use.graph.parameters.map(\.name.value)
        for argument in use.parameters where !parameters.contains(argument.name.value) {
            findings.append(.unknownParam(argument.name, of: use.recipe.value, known: parameters))
        }
        let nodes = use.graph.nodes.map(\.name.value)
        if let node = use.node, !nodes.contains(node.value) {
            findings.append(.unknownNode(node.value, ofRecipe: use.recipe.value, known: nodes, at: node.range))
        }
        let given = Set(use.inputs.map(\.name.value))
        for input in use.graph.inputs
        where input.reference == nil && !input.isOptional && !given.contains(input.name.value) {
            findings.append(.unboundInput(input.name.value, ofRecipe: use.recipe.value, at: use.recipe.range))
        }
        let values = Set(use.parameters.map(\.name.value))
        for parameter in use.graph.parameters where parameter.fallback == nil && !values.contains(parameter.name.value)
        {
            findings.append(.unboundParam(parameter.name.value, of: use.recipe))
        }
        return findings.diagnostics.all.count == before
    }
}

/// Why a value of an imported recipe cannot be overridden.
struct OverrideFault: Error {
    /// The part of the path at which there is nothing.
    let part: String
    /// What there is in its place.
    let known: [String]
}

extension YAMLNode {
    /// The same node, marked as the caller's through and through.
    fileprivate var givenByCaller: YAMLNode {
        var node = self
        node.belongsToCaller = true
        switch node.content {
        case .scalar: break
        case .sequence(let elements): node.content = .sequence(elements.map(\.givenByCaller))
        case .mapping(let pairs):
            node.content = .mapping(pairs.map { Pair(key: $0.key.givenByCaller, value: $0.value.givenByCaller) })
        }
        return node
    }

    /// The tree with the value at a path replaced: keys joined by `.`, elements of lists as `[0]`.
    ///
    /// - Throws: ``OverrideFault`` when there is no such place.
    func replacing(_ path: Substring, with value: YAMLNode) throws(OverrideFault) -> YAMLNode {
        if path.isEmpty { return value }
        var node = self
        switch content {
        case .mapping(var pairs):
            let rest = path.first == "." ? path.dropFirst() : path
            // A key may have points of its own, as roles do, so the longest that fits is meant.
            let fitting = pairs.indices.filter { index in
                guard let key = pairs[index].key.scalar?.text, rest.hasPrefix(key) else { return false }
                let next = rest.dropFirst(key.count).first
                return next == nil || next == "." || next == "["
            }
            guard
                let index = fitting.max(by: {
                    (pairs[$0].key.scalar?.text.count ?? 0) < (pairs[$1].key.scalar?.text.count ?? 0)
                })
            else { throw missing(rest) }
            let length = pairs[index].key.scalar?.text.count ?? 0
            pairs[index].value = try pairs[index].value.replacing(rest.dropFirst(length), with: value)
            node.content = .mapping(pairs)
        case .sequence(var elements):
            guard path.first == "[", let close = path.firstIndex(of: "]"),
                let index = Int(path[path.index(after: path.startIndex)..<close]), elements.indices.contains(index)
            else { throw OverrideFault(part: String(path), known: elements.indices.prefix(8).map { "[\($0)]" }) }
            elements[index] = try elements[index].replacing(path[path.index(after: close)...], with: value)
            node.content = .sequence(elements)
        case .scalar: throw missing(path)
        }
        return node
    }

    private func missing(_ path: Substring) -> OverrideFault {
        let part = path.drop { $0 == "." }.prefix { $0 != "." && $0 != "[" }
        return OverrideFault(part: String(part), known: (pairs ?? []).compactMap { $0.key.scalar?.text })
    }
}

extension Diagnostic {
    fileprivate static func unknownImport(_ alias: Marked<String>, known: [String]) -> Diagnostic {
        Diagnostic(
            code: "unknown-import",
            "no recipe is imported as '\(alias.value)'",
            at: alias.range,
            fix: .didYouMean(alias.value, among: known)
                ?? FixIt(
                    known.isEmpty
                        ? "add 'imports: {\(alias.value): ./recipe.yml}'"
                        : "there are: " + known.joined(separator: ", ")
                )
        )
    }

    fileprivate static func badOverride(
        _ path: String,
        _ fault: OverrideFault,
        alias: String,
        at range: SourceRange
    ) -> Diagnostic {
        let (part, known) = (fault.part, fault.known)
        return Diagnostic(
            code: "unknown-override",
            "'override' replaces what is there, and recipe '\(alias)' has no '\(part)' at '\(path)'",
            at: range,
            fix: .didYouMean(part, among: known)
                ?? FixIt(
                    known.isEmpty ? "end the path before it" : "there are: " + known.prefix(12).joined(separator: ", ")
                )
        )
    }

    fileprivate static func unknownParam(_ name: Marked<String>, of recipe: String, known: [String]) -> Diagnostic {
        Diagnostic(
            code: "unknown-param",
            "recipe '\(recipe)' has no param '\(name.value)'",
            at: name.range,
            fix: .didYouMean(name.value, among: known)
                ?? FixIt(known.isEmpty ? "it has none" : "there are: " + known.prefix(12).joined(separator: ", "))
        )
    }

    fileprivate static func unboundParam(_ name: String, of recipe: Marked<String>) -> Diagnostic {
        Diagnostic(
            code: "unbound-param",
            "recipe '\(recipe.value)' needs param '\(name)', and 'use' does not give it",
            at: recipe.range,
            fix: FixIt("add 'params: {\(name): …}' to the use")
        )
    }
}
