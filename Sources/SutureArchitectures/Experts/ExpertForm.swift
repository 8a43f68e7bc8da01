package import SutureTensors

/// How a checkpoint stores the experts of a layer: each by itself, or all in one tensor.
///
/// The facts are those of transformers 5.24, whose files have either form for most families.
package struct ExpertForm: Hashable, Sendable {
    /// The kinds of tensors, in the order in which the layer stores them.
    package let pieces: [ExpertPiece]

    /// The number of experts.
    package let count: Int

    /// Why the experts of a layer cannot be told apart.
    package struct Fault: Error, Hashable, Sendable {
        /// The tensor that is not understood.
        package let suffix: String
        /// What is wrong with it.
        package let reason: String
    }

    /// Whether two layers are stored alike, however many experts they have.
    package func isLike(_ other: ExpertForm) -> Bool { Set(pieces) == Set(other.pieces) }

    /// Reads the form of a layer.
    ///
    /// - Parameters:
    ///   - tensors: The layer's tensors, by suffix.
    ///   - families: The names of its family.
    ///   - experts: The number of experts that the config says.
    /// - Returns: The form, or `nil` for a layer without experts.
    /// - Throws: ``Fault`` where tensors of experts are not understood.
    package static func read(
        _ tensors: [(suffix: String, shape: Shape)],
        families: [String],
        experts: Int?
    ) throws(Fault) -> ExpertForm? {
        var names: [(name: ExpertPiece.Name, shape: Shape)] = []
        for (suffix, shape) in tensors {
            switch ExpertPiece.read(suffix, shape) {
            case nil: continue
            case .unknown: throw Fault(suffix: suffix, reason: "is of an expert, and none of the names that are known")
            case .name(let name): names.append((name, shape))
            }
        }
        guard let first = names.first else { return nil }
        var reader = ExpertFormReader(names: names, families: families, experts: experts)
        guard let form = try reader.read() else {
            throw Fault(suffix: first.name.pattern, reason: "is of no shape that experts are stored in")
        }
        return form
    }
}

/// Finds out what the tensors of a layer's experts hold, from their names and from how their shapes fit together.
private struct ExpertFormReader {
    let names: [(name: ExpertPiece.Name, shape: Shape)]
    let families: [String]
    let experts: Int?

    mutating func read() throws(ExpertForm.Fault) -> ExpertForm? {
        var shapes: [String: Shape] = [:]
        var order: [ExpertPiece.Name] = []
        var numbers: [String: Set<Int>] = [:]
        for (name, shape) in names {
            if shapes[name.pattern] == nil { order.append(name) }
            guard shapes[name.pattern] ?? shape == shape else { return nil }
            shapes[name.pattern] = shape
            if let expert = name.expert { numbers[name.pattern, default: []].insert(expert) }
        }
        let apart = numbers.values.first
        // Every expert has all that one has, and they are numbered without a gap.
        guard apart == nil || numbers.count == order.count && numbers.values.allSatisfy({ $0 == apart }) else {
            return nil
        }
        if let apart, apart != Set(0..<apart.count) { return nil }
        let count = apart?.count ?? self.count(order, shapes)
        guard let count, count > 0 else { return nil }
        var pieces: [ExpertPiece] = []
        for name in order {
            guard let shape = shapes[name.pattern] else { return nil }
            var piece = ExpertPiece(pattern: name.pattern, matrices: name.matrices, isBias: name.isBias)
            if apart == nil {
                piece.isFlat = shape.rank == (name.isBias ? 1 : 2)
                if !name.isBias { piece.isTransposed = isTransposed(name, shape, among: order, shapes, count) }
            }
            if name.matrices.count > 1 {
                guard let isInterleaved = ExpertTable.isInterleaved(name.pattern, families) else {
                    throw ExpertForm.Fault(
                        suffix: name.pattern,
                        reason: "holds gates and ups, and how is not known of '\(families.first ?? "its family")'"
                    )
                }
                piece.isInterleaved = isInterleaved
            }
            pieces.append(piece)
        }
        guard Set(pieces.map { "\($0.matrices) \($0.isBias)" }).count == pieces.count else { return nil }
        return ExpertForm(pieces: pieces, count: count)
    }

    /// The number of experts in tensors of all of them.
    private func count(_ order: [ExpertPiece.Name], _ shapes: [String: Shape]) -> Int? {
        let counts = order.compactMap { name -> Int? in
            guard let shape = shapes[name.pattern] else { return nil }
            return shape.rank == (name.isBias ? 2 : 3) ? shape.dimensions[0] : experts
        }
        return Set(counts).count == 1 && counts.count == order.count ? counts[0] : nil
    }

    /// Whether a tensor of all experts has inputs as rows: gates and ups side by side beside the way out tell.
    private func isTransposed(
        _ name: ExpertPiece.Name,
        _ shape: Shape,
        among order: [ExpertPiece.Name],
        _ shapes: [String: Shape],
        _ count: Int
    ) -> Bool {
        guard shape.rank == 3 else {
            // DBRX keeps the way out as it keeps the ways in.
            return name.matrices == [.down]
        }
        let others = order.filter { !$0.isBias }
        guard let both = others.first(where: { $0.matrices.count == 2 }).flatMap({ shapes[$0.pattern] }),
            let down = others.first(where: { $0.matrices == [.down] }).flatMap({ shapes[$0.pattern] }),
            both.rank == 3, down.rank == 3
        else { return false }
        let (a, b) = (both.dimensions[1], both.dimensions[2])
        let (c, d) = (down.dimensions[1], down.dimensions[2])
        // [H, 2I] beside [I, H]; the usual is [2I, H] beside [H, I], and no shapes are both.
        return a == d && b == 2 * c
    }
}
