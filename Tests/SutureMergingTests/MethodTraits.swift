import SutureMerging

/// What the property tests must know of a method beyond its descriptor.
///
/// A property that a method cannot have is named here with the reason, and a test holds that it truly lacks it.
struct MethodTraits {
    /// What every method should do.
    enum Property: Hashable, CaseIterable {
        /// Inputs that are all the same give that.
        case givesBackEqualInputs
        /// All the weight on the first input gives the first.
        case givesTheFirst
        /// The order of inputs that count equally changes nothing.
        case ignoresOrder
    }

    /// Values under which the first two properties hold.
    var neutral: [String: Double] = [:]

    /// Values that put all the weight on the first of two inputs, where it is not weights that do.
    var first: [String: Double]?

    /// Whether equal inputs must also be the base, since the method starts there or goes beyond them.
    var startsAtBase = false

    /// The properties it cannot have, and why.
    var lacks: [Property: String] = [:]

    /// What is known of a method; most have all properties, with weights.
    static func of(_ name: String) -> MethodTraits { table[name] ?? MethodTraits() }

    private static let noWeights = "it has no weights: its inputs count by what they hold"
    private static let oneInput = "it takes one input"

    private static let table: [String: MethodTraits] = [
        "passthrough": MethodTraits(first: ["scale": 1], lacks: [.ignoresOrder: oneInput]),
        "lerp": MethodTraits(first: ["t": 0], lacks: [.ignoresOrder: "it walks from the first input to the second"]),
        "slerp": MethodTraits(first: ["t": 0], lacks: [.ignoresOrder: "it walks from the first input to the second"]),
        "karcher": MethodTraits(lacks: [.givesTheFirst: noWeights]),
        "model_stock": MethodTraits(lacks: [.givesTheFirst: noWeights]),
        "sce": MethodTraits(lacks: [.givesTheFirst: noWeights]),
        // A difference up to epsilon counts for none.
        "ram": MethodTraits(neutral: ["epsilon": 0], lacks: [.givesTheFirst: noWeights]),
        "ramplus_tl": MethodTraits(neutral: ["epsilon": 0], lacks: [.givesTheFirst: noWeights]),
        // The usual weight is 1 and not a share.
        "magmax": MethodTraits(neutral: ["weight": 1]),
        // Beside an input without weight nobody agrees with the first.
        "consensus": MethodTraits(neutral: ["k": 1]),
        "add_difference": MethodTraits(
            first: ["alpha": 0],
            startsAtBase: true,
            lacks: [.ignoresOrder: "the second input's difference is added to the first"]
        ),
        "nearswap": MethodTraits(
            startsAtBase: true,
            lacks: [.givesTheFirst: "it has no weights, and t = 0 gives the base", .ignoresOrder: oneInput]
        ),
        "arcee_fusion": MethodTraits(
            lacks: [.givesTheFirst: noWeights, .ignoresOrder: "the second input's changes are put on the first"]
        ),
        "lines": MethodTraits(
            neutral: ["depth": 1],
            first: ["alpha": 1, "beta": 0],
            lacks: [.ignoresOrder: oneInput]
        ),
        "rescale_norm": MethodTraits(
            first: ["strength": 0],
            lacks: [.ignoresOrder: "the first input is given the length of the others"]
        ),
    ]
}
