package import SutureCheckpoints
package import SutureTensors

/// Tensors of several checkpoints that lie side by side: as many elements in each.
package struct AlignedTensor: Hashable, Sendable {
    /// What the pass calls them.
    package let name: String

    /// One tensor of each checkpoint: the checkpoint's place among those of the pass, and the tensor.
    package let members: [Member]

    /// A tensor of a checkpoint.
    package struct Member: Hashable, Sendable {
        /// The checkpoint, as an index into those of the pass.
        package let checkpoint: Int

        /// The tensor.
        package let tensor: StoredTensor

        /// Creates a member.
        package init(checkpoint: Int, tensor: StoredTensor) {
            self.checkpoint = checkpoint
            self.tensor = tensor
        }
    }

    /// Lays tensors side by side.
    ///
    /// - Parameters:
    ///   - name: What the pass calls them.
    ///   - members: At least one.
    ///
    /// It is `nil` where they have different shapes, or numbers that are not read as such.
    package init?(_ name: String, _ members: [Member]) {
        guard let first = members.first?.tensor.spec else { return nil }
        guard members.allSatisfy({ $0.tensor.spec.shape == first.shape && $0.tensor.spec.dtype.isDecodable }) else {
            return nil
        }
        self.name = name
        self.members = members
    }

    /// The shape that all have.
    package var shape: Shape { members[0].tensor.spec.shape }

    /// The number of elements of each.
    package var elementCount: Int { members[0].tensor.spec.elementCount }

    /// The bytes that a pass reads of all of them.
    package var byteCount: Int { members.reduce(0) { $0 + $1.tensor.spec.byteCount } }
}
