/// The names that a recipe gives, collected before anything is read that may use them.
struct NameTable {
    var inputs: [String] = []
    var nodes: [String] = []
    var parameters: [String] = []
    var definitions: [String] = []
    var imports: [String] = []

    private var strips: Set<String> = []
    private var values: Set<String> = []

    /// The facts of an input or node that expressions may ask for.
    static let facts = ["layers", "hidden", "mlp", "heads", "kv_heads", "head_dim", "experts", "vocab"]

    init() {}

    /// Whether every name could be read; where not, an unknown one may be no fault.
    private(set) var isWhole = true

    init(of document: YAMLNode) {
        func keys(_ section: String) -> [String] {
            (document[section]?.pairs ?? []).compactMap { $0.key.scalar?.text }
        }
        inputs = keys("inputs")
        nodes = keys("graph")
        parameters = keys("params")
        definitions = keys("let")
        imports = keys("imports")
        isWhole = ["inputs", "graph", "params", "let"].allSatisfy { section in
            document[section].map { $0.isNull || $0.pairs != nil } ?? true
        }
        strips = Set(inputs).union(nodes)
        values = Set(parameters).union(definitions)
    }

    /// The names that a mergekit recipe gives its models.
    init(inputs: [String], nodes: [String]) {
        self.inputs = inputs
        self.nodes = nodes
        strips = Set(inputs).union(nodes)
    }

    /// Whether an input or node is called so.
    func isStrip(_ name: String) -> Bool { strips.contains(name) }

    /// The inputs and nodes, for suggestions.
    ///
    /// Of very many only some, since each is held against the word that was written.
    var stripNames: [String] { Array(inputs.prefix(300) + nodes.prefix(300)) }

    /// Why an expression may not use a name; `nil` when it may.
    func fault(with name: String, locals: [String]) -> Fault? {
        if values.contains(name) || locals.contains(name) { return nil }
        guard let dot = name.lastIndex(of: ".") else {
            if isStrip(name) {
                return Fault(fact: "'\(name)' is a strip of layers, not a number", known: ["\(name).layers"])
            }
            return Fault(
                fact: "no param, 'let' or loop variable is called '\(name)'",
                known: locals + parameters.prefix(300) + definitions.prefix(300)
            )
        }
        let parts = [String(name[..<dot]), String(name[name.index(after: dot)...])]
        guard isStrip(parts[0]) else {
            return Fault(
                fact: "no input is called '\(parts[0])'",
                known: stripNames.map { "\($0).\(parts[1])" }
            )
        }
        guard Self.facts.contains(parts[1]) else {
            return Fault(
                fact: "an input has no fact '\(parts[1])'",
                known: Self.facts.map { "\(parts[0]).\($0)" }
            )
        }
        return nil
    }

    /// Why an expression may not use a name.
    struct Fault {
        let fact: String
        /// The names that may have been meant.
        let known: [String]
    }
}
