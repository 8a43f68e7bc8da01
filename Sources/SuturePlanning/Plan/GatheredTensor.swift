public import SutureTensors

/// Blocks of tensors set side by side along one dimension, in an order of their own; of matrices mostly single rows.
///
/// An embedding brought to another vocabulary has the rows of its tokens wherever they were, and rows that stand in for
/// those it lacks. Families such as Gemma 3n keep one block for each layer in a single tensor; where layers move, their
/// blocks move along. Experts that one file stores one by one are the blocks of the tensor that another file has for all
/// of them. Of what is computed rows are taken only where they stand: see ``joined``.
public struct GatheredTensor: Hashable, Sendable {
    /// What blocks are taken from, alike in all dimensions but the gathered one: stored tensors, what an adapter made of
    /// one, or what was gathered before.
    public var inputs: [TensorExpression]

    /// The dimension along which the blocks lie.
    public var dimension: Int

    /// How long a block is along that dimension, in elements.
    public var blockLength: Int

    /// The blocks of the result, in order, as few runs.
    public private(set) var runs: [Run]

    /// How many runs of equally many blocks are gathered each for itself, the results one after another.
    public var groups: Int

    /// The dimensions that the result is seen with; `nil` for those of the tensors, with the groups in front where there
    /// are several.
    public var seenAs: Shape?

    /// One block of one of the inputs.
    public struct Block: Hashable, Sendable {
        /// The input, as an index into ``GatheredTensor/inputs``.
        public var input: Int
        /// The number of the block in it, from 0.
        public var number: Int

        /// Creates a block.
        public init(input: Int, number: Int) {
            self.input = input
            self.number = number
        }
    }

    /// Blocks of the result that follow one another.
    public enum Run: Hashable, Sendable {
        /// Blocks of an input, in its order.
        case blocks(of: Int, Range<Int>)
        /// One block: the mean of several.
        case mean([Block])
        /// Blocks of one number everywhere.
        case filled(Double, count: Int)
        /// Blocks of which each is the mean of all that are not such.
        case padding(count: Int)

        /// The number of blocks in it.
        public var count: Int {
            switch self {
            case .blocks(_, let numbers): numbers.count
            case .mean: 1
            case .filled(_, let count), .padding(let count): count
            }
        }

        /// Some of its blocks.
        func part(_ places: Range<Int>) -> Run {
            switch self {
            case .blocks(let input, let numbers):
                .blocks(of: input, numbers.lowerBound + places.lowerBound..<numbers.lowerBound + places.upperBound)
            case .mean: self
            case .filled(let number, _): .filled(number, count: places.count)
            case .padding: .padding(count: places.count)
            }
        }
    }

    /// Creates a gathering.
    public init(
        inputs: [TensorExpression],
        dimension: Int = 0,
        blockLength: Int = 1,
        runs: [Run],
        groups: Int = 1,
        seenAs: Shape? = nil
    ) {
        self.inputs = inputs
        self.dimension = dimension
        self.blockLength = blockLength
        self.runs = []
        self.groups = groups
        self.seenAs = seenAs
        self.runs.reserveCapacity(runs.count)
        for run in runs { add(run) }
    }

    /// Creates a gathering of single blocks.
    public init(
        inputs: [TensorExpression],
        dimension: Int,
        blockLength: Int,
        blocks: [Block],
        groups: Int = 1,
        seenAs: Shape? = nil
    ) {
        self.init(
            inputs: inputs,
            dimension: dimension,
            blockLength: blockLength,
            runs: blocks.map { .blocks(of: $0.input, $0.number..<$0.number + 1) },
            groups: groups,
            seenAs: seenAs
        )
    }

    /// The first rows of one thing, and the rows after them of another.
    package init(_ first: TensorExpression, rows: Int, then rest: TensorExpression, to end: Int) {
        self.init(inputs: [first, rest], runs: [.blocks(of: 0, 0..<rows), .blocks(of: 1, rows..<max(rows, end))])
    }

    private mutating func add(_ run: Run) {
        guard run.count > 0 else { return }
        switch (runs.last, run) {
        case (.blocks(let input, let old), .blocks(let next, let new))
        where input == next && old.upperBound == new.lowerBound:
            runs[runs.count - 1] = .blocks(of: input, old.lowerBound..<new.upperBound)
        case (.filled(let number, let old), .filled(let next, let new)) where number.bitPattern == next.bitPattern:
            runs[runs.count - 1] = .filled(number, count: old + new)
        case (.padding(let old), .padding(let new)): runs[runs.count - 1] = .padding(count: old + new)
        default: runs.append(run)
        }
    }
}

extension GatheredTensor {
    /// The number of blocks of the result.
    public var blockCount: Int { runs.reduce(0) { $0 + $1.count } }

