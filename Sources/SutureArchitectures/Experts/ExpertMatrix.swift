/// One of the matrices that an expert is made of.
package enum ExpertMatrix: String, Hashable, Sendable, CaseIterable {
    /// What the activation is applied to.
    case gate
    /// What the gate's result is multiplied with.
    case up
    /// The way out.
    case down

    /// The matrices that a module of a name holds, in their order; `nil` for a name that says nothing of it.
    ///
    /// In a tensor of all experts Aria's `fc1` is two matrices.
    static func held(by name: some StringProtocol, isOfAll: Bool) -> [ExpertMatrix]? {
        names[String(name)] ?? (isOfAll ? wholes[String(name)] : nil)
    }

    private static let wholes: [String: [ExpertMatrix]] = ["fc1": [.gate, .up], "fc2": [.down]]

    private static let names: [String: [ExpertMatrix]] = [
        "gate_proj": [.gate], "w1": [.gate], "up_proj": [.up], "w3": [.up], "v1": [.up],
        "down_proj": [.down], "w2": [.down], "w2_weight": [.down], "output_linear": [.down],
        "gate_up_proj": [.gate, .up], "input_linear": [.gate, .up], "w13_weight": [.gate, .up],
    ]
}
