import SutureDiagnostics

/// An operator of the recipe language: what may stand behind its key, how that is read and written, and what mergekit
/// calls it.
///
/// An operator is a type that conforms, with the keys of its mapping beside it, a case of ``Operation`` and a place in
/// ``Operation/operators``. The planner asks for its lowering; it does not compile before it has one.
protocol GraphOperator: Hashable, Sendable {
    /// The key by which a node names it, and what may stand behind that.
    static var declaration: KeyDeclaration { get }

    /// Reads what stands behind the key; `nil` where that cannot be done, which is reported.
    static func read(_ node: YAMLNode, by parser: inout NativeParser) -> Operation?

    /// What a recipe writes behind the key.
    var printed: PrintedYAML { get }

    /// The strip whose config stands for the result's, where one does.
    var leader: SliceExpression? { get }

    /// Whether it does arithmetic between strips, which mergekit does a document at a time.
    static var isMerge: Bool { get }

    /// The document of mergekit's that does it; a passthrough of ``mergekitPieces(in:node:)`` unless it says otherwise.
    func mergekitBody(in printer: inout MergekitPrinter, node: String) -> [(String, PrintedYAML)]

    /// The runs of layers that it lays down; `nil` where that cannot be said, which has been noted.
    func mergekitPieces(in printer: inout MergekitPrinter, node: String) -> [MergekitPiece]?
}

extension GraphOperator {
    static var isMerge: Bool { false }

    func mergekitBody(in printer: inout MergekitPrinter, node: String) -> [(String, PrintedYAML)] {
        printer.passthrough(mergekitPieces(in: &printer, node: node) ?? [])
    }

    func mergekitPieces(in printer: inout MergekitPrinter, node: String) -> [MergekitPiece]? { nil }
}

extension Operation {
    /// The operators, in the order in which they are explained.
    static let operators: [any GraphOperator.Type] = [
        SliceExpression.self, LayerStack.self, Splice.self, Blend.self, Expansion.self, Edit.self, Use.self,
    ]

    /// The operator and what it works on.
    var content: any GraphOperator {
        switch self {
        case .slice(let slice): slice
        case .stack(let stack): stack
        case .splice(let splice): splice
        case .blend(let blend): blend
        case .expand(let expansion): expansion
        case .edit(let edit): edit
        case .use(let use): use
        }
    }

    /// The operator and what it works on, as a recipe writes them.
    var printed: PrintedYAML { .mapping([(type(of: content).declaration.name, content.printed)]) }

    /// Whether it does arithmetic between strips, which mergekit does a document at a time.
    var isMerge: Bool { type(of: content).isMerge }
}