    /// Whether its blocks are the rows of a matrix or the numbers of a list.
    public var isOfRows: Bool { dimension == 0 && blockLength == 1 && groups == 1 && seenAs == nil }

    /// The first rows of one thing and the rest of another, each where it stood; `nil` where the rows come from anywhere.
    ///
    /// So only can rows be taken of what is computed: the methods of a blend see the part of the tensor that they make.
    public var joined: (first: TensorExpression, rows: Int, rest: TensorExpression?)? {
        guard isOfRows, inputs.contains(where: { $0.leafForm == nil }), let head = runs.first, runs.count <= 2,
            case .blocks(let first, let rows) = head, rows.lowerBound == 0, inputs.indices.contains(first)
        else { return nil }
        guard runs.count == 2 else { return (inputs[first], rows.count, nil) }
        guard case .blocks(let rest, let others) = runs[1], others.lowerBound == rows.upperBound,
            inputs.indices.contains(rest)
        else { return nil }
        return (inputs[first], rows.count, inputs[rest])
    }

    /// The dtype of all the inputs; `nil` where they differ or there are none.
    public var commonDType: DType? {
        guard let first = inputs.first?.leafForm?.dtype else { return nil }
        return inputs.allSatisfy { $0.leafForm?.dtype == first } ? first : nil
    }

    /// The dtype that holds its numbers as they are: that of the inputs, or float32 where those differ or means are taken.
    ///
    /// What pads is no one's number, and is rounded as its neighbours are.
    package var numberDType: DType {
        let hasMeans = runs.contains { if case .mean = $0 { true } else { false } }
        return hasMeans ? .float32 : commonDType ?? .float32
    }

    /// The shape of the result; `nil` where the blocks do not fit the inputs or each other, or nothing is known of those.
    public var shape: Shape? {
        guard let group = groupShape else { return nil }
        let stacked = groups == 1 ? group : Shape([groups] + group.dimensions)
        guard let seenAs else { return stacked }
        guard let count = stacked.elementCount, count == seenAs.elementCount else { return nil }
        return seenAs
    }

    /// The shape of what is gathered of the blocks of one group.
    package var groupShape: Shape? {
        let forms = inputs.compactMap(\.leafForm)
        guard forms.count == inputs.count, let first = forms.first?.shape, blockLength > 0,
            first.dimensions.indices.contains(dimension), forms.allSatisfy({ $0.dtype.bitWidth.isMultiple(of: 8) })
        else { return nil }
        var counts: [Int] = []
        for (_, shape) in forms {
            var other = shape.dimensions
            guard other.count == first.rank, other[dimension].isMultiple(of: blockLength) else { return nil }
            counts.append(other[dimension] / blockLength)
            other[dimension] = first.dimensions[dimension]
            guard other == first.dimensions else { return nil }
        }
        func fits(_ input: Int, _ numbers: Range<Int>) -> Bool {
            counts.indices.contains(input) && numbers.lowerBound >= 0 && numbers.upperBound <= counts[input]
        }
        var count = 0
        for run in runs {
            switch run {
            case .blocks(let input, let numbers): guard fits(input, numbers) else { return nil }
            case .mean(let blocks):
                let areIn = blocks.allSatisfy { $0.number < .max && fits($0.input, $0.number..<$0.number + 1) }
                guard areIn, !blocks.isEmpty else { return nil }
            case .filled(let number, _): guard number.isFinite else { return nil }
            case .padding: break
            }
            let (sum, overflow) = count.addingReportingOverflow(run.count)
            guard !overflow else { return nil }
            count = sum
        }
        guard groups > 0, count.isMultiple(of: groups) else { return nil }
        let (length, overflow) = (count / groups).multipliedReportingOverflow(by: blockLength)
        guard !overflow else { return nil }
        var dimensions = first.dimensions
        dimensions[dimension] = length
        return Shape(dimensions)
    }

    /// The blocks of a group as few runs.
    package func runs(ofGroup group: Int) -> [Run] {
        guard groups > 1 else { return runs }
        let count = blockCount / groups
        let wanted = group * count..<(group + 1) * count
        var place = 0
        return runs.compactMap { run in
            defer { place += run.count }
            let part = (place..<place + run.count).clamped(to: wanted)
            return part.isEmpty ? nil : run.part(part.lowerBound - place..<part.upperBound - place)
        }
    }
}

extension TensorExpression {
    /// The dtype and shape of what is read and not computed; `nil` for all else.
    package var leafForm: (dtype: DType, shape: Shape)? {
        switch self {
        case .stored(let reference): (reference.spec.dtype, reference.spec.shape)
        case .adapted(let reference, _): (.float32, reference.spec.shape)
        case .gathered(let gathered): gathered.shape.map { (gathered.numberDType, $0) }
        case .scaled, .filled, .rounded, .blended: nil
        }
    }
}
