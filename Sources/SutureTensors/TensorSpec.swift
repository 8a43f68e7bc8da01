/// What a checkpoint says about one tensor, without its numbers.
///
/// ```swift
/// let gate = try TensorSpec("model.layers.3.mlp.gate_proj.weight", .bfloat16, [14_336, 4_096])
/// gate.elementCount  // 58_720_256
/// gate.byteCount     // 117_440_512
/// ```
///
/// Shapes are outermost first: a linear layer's weight is `[outputs, inputs]`. A spec that exists
/// is consistent: its elements fill a whole number of blocks, whose bytes fit in an `Int`.
public struct TensorSpec: Hashable, Sendable {
    /// The tensor's name in the file, such as `lm_head.weight`.
    public let name: String

    /// How each element is stored.
    public let dtype: DType

    /// The lengths of the dimensions, outermost first.
    public let shape: Shape

    /// The number of elements.
    public let elementCount: Int

    /// The number of bytes they take.
    public let byteCount: Int

    /// Creates a spec.
    ///
    /// - Parameters:
    ///   - name: The tensor's name in the file.
    ///   - dtype: How each element is stored.
    ///   - shape: The lengths of the dimensions, outermost first.
    /// - Throws: ``TensorSpecError`` when the size does not fit in an `Int` or ends inside a block.
    public init(_ name: String, _ dtype: DType, _ shape: Shape) throws(TensorSpecError) {
        guard let count = shape.elementCount else { throw .tooLarge(name: name, shape: shape) }
        let block = dtype.block
        // A row of ggml's begins a block of its own.
        guard (dtype.isGGML ? shape.rowLength : count).isMultiple(of: block.elementCount) else {
            throw .endsInsideBlock(name: name, dtype: dtype, shape: shape)
        }
        guard let bytes = block.bytes(of: count) else { throw .tooLarge(name: name, shape: shape) }
        self.name = name
        self.dtype = dtype
        self.shape = shape
        elementCount = count
        byteCount = bytes
    }

    private init(renaming spec: TensorSpec, to name: String) {
        self.name = name
        dtype = spec.dtype
        shape = spec.shape
        elementCount = spec.elementCount
        byteCount = spec.byteCount
    }

    /// The same elements, stored otherwise.
    ///
    /// - Throws: ``TensorSpecError`` when they do not fill whole blocks, or their bytes do not fit in an `Int`.
    public func stored(as dtype: DType) throws(TensorSpecError) -> TensorSpec {
        dtype == self.dtype ? self : try TensorSpec(name, dtype, shape)
    }

    /// The same tensor under another name.
    public func renamed(_ name: String) -> TensorSpec { TensorSpec(renaming: self, to: name) }
}

/// Why a name, a dtype and a shape do not make a tensor.
public enum TensorSpecError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The number of bits does not fit in an `Int`.
    case tooLarge(name: String, shape: Shape)

    /// The last block of elements that are stored together is not full.
    case endsInsideBlock(name: String, dtype: DType, shape: Shape)

    /// The error in words.
    public var description: String {
        switch self {
        case .tooLarge(let name, let shape): "tensor '\(name)' of shape \(shape) is larger than any file"
        case .endsInsideBlock(let name, let dtype, let shape):
            "tensor '\(name)': \(dtype.isGGML ? "the rows of " : "")\(shape) elements of \(dtype.rawValue) end inside a "
                + "block of \(dtype.block.elementCount)"
        }
    }
}
