import SutureCheckpoints
import SutureTensors

extension TensorExpression {
    /// The same numbers of tensors that are called otherwise.
    ///
    /// - Parameter name: What a tensor is called instead; `nil` for the name it has.
    /// - Returns: The expression with those names.
    func naming(_ name: (StoredTensorReference) -> String?) -> TensorExpression {
        func renamed(_ reference: StoredTensorReference) -> StoredTensorReference {
            guard let name = name(reference) else { return reference }
            var other = reference
            other.spec = reference.spec.renamed(name)
            return other
        }
        switch self {
        case .stored(let reference): return .stored(renamed(reference))
        case .adapted(let reference, let adaptation): return .adapted(renamed(reference), by: adaptation)
        case .scaled, .filled, .rounded, .blended, .gathered: return map { $0.naming(name) }
        }
    }
}

extension Composition {
    /// Tensors of an output, made of what their sources' files call them.
    ///
    /// A model with an adapter on it may have names that its files have not: a stack of repeated layers, a head apart.
    func naming(_ tensors: [Plan.Tensor]) -> [Plan.Tensor] {
        guard sources.contains(where: { !$0.checkpoint.storedNames.isEmpty }) else { return tensors }
        return tensors.map { tensor in
            var tensor = tensor
            tensor.expression = tensor.expression.naming { reference in
                let checkpoint = sources[reference.source].checkpoint
                return reference.file < checkpoint.files.count ? checkpoint.storedNames[reference.spec.name] : nil
            }
            return tensor
        }
    }
}
