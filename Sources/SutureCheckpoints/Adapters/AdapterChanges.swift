package import SutureDiagnostics

/// What an adapter does to a checkpoint, tensor by tensor.
package struct AdapterChanges: Sendable {
    /// What becomes of one tensor of the checkpoint.
    package enum Change: Hashable, Sendable {
        /// A tensor of the adapter takes its place.
        case replaced(StoredTensor)

        /// The product of two factors is added to it.
        case lowRank(LowRank)

        /// A multiple of a tensor of the adapter is added to it.
        case added(StoredTensor, scale: Double)

        /// Rows of a tensor of the adapter, in its order, take the place of rows of these numbers.
        case rows(StoredTensor, numbers: [Int])
    }

    /// `W + scale · L · R`, and with magnitudes `m ⊙ V / ‖V‖` (DoRA).
    ///
    /// The factors are views of the adapter's tensors, so that they always stand this way round: what PEFT stores
    /// for weights that lie as `[in, out]`, and for experts that share a tensor, are other strides and nothing else.
    package struct LowRank: Hashable, Sendable {
        /// What the product is added to, where the adapter brings it along; `nil` for the checkpoint's own tensor.
        package let base: StoredTensor?

        /// `L`, `[rows, r]`, or `[n, rows, r]` for a stack of n matrices.
        package let rows: StoredTensor

        /// `R`, `[r, columns]`, or `[n, r, columns]`.
        package let columns: StoredTensor

        /// What the product is multiplied by.
        package let scale: Double

        /// The lengths that the rows of the sum are given, or its columns.
        package let magnitudes: StoredTensor?

        /// Whether the lengths are those of columns.
        package let scalesColumns: Bool
    }

    /// The changes by the names of the checkpoint's tensors.
    package let changes: [String: Change]

    /// What the user should know.
    package let notices: [Diagnostic]
}

extension Adapter {
    /// Finds which tensors of a checkpoint the adapter changes, and how.
    ///
    /// - Parameter checkpoint: The model that it is put on.
    /// - Returns: The changes.
    /// - Throws: `Diagnostics` with each of its tensors that fits nothing.
    package func changes(to checkpoint: Checkpoint) throws(Diagnostics) -> AdapterChanges {
        var matcher = AdapterMatcher(adapter: self, checkpoint: checkpoint)
        return try matcher.match()
    }
}
