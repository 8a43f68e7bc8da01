package import SutureTensors

extension Anatomy {
    /// Whether the matrices of a model's layers lie as `[in, out]`, as those of GPT-2's `Conv1D` do; `nil` where neither
    /// its family nor its shapes tell.
    ///
    /// - Parameter tensors: The tensors, in the order of ``parts``.
    /// - Returns: Whether they do.
    package func liesTransposed(_ tensors: [TensorSpec]) -> Bool? {
        if Self.conv1D.contains(facts.family) || Self.conv1D.contains(modelType) { return true }
        // The way up of an MLP begins at the residual stream, which is narrower or wider than what it leads to.
        for (part, tensor) in zip(parts, tensors) {
            guard case .layer(main, _, let suffix, let role) = part, role.group == .mlp, role.part == "up",
                Role.leaf(of: suffix) == .weight, tensor.shape.rank == 2, let hidden = facts.hidden?.value
            else { continue }
            let shape = tensor.shape.dimensions
            guard shape[0] != shape[1], shape.contains(hidden) else { continue }
            return shape[0] == hidden
        }
        return FieldTable.knownFamilies.contains(facts.family) ? false : nil
    }

    /// Families whose layers are made of `Conv1D`.
    private static let conv1D: Set<String> = [
        "gpt2", "gpt-sw3", "openai-gpt", "imagegpt", "decision_transformer", "clvp_decoder", "jais",
    ]
}
