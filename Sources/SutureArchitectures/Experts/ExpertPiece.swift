import SutureTensors

/// One kind of tensor that experts are stored in: those of one matrix of each expert, or one tensor of all experts.
package struct ExpertPiece: Hashable, Sendable {
    /// The tensor's name inside its layer, `#` for the number of an expert.
    package let pattern: String

    /// The matrices in it, in their order.
    package let matrices: [ExpertMatrix]

    /// Whether it holds their biases.
    package let isBias: Bool

    /// Whether each expert has a tensor of its own.
    package var isApart: Bool { pattern.contains("#") }

    /// Whether rows are inputs and columns outputs, the other way round than a linear module has them.
    package var isTransposed = false

    /// Whether outputs of its two matrices take turns, instead of all of one before those of the other.
    package var isInterleaved = false

    /// Whether the experts lie one below the other in a single matrix.
    package var isFlat = false

    /// The name of the tensor in its layer.
    package func suffix(ofExpert expert: Int) -> String {
        guard let mark = pattern.firstIndex(of: "#") else { return pattern }
        return pattern[..<mark] + String(expert) + pattern[pattern.index(after: mark)...]
    }

    /// A tensor of experts, taken apart by its name.
    struct Name {
        let pattern: String
        let matrices: [ExpertMatrix]
        let isBias: Bool
        let expert: Int?
    }

    /// Parts a name inside a layer.
    ///
    /// - Returns: `nil` for a tensor that is none of an expert's; ``Reading/unknown`` for one that is and is called otherwise.
    static func read(_ suffix: String, _ shape: Shape) -> Reading? {
        var words = suffix.split(separator: ".")
        guard !words.contains(where: { $0.contains("shared") || $0 == "share_expert" }) else { return nil }
        let block = words.lastIndex { $0 == "experts" || $0 == "switch_mlp" }
        guard block != nil || shape.rank == 3 else { return nil }
        var isBias = words.last == "bias"
        if words.count > 1, words.last == "weight" || words.last == "bias" { words.removeLast() }
        guard var word = words.last else { return nil }
        if word.hasSuffix("_bias"), block != nil {
            word = word.dropLast("_bias".count)
            isBias = true
        }
        let number = block.flatMap { $0 + 1 < words.count ? LayeredName.number(words[$0 + 1].utf8) : nil }
        guard let matrices = ExpertMatrix.held(by: word, isOfAll: shape.rank == 3) else {
            // The numbers beside the experts, such as the router's correction, are not theirs.
            return block == nil || shape.rank < 2 && number == nil ? nil : .unknown
        }
        guard let block, number != nil else {
            return .name(Name(pattern: suffix, matrices: matrices, isBias: isBias, expert: nil))
        }
        let all = suffix.split(separator: ".", omittingEmptySubsequences: false)
        let pattern = all.indices.map { $0 == block + 1 ? "#" : String(all[$0]) }.joined(separator: ".")
        return .name(Name(pattern: pattern, matrices: matrices, isBias: isBias, expert: number))
    }

    /// What a name says.
    enum Reading {
        case name(Name)
        /// It is of an expert, and nothing is known of it.
        case unknown
    }
}
