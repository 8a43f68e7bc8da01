extension Plan {
    /// The names of the merge methods in it, in order.
    public var mergeMethods: [String] {
        tensors.reduce(into: Set<String>()) { $1.expression.collectMethods(into: &$0) }.sorted()
    }
}

extension TensorExpression {
    /// Adds the names of the merge methods in it.
    fileprivate func collectMethods(into names: inout Set<String>) {
        switch self {
        case .stored, .filled, .adapted, .gathered: break
        case .scaled(let inner, _), .rounded(let inner, _): inner.collectMethods(into: &names)
        case .extended(let first, _, let rest):
            first.collectMethods(into: &names)
            rest.collectMethods(into: &names)
        case .blended(let blend):
            names.insert(blend.method)
            for input in blend.inputs { input.collectMethods(into: &names) }
            blend.base?.collectMethods(into: &names)
        }
    }
}
