extension Plan {
    /// The names of the merge methods in it, in order.
    public var mergeMethods: [String] {
        let names = tensors.reduce(into: Set<String>()) { names, tensor in
            names = tensor.expression.fold(into: names) { names, part in
                if case .blended(let blend) = part { names.insert(blend.method) }
            }
        }
        return names.sorted()
    }
}
