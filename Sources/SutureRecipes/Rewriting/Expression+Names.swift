import SutureDiagnostics

extension Expression {
    /// The names in the expression.
    package var names: Set<String> {
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

extension Value {
    /// The names in the value's expressions.
    var names: Set<String> {
        switch content {
        case .constant(let expression): expression.names
        case .curve(let points, _): points.reduce(into: []) { $0.formUnion($1.value.names) }
        case .cases(let cases): cases.reduce(into: []) { $0.formUnion($1.value.names) }
        }
    }
}
