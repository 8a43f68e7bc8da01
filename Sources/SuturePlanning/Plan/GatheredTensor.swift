public import SutureTensors

/// Blocks of stored tensors set side by side along one dimension, in an order of their own.
///
/// Families such as Gemma 3n keep one block for each layer in a single tensor, `embed_tokens_per_layer`
/// of shape `[tokens, layers * width]`; where layers move, their blocks move along.
public struct GatheredTensor: Hashable, Sendable {
    /// The tensors that blocks are taken from: of one dtype, and alike in all dimensions but the gathered one.
    public var tensors: [StoredTensorReference]

    /// The dimension along which the blocks lie.
    public var dimension: Int

    /// How long a block is along that dimension, in elements.
    public var blockLength: Int

    /// The blocks of the result, in order.
    public var blocks: [Block]

    /// One block of one of the tensors.
    public struct Block: Hashable, Sendable {
        /// The tensor, as an index into ``GatheredTensor/tensors``.
        public var tensor: Int
        /// The number of the block in it, from 0.
        public var number: Int

        /// Creates a block.
        public init(tensor: Int, number: Int) {
            self.tensor = tensor
            self.number = number
        }
    }

    /// Creates a gathering.
    public init(tensors: [StoredTensorReference], dimension: Int, blockLength: Int, blocks: [Block]) {
        self.tensors = tensors
        self.dimension = dimension
        self.blockLength = blockLength
        self.blocks = blocks
    }

    /// The dtype of all the tensors; `nil` where they differ or there are none.
    public var dtype: DType? {
        guard let first = tensors.first?.spec.dtype, tensors.allSatisfy({ $0.spec.dtype == first }) else { return nil }
        return first
    }

    /// The shape of the result; `nil` where the blocks do not fit the tensors or each other.
    public var shape: Shape? {
        guard let first = tensors.first?.spec.shape, first.dimensions.indices.contains(dimension), blockLength > 0,
            dtype?.bitWidth.isMultiple(of: 8) ?? false
        else { return nil }
        for tensor in tensors {
            var other = tensor.spec.shape.dimensions
            guard other.count == first.rank, other[dimension].isMultiple(of: blockLength) else { return nil }
            other[dimension] = first.dimensions[dimension]
            guard other == first.dimensions else { return nil }
        }
        let fit = blocks.allSatisfy { block in
            guard tensors.indices.contains(block.tensor), block.number >= 0 else { return false }
            return block.number < tensors[block.tensor].spec.shape.dimensions[dimension] / blockLength
        }
        let (length, overflow) = blocks.count.multipliedReportingOverflow(by: blockLength)
        guard fit, !overflow else { return nil }
        var dimensions = first.dimensions
        dimensions[dimension] = length
        return Shape(dimensions)
    }

    /// Blocks that lie one after another both in the result and in a tensor.
    public struct Run: Hashable, Sendable {
        /// The tensor, as an index into ``GatheredTensor/tensors``.
        public var tensor: Int
        /// The blocks' numbers in the tensor.
        public var numbers: Range<Int>
    }

    /// The blocks as few runs.
    public var runs: [Run] {
        var runs: [Run] = []
        for block in blocks {
            if let last = runs.last, last.tensor == block.tensor, last.numbers.upperBound == block.number {
                runs[runs.count - 1].numbers = last.numbers.lowerBound..<block.number + 1
            } else {
                runs.append(Run(tensor: block.tensor, numbers: block.number..<block.number + 1))
            }
        }
        return runs
    }
}
