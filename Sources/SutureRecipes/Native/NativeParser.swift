import SutureDiagnostics

/// Reads a document of the native dialect into a ``SliceGraph`` and collects all that is wrong with it.
struct NativeParser {
    let file: SourceFile
    let vocabulary: RecipeVocabulary
    /// What has been found so far.
    var findings = RecipeFindings()
    /// The recipe as far as it is read.
    var graph: SliceGraph
    /// The names the recipe gives.
    let names: NameTable
    /// The names of the recipe that uses this one, for `caller.` in what it overrides.
    let caller: NameTable?
    /// The recipes that may be called.
    var imports: ImportTable
    /// The path of every import, by its alias.
    var importPaths: [String: Marked<String>] = [:]
    /// The aliases under `imports`, and those of them that a `use` names.
    var importAliases: [Marked<String>] = []
    var usedAliases: Set<String> = []
    /// Loop variables at hand.
    var locals: [String] = []
    /// The node being read; empty outside the graph.
    var currentNode = ""
    /// The inputs and nodes that each node takes from, and under `` those that the rest of the recipe names.
    var references: [String: [Marked<String>]] = [:]
    /// The caller's inputs and nodes that overridden values name.
    var callerReferences: [Marked<String>] = []

    init(
        document: YAMLNode,
        file: SourceFile,
        vocabulary: RecipeVocabulary,
        imports: ImportTable,
        caller: NameTable? = nil
    ) {
        self.file = file
        self.vocabulary = vocabulary
        self.imports = imports
        self.caller = caller
        names = NameTable(of: document)
        graph = SliceGraph(dialect: .native, file: file)
    }

    /// Reads the whole document.
    mutating func parse(_ document: YAMLNode) {
        guard let fields = fields(of: document, as: .recipe) else { return }
        version(fields["slicegraph"])
        graph.title.name = fields["name"].flatMap { text($0, "'name'") }
        graph.title.version = fields["version"].flatMap { text($0, "'version'") }
        graph.title.description = fields["description"].flatMap { text($0, "'description'") }
        if let node = fields["imports"] { importSection(node) }
        if let node = fields["inputs"] { inputSection(node) }
        if let node = fields["params"] { parameterSection(node) }
        if let node = fields["let"] { definitionSection(node) }
        checkNameClashes()
        if let node = fields["graph"] { graphSection(node) }
        if let node = fields["output"] { outputSection(node) }
        if let node = fields["expect"] { expectSection(node) }
        if !graph.nodes.isEmpty { checkOutputNode(at: fields.keyRange("graph")) }
    }

    private mutating func version(_ node: YAMLNode?) {
        guard let node else { return }
        guard case .integer(1)? = node.scalar?.meaning else {
            findings.append(.unknownVersion(node))
            return
        }
    }

    /// An input and a node of one name, or a param and a `let`.
    private mutating func checkNameClashes() {
        let inputs = Dictionary(graph.inputs.map { ($0.name.value, $0.name) }) { first, _ in first }
        let params = Dictionary(graph.parameters.map { ($0.name.value, $0.name) }) { first, _ in first }
        for definition in graph.definitions {
            guard let first = params[definition.name.value] else { continue }
            findings.append(.nameClash(definition.name, "a 'let'", "a param", first: first.range))
        }
        inputNames = inputs
    }

    /// The inputs by name, for clashes with nodes.
    private(set) var inputNames: [String: Marked<String>] = [:]

    /// The node that is written must be there.
    private mutating func checkOutputNode(at range: SourceRange?) {
        let name = graph.output.node?.value ?? "out"
        guard names.nodes.contains(name) else {
            findings.append(.missingOutputNode(name, nodes: names.nodes, at: graph.output.node?.range ?? range))
            return
        }
    }

    // MARK: - Names

    /// Notes that an input or node is used, and reports one that does not exist.
    ///
    /// - Returns: Whether it exists.
    @discardableResult
    mutating func refer(to name: Marked<String>, in node: YAMLNode) -> Bool {
        if name.value.hasPrefix("caller.") { return referToCaller(name, in: node) }
        guard names.isStrip(name.value) || !names.isWhole else {
            findings.append(.unknownStrip(name, known: names.stripNames))
            return false
        }
        references[currentNode, default: []].append(name)
        return true
    }

    private mutating func referToCaller(_ name: Marked<String>, in node: YAMLNode) -> Bool {
        guard node.belongsToCaller, let caller else {
            findings.append(.callerOutsideOverride(name))
            return false
        }
        let bare = Marked(String(name.value.dropFirst("caller.".count)), at: name.range)
        guard caller.isStrip(bare.value) else {
            findings.append(.unknownStrip(bare, known: caller.stripNames, owner: "the caller has no"))
            return false
        }
        callerReferences.append(bare)
        return true
    }

    /// Reports the names in an expression that stand for nothing.
    mutating func check(_ uses: [NameUse], in node: YAMLNode) {
        guard let scalar = node.scalar, !findings.isSettled else { return }
        let place = ScalarPlace(scalar, at: node.range)
        for use in uses {
            let range = place.range(of: use.offsets)
            let isCallers = use.name.hasPrefix("caller.")
            if isCallers, !(node.belongsToCaller && caller != nil) {
                findings.append(.callerOutsideOverride(Marked(use.name, at: range)))
                continue
            }
            let bare = isCallers ? String(use.name.dropFirst("caller.".count)) : use.name
            let table = isCallers ? (caller ?? names) : names
            if !table.isWhole { continue }
            if let fault = table.fault(with: bare, locals: isCallers ? [] : locals) {
                findings.append(.unknownName(use.name, fault.fact, known: fault.known, at: range, whereNone: nil))
            } else if let dot = bare.lastIndex(of: ".") {
                let strip = Marked(String(bare[..<dot]), at: range)
                if isCallers {
                    callerReferences.append(strip)
                } else {
                    factReferences.append(strip)
                }
            }
        }
    }

    /// The inputs and nodes whose facts expressions ask for.
    var factReferences: [Marked<String>] = []
}

extension Diagnostic {
    fileprivate static func unknownVersion(_ node: YAMLNode) -> Diagnostic {
        Diagnostic(
            code: "unknown-version",
            "this program reads version 1 of the recipe language, 'slicegraph' says \(node.kindInWords)",
            at: node.range,
            fix: FixIt("write 'slicegraph: 1'", replacing: "1")
        )
    }

    /// Two things of one name.
    static func nameClash(_ name: Marked<String>, _ what: String, _ other: String, first: SourceRange?) -> Diagnostic {
        duplicateName(
            name,
            "\(what) and \(other) are both called '\(name.value)'",
            notes: [Note("the other is here", at: first.map(Place.source))]
        )
    }

    fileprivate static func missingOutputNode(_ name: String, nodes: [String], at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            code: "missing-output-node",
            "node '\(name)' is what is written, and 'graph' has no such node",
            at: range,
            fix: .didYouMean(name, among: nodes)
                ?? FixIt(
                    nodes.count == 1 ? "call '\(nodes[0])' 'out'" : "call one 'out', or name it in 'output: {node: …}'"
                )
        )
    }

    fileprivate static func callerOutsideOverride(_ name: Marked<String>) -> Diagnostic {
        Diagnostic(
            code: "caller-outside-override",
            "'\(name.value)' speaks of a caller, which only values under 'override' have",
            at: name.range,
            fix: FixIt("give the recipe an input for it")
        )
    }
}
