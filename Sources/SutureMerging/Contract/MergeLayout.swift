package import SutureTensors

/// What a method may know of the tensor it makes: its shape and how many inputs it has, no names and no dtypes.
package struct MergeLayout: Hashable, Sendable {
    /// The shape of the tensor that is made, and of every input.
    package let shape: Shape

    /// The number of its elements.
    package let elementCount: Int

    /// The number of inputs, the base not counted.
    package let inputCount: Int

    /// Whether there is a base beside the inputs.
    package let hasBase: Bool

    /// Creates a layout; a shape too large to count has no elements.
    package init(shape: Shape, inputCount: Int, hasBase: Bool) {
        self.shape = shape
        self.inputCount = inputCount
        self.hasBase = hasBase
        elementCount = shape.elementCount ?? 0
    }

    /// The length of a row: the last dimension, at least 1.
    package var rowLength: Int { max(1, shape.rowLength) }

    /// The number of rows.
    package var rowCount: Int { elementCount / rowLength }
}
