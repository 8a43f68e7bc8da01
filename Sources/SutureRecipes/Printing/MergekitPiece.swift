import SutureDiagnostics

/// A run of layers of one model, as a slice of mergekit's `passthrough` has it.
struct MergekitPiece {
    /// The input or stage.
    var target: String
    /// The first layer.
    var start: Int
    /// The layer after the last.
    var end: Int
    /// Factors by filter.
    var scale: PrintedYAML?

    var printedRange: PrintedYAML { .compact(.list([.literal("\(start)"), .literal("\(end)")])) }

    /// The same layers one by one.
    var layers: [MergekitPiece] {
        (start..<end).map { MergekitPiece(target: target, start: $0, end: $0 + 1, scale: scale) }
    }

    /// The same layers in as few runs as they fit in; scaled ones stay by themselves.
    static func joined(_ pieces: [MergekitPiece]) -> [MergekitPiece] {
        pieces.reduce(into: []) { joined, piece in
            if let last = joined.last, last.target == piece.target, last.end == piece.start, last.scale == nil,
                piece.scale == nil
            {
                joined[joined.count - 1].end = piece.end
            } else {
                joined.append(piece)
            }
        }
    }
}

extension SliceExpression.Piece {
    /// The layers of a strip of a length that the part means, where it is written in numbers.
    ///
    /// - Parameter count: The length; `nil` where it is not known.
    /// - Returns: The layers in order, or `nil` where expressions or an unknown length leave it open.
    func indices(of count: Int?) -> [Int]? {
        func number(_ expression: Marked<Expression>?) -> Int? {
            guard case .integer(let value)? = expression?.value, value.magnitude <= 100_000 else { return nil }
            guard value < 0 else { return value }
            return count.map { $0 + value }
        }
        switch self {
        case .layer(let index): return number(index).map { [$0] }
        case .run(let start, let end, let step, _):
            var stride = 1
            if let step {
                guard case .integer(let value) = step.value, value != 0, value.magnitude <= 100_000 else { return nil }
                stride = value
            }
            let first = start == nil ? (stride > 0 ? 0 : count.map { $0 - 1 }) : number(start)
            let last = end == nil ? (stride > 0 ? count : -1) : number(end)
            guard let first, let last else { return nil }
            return Array(Swift.stride(from: first, to: last, by: stride))
        }
    }
}
