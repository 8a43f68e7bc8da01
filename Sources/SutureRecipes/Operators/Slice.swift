import SutureDiagnostics

extension SliceExpression: GraphOperator {
    static var declaration: KeyDeclaration {
        KeyDeclaration("slice", .slice, "some layers of an input or node: base[0:24]")
    }

    static func read(_ node: YAMLNode, by parser: inout NativeParser) -> Operation? {
        parser.slice(node, "'slice'").map(Operation.slice)
    }

    var printed: PrintedYAML { .text(text) }

    var leader: SliceExpression? { self }

    func mergekitPieces(in printer: inout MergekitPrinter, node: String) -> [MergekitPiece]? {
        printer.pieces(of: self)
    }
}

extension SliceExpression {
    /// The slice as a recipe writes it.
    package var text: String {
        guard let pieces else { return target.value }
        return target.value + "[" + pieces.map(\.text).joined(separator: ", ") + "]"
    }

}

extension SliceExpression.Piece {
    /// The part as it stands between the brackets.
    package var text: String {
        switch self {
        case .layer(let index): index.value.text
        case .run(let start, let end, let step, _):
            (start?.value.text ?? "") + ":" + (end?.value.text ?? "") + (step.map { ":" + $0.value.text } ?? "")
        }
    }
}
