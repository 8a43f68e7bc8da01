import SutureDiagnostics

/// `edit`: one strip with tensors scaled or filled.
package struct Edit: Hashable, Sendable {
    /// The strip.
    package var from: SliceExpression
    /// Factors by selector.
    package var scale: Value?
    /// Constants by selector.
    package var set: Value?

    /// Creates an edit.
    package init(from: SliceExpression, scale: Value? = nil, set: Value? = nil) {
        self.from = from
        self.scale = scale
        self.set = set
    }
}

extension Edit: GraphOperator {
    static var declaration: KeyDeclaration {
        KeyDeclaration("edit", .mapping(.edit), "one strip with tensors scaled or filled")
    }

    static func read(_ node: YAMLNode, by parser: inout NativeParser) -> Operation? {
        parser.edit(node).map(Operation.edit)
    }

    var leader: SliceExpression? { from }

    func mergekitPieces(in printer: inout MergekitPrinter, node: String) -> [MergekitPiece]? {
        printer.pieces(of: from).map { printer.changed($0, scale: scale, set: set) }
    }
}

extension RecipeMapping {
    static let edit = RecipeMapping("edit", "'edit'") {
        [
            KeyDeclaration("from", .slice, isRequired: true, "the strip"),
            KeyDeclaration("scale", .roleValues, "factors by role"),
            KeyDeclaration("set", .roleValues, "constants by role"),
        ]
    }
}

extension NativeParser {
    fileprivate mutating func edit(_ node: YAMLNode) -> Edit? {
        guard let fields = fields(of: node, as: .edit) else { return nil }
        let from = fields["from"].flatMap { slice($0, "'from'") }
        let scale = fields["scale"].flatMap { roleValues($0, "'scale'") }
        let set = fields["set"].flatMap { roleValues($0, "'set'") }
        if fields["scale"] == nil, fields["set"] == nil { findings.append(.emptyEdit(at: node.range)) }
        return from.map { Edit(from: $0, scale: scale, set: set) }
    }
}

extension Edit {
    var printed: PrintedYAML {
        var pairs = [("from", from.printed)]
        if let scale { pairs.append(("scale", scale.printedByRole)) }
        if let set { pairs.append(("set", set.printedByRole)) }
        return .mapping(pairs)
    }
}

extension Diagnostic {
    fileprivate static func emptyEdit(at range: SourceRange) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "empty-edit",
            "'edit' has neither 'scale' nor 'set', so it changes nothing",
            at: range,
            fix: FixIt("add 'scale: {attn.o: 0.5}', or use 'slice'")
        )
    }
}
