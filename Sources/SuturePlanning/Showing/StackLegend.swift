/// Says what the signs behind layers mean, where a stack has them: `base[3]*`, `base[3]*+`.
struct StackLegend {
    private let labels: [String]

    /// A legend for the runs of a stack.
    init(_ stack: Plan.Stack) {
        labels = stack.runs.map(\.label)
    }

    /// A line for each sign that occurs.
    var lines: [(sign: String, meaning: String)] {
        [("*", "some of its tensors are scaled or filled"), ("+", "a block that is inserted, a copy of that layer")]
            .filter { sign, _ in labels.contains { Self.has(Character(sign), in: $0) } }
    }

    /// Whether a sign stands behind layers; names have none of them.
    private static func has(_ sign: Character, in label: String) -> Bool {
        var last: Character?
        for character in label {
            if character == sign, let last, "])*".contains(last) { return true }
            last = character
        }
        return false
    }
}
