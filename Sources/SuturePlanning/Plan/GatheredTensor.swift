public import SutureTensors

/// Blocks of stored tensors set side by side along one dimension, in an order of their own.
///
/// Families such as Gemma 3n keep one block for each layer in a single tensor, `embed_tokens_per_layer`
/// of shape `[tokens, layers * width]`; where layers move, their blocks move along. Experts that one file stores one by
/// one are the blocks of the tensor that another file has for all of them.
public struct GatheredTensor: Hashable, Sendable {
    /// The tensors that blocks are taken from: of one dtype, and alike in all dimensions but the gathered one.
    public var tensors: [StoredTensorReference]

    /// The dimension along which the blocks lie.
    public var dimension: Int

    /// How long a block is along that dimension, in elements.
    public var blockLength: Int

    /// The blocks of the result, in order.
    public var blocks: [Block]

    /// How many runs of equally many blocks are gathered each for itself, the results one after another.
    public var groups: Int

    /// The dimensions that the result is seen with; `nil` for those of the tensors, with the groups in front where there
    /// are several.
    public var seenAs: Shape?

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
    public init(
        tensors: [StoredTensorReference],
        dimension: Int,
        blockLength: Int,
        blocks: [Block],
        groups: Int = 1,
        seenAs: Shape? = nil
    ) {
        self.tensors = tensors
        self.dimension = dimension
        self.blockLength = blockLength
        self.blocks = blocks
        self.groups = groups
        self.seenAs = seenAs
    }

    /// The dtype of all the tensors; `nil` where they differ or there are none.
    public var dtype: DType? {
        guard let first = tensors.first?.spec.dtype, tensors.allSatisfy({ $0.spec.dtype == first }) else { return nil }
        return first
    }

    /// The shape of the result; `nil` where the blocks do not fit the tensors or each other.
    public var shape: Shape? {
        guard let group = groupShape else { return nil }
        let stacked = groups == 1 ? group : Shape([groups] + group.dimensions)
        guard let seenAs else { return stacked }
        guard let count = stacked.elementCount, count == seenAs.elementCount else { return nil }
        return seenAs
    }

    /// The shape of what is gathered of the blocks of one group.
    package var groupShape: Shape? {
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
        guard fit, groups > 0, blocks.count.isMultiple(of: groups) else { return nil }
        let (length, overflow) = (blocks.count / groups).multipliedReportingOverflow(by: blockLength)
        guard !overflow else { return nil }
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
    public var runs: [Run] { runs(of: blocks[...]) }

    /// The blocks of a group as few runs.
    package func runs(ofGroup group: Int) -> [Run] {
        let count = blocks.count / max(1, groups)
        return runs(of: blocks[group * count..<(group + 1) * count])
    }

    private func runs(of blocks: ArraySlice<Block>) -> [Run] {
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
