package import SutureKernels
package import SutureTensors

/// How one output tensor is made of stored tensors: a value that a planner builds and a plan keeps.
///
/// Sources are numbers; whoever evaluates the tree says what they are. All nodes have the shape of the whole tree,
/// but what lies under ``rows(_:of:then:)`` has fewer rows.
package indirect enum MergeTree: Hashable, Sendable {
    /// A stored tensor.
    case source(Int, DType)

    /// One number everywhere.
    case fill(Double)

    /// A multiple of a tree.
    case scale(MergeTree, by: Double)

    /// A tree rounded to a dtype, as where a stage of a recipe is written and read again.
    case round(MergeTree, to: DType)

    /// Trees merged by a method.
    case blend(MergeBlend)

    /// The first rows of one tree, and from there on the rows of another: embeddings of different heights.
    case rows(Int, of: MergeTree, then: MergeTree)
}

/// Trees merged by a method of the registry.
package struct MergeBlend: Hashable, Sendable {
    /// The method's name in ``MergeRegistry``.
    package var method: String

    /// What is merged, in the order of the recipe.
    package var inputs: [MergeTree]

    /// The base, where there is one beside the inputs.
    package var base: MergeTree?

    /// The method's values for this tensor.
    package var parameters: MergeParameters

    /// Where its random numbers come from.
    package var random: RandomKey

    /// Creates a blend.
    package init(
        _ method: String,
        of inputs: [MergeTree],
        base: MergeTree? = nil,
        _ parameters: MergeParameters,
        random: RandomKey
    ) {
        self.method = method
        self.inputs = inputs
        self.base = base
        self.parameters = parameters
        self.random = random
    }
}

/// Why a tree cannot be evaluated.
package enum MergeTreeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// No method has that name.
    case unknownMethod(String)

    /// A method does not take what it was given.
    case parameters(MergeParameterError)

    /// A stored tensor holds no numbers that can be blended.
    case notBlendable(DType, source: Int)

    /// A cut between rows, or the tensor's end, lies inside a block of that stored tensor's numbers.
    case cutBlock(DType, source: Int, element: Int)

    /// A row count that is not between nothing and all rows, or a tree without rows.
    case rows(Int, of: Shape)

    /// The shape has more elements than can be counted.
    case tooLarge(Shape)

    /// Blends are nested deeper than ``deepest``.
    case tooDeep

    /// The deepest nesting of nodes.
    package static let deepest = 200

    /// The error in words.
    package var description: String {
        switch self {
        case .unknownMethod(let name): "no merge method is called '\(name)'"
        case .parameters(let error): error.description
        case .notBlendable(let dtype, _): "numbers stored as \(dtype.rawValue) cannot be blended"
        case .cutBlock(let dtype, _, let element):
            "element \(element), where a part begins or ends, lies inside a block of \(dtype.block.elementCount) numbers of "
                + dtype.rawValue
        case .rows(let rows, let shape): "\(rows) common rows do not fit a tensor of shape \(shape)"
        case .tooLarge(let shape): "a tensor of shape \(shape) is larger than can be counted"
        case .tooDeep: "the tensor's expression is nested more than \(Self.deepest) deep"
        }
    }
}
