public import SutureTensors

/// What an output tensor is made of.
///
/// A ``stored(_:)`` whose dtype is the output's moves bytes and never decodes. Everything else runs
/// in blocks of float32 and is rounded once, at the end, unless ``rounded(_:to:)`` asks for more.
public indirect enum TensorExpression: Hashable, Sendable {
    /// A tensor of a source, as it lies in its file.
    case stored(StoredTensorReference)
    /// Every element times a factor.
    case scaled(TensorExpression, by: Double)
    /// One number everywhere, whatever the source held.
    case filled(Double)
    /// Rounded to a dtype on the way, as a stage that was written to disk would be.
    case rounded(TensorExpression, to: DType)
    /// Several tensors merged.
    case blended(BlendExpression)
    /// A tensor with an adapter added or its scales applied, in float32; a leaf like ``stored(_:)`` to all above it.
    case adapted(StoredTensorReference, by: Adaptation)
    /// Rows, or other blocks, of several tensors in an order of their own.
    case gathered(GatheredTensor)

    /// What it is made of, a blend's inputs before its base.
    public var children: [TensorExpression] {
        switch self {
        case .stored, .filled, .adapted: []
        case .scaled(let inner, _), .rounded(let inner, _): [inner]
        case .gathered(let gathered): gathered.inputs
        case .blended(let blend): blend.inputs + (blend.base.map { [$0] } ?? [])
        }
    }

    /// The sources' tensors in it, in order of first mention.
    public var leaves: [StoredTensorReference] {
        fold(into: []) { leaves, part in
            switch part {
            case .stored(let reference): leaves.append(reference)
            case .adapted(let reference, let adaptation): leaves += [reference] + adaptation.leaves
            case .scaled, .filled, .rounded, .blended, .gathered: break
            }
        }
    }
}

extension TensorExpression {
    /// The same made of others, child by child.
    package func map(_ change: (TensorExpression) -> TensorExpression) -> TensorExpression {
        switch self {
        case .stored, .filled, .adapted: return self
        case .scaled(let inner, let factor): return .scaled(change(inner), by: factor)
        case .rounded(let inner, let dtype): return .rounded(change(inner), to: dtype)
        case .gathered(var gathered):
            gathered.inputs = gathered.inputs.map(change)
            return .gathered(gathered)
        case .blended(var blend):
            blend.inputs = blend.inputs.map(change)
            blend.base = blend.base.map(change)
            return .blended(blend)
        }
    }

    /// Folds it and all that it is made of, each before its children.
    package func fold<Result>(into result: Result, _ update: (inout Result, TensorExpression) -> Void) -> Result {
        var result = result
        update(&result, self)
        for child in children { result = child.fold(into: result, update) }
        return result
    }

    /// The tensors in it that an adapter changes, and how.
    package var adaptations: [(base: StoredTensorReference, adaptation: Adaptation)] {
        fold(into: []) { found, part in
            if case .adapted(let reference, let adaptation) = part { found.append((reference, adaptation)) }
        }
    }

    /// What is gathered in it, what others are gathered of after them.
    package var gatherings: [GatheredTensor] {
        fold(into: []) { found, part in
            if case .gathered(let gathered) = part { found.append(gathered) }
        }
    }
}

/// A tensor of a source, and where its bytes lie.
public struct StoredTensorReference: Hashable, Sendable {
    /// The source, as an index into ``Plan/sources``.
    public var source: Int
    /// The weight file, as an index into the source's files.
    public var file: Int
    /// The first byte, counted from the start of the file's content.
    public var offset: Int
    /// The steps between neighbours along each dimension, in elements; `nil` where they follow each other.
    public var strides: [Int]?
    /// Name, dtype and shape in the source.
    public var spec: TensorSpec

    /// Creates a reference.
    public init(source: Int, file: Int, offset: Int, spec: TensorSpec, strides: [Int]? = nil) {
        self.source = source
        self.file = file
        self.offset = offset
        self.spec = spec
        self.strides = strides
    }
}

/// What other tensors of a source make of one, before anything else is done with it.
public enum Adaptation: Hashable, Sendable {
    /// The numbers are multiplied by scales, each for a block of so many elements along each dimension.
    case dequantized(scales: StoredTensorReference, blocks: [Int])
    /// The product of two factors.
    case lowRank(LowRankUpdate)
    /// A multiple of a tensor of the same shape.
    case sum(StoredTensorReference, scale: Double)

    /// The other tensors in it.
    public var leaves: [StoredTensorReference] {
        switch self {
        case .lowRank(let update): [update.rows, update.columns] + (update.magnitudes.map { [$0] } ?? [])
        case .sum(let tensor, _), .dequantized(let tensor, _): [tensor]
        }
    }
}

/// `W + scale · L · R` in float32 (LoRA, arXiv 2106.09685), and with magnitudes `m ⊙ V / ‖V‖` (DoRA, 2402.09353).
public struct LowRankUpdate: Hashable, Sendable {
    /// `L`, `[rows, r]`, or `[n, rows, r]` for a stack of n matrices.
    public var rows: StoredTensorReference
    /// `R`, `[r, columns]`, or `[n, r, columns]`.
    public var columns: StoredTensorReference
    /// What the product is multiplied by.
    public var scale: Double
    /// The lengths that the rows of the sum are given, or its columns.
    public var magnitudes: StoredTensorReference?
    /// Whether the lengths are those of columns.
    public var scalesColumns: Bool

    /// Creates an update.
    public init(
        rows: StoredTensorReference,
        columns: StoredTensorReference,
        scale: Double,
        magnitudes: StoredTensorReference? = nil,
        scalesColumns: Bool = false
    ) {
        self.rows = rows
        self.columns = columns
        self.scale = scale
        self.magnitudes = magnitudes
        self.scalesColumns = scalesColumns
    }
}

extension LowRankUpdate {
    /// The columns of the first factor and rows of the second.
    public var rank: Int { rows.spec.shape.rowLength }

    /// The columns of the product.
    public var columnCount: Int { columns.spec.shape.rowLength }

    /// The rows of the product of each matrix.
    public var rowCount: Int { rows.spec.shape.dimensions.dropLast().last ?? 1 }

    /// The matrices of the stack; 1 where there is none.
    public var matrixCount: Int { rows.spec.shape.rank == 3 ? rows.spec.shape.dimensions[0] : 1 }
}

/// Several tensors merged by a method.
public struct BlendExpression: Hashable, Sendable {
    /// The merge method's name in the registry.
    public var method: String
    /// What is merged, in order, the base not among them.
    public var inputs: [TensorExpression]
    /// What task vectors are taken against, or the first end of an interpolation.
    public var base: TensorExpression?
    /// Parameters of the whole blend, resolved for this tensor.
    public var parameters: [String: Double]
    /// Each input's own parameters, resolved for this tensor.
    public var inputParameters: [[String: Double]]
    /// The node that asks for it; random numbers are drawn by seed, node, tensor and element.
    public var node: String

    /// Creates a blend.
    public init(
        method: String,
        inputs: [TensorExpression],
        base: TensorExpression? = nil,
        parameters: [String: Double] = [:],
        inputParameters: [[String: Double]] = [],
        node: String
    ) {
        self.method = method
        self.inputs = inputs
        self.base = base
        self.parameters = parameters
        self.inputParameters = inputParameters
        self.node = node
    }
}
