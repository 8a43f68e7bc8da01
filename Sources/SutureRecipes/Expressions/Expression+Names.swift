import SutureDiagnostics

extension Expression {
    /// The names in the expression.
    var names: Set<String> {
        switch self {
        case .integer, .number, .boolean, .text: []
        case .name(let name): [name]
        case .unary(_, let operand): operand.names
        case .binary(_, let left, let right): left.names.union(right.names)
        case .call(_, let arguments): arguments.reduce(into: []) { $0.formUnion($1.names) }
        case .template(let parts): parts.reduce(into: []) { $0.formUnion($1.names) }
        }
    }
}
