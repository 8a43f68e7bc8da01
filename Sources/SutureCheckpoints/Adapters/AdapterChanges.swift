package import SutureDiagnostics
package import SutureTensors

/// What an adapter does to a checkpoint, tensor by tensor.
package struct AdapterChanges: Sendable {
    /// What becomes of one tensor of the checkpoint.
    package struct Change: Hashable, Sendable {
        /// A tensor of the adapter that takes its place before anything else; `nil` for the checkpoint's own.
        package let whole: StoredTensor?

        /// What is done to it then.
        package let edit: Edit?
    }

    /// What is done to the numbers of a tensor.
    package enum Edit: Hashable, Sendable {
        /// The product of two factors is added to it.
        case lowRank(LowRank)

        /// A multiple of a tensor of the adapter is added to it.
        case added(StoredTensor, scale: Double)

        /// Rows of a tensor of the adapter, in its order, take the place of rows of these numbers.
        case rows(StoredTensor, numbers: [Int])

        /// Zeros take its place: what is not computed with.
        case cleared
    }

    /// `W + scale · L · R`, and with magnitudes `m ⊙ V / ‖V‖` (DoRA).
    ///
    /// The factors are views of the adapter's tensors, so that they always stand this way round: what PEFT stores
    /// for weights that lie as `[in, out]`, and for experts that share a tensor, are other strides and nothing else.
    package struct LowRank: Hashable, Sendable {
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

    /// Whether the head of a tied model is no longer its embedding.
    package let unties: Bool

    /// The name of such a head where the checkpoint stores none.
    ///
    /// Its change, where it has one, is among ``changes``, and is made to the embedding as the checkpoint has it.
    package let untiedHead: String?

    /// The shapes of tensors that have another number of rows than the checkpoint's, by name.
    package let resized: [String: Shape]

    /// What the user should know.
    package let notices: [Diagnostic]
}

extension Adapter {
    /// Finds which tensors of a checkpoint the adapter changes, and how.
    ///
    /// - Parameters:
    ///   - checkpoint: The model that it is put on.
    ///   - site: What is known of that model.
    /// - Returns: The changes.
    /// - Throws: `Diagnostics` with each of its tensors that fits nothing.
    package func changes(
        to checkpoint: Checkpoint,
        at site: AdapterSite = AdapterSite()
    ) throws(Diagnostics) -> AdapterChanges {
        var matcher = AdapterMatcher(adapter: self, checkpoint: checkpoint, site: site)
        return try matcher.match()
    }
}
