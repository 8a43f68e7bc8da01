package import SutureKernels

/// A way to make one tensor of several.
///
/// A method sees blocks of `Float` and never files, dtypes or names. It is a value: it is made from the parameters
/// of one output tensor, learns what it must know of the whole tensor in zero or more passes, and then combines
/// blocks in any order and on any thread.
///
/// ```swift
/// var method = try SlerpMerge(parameters, layout: layout, random: key)
/// while let pass = method.pendingSurvey {
///     // method.survey(block, …, adding: &statistics) for every block, statistics folded in order
///     method.absorb(statistics)
/// }
/// method.combine(block, into: &output)  // for every block
/// ```
package protocol MergeMethod: Sendable {
    /// What a recipe must know to use the method.
    static var descriptor: MergeDescriptor { get }

    /// What its values tell of its result before a number is read.
    ///
    /// - Parameters:
    ///   - values: As a plan has them, names and ranges checked.
    ///   - version: The release of mergekit whose numbers are wanted; `nil` for the documented ones.
    /// - Returns: No more than holds to the last bit of any tensors.
    static func algebra(of values: MergeParameters, in version: MergekitVersion?) -> MergeAlgebra

    /// Creates the method from the parameters of one output tensor.
    ///
    /// - Parameters:
    ///   - parameters: The values of one output tensor.
    ///   - layout: The tensor's shape and the number of inputs.
    ///   - random: Where random numbers come from, for methods that draw them.
    /// - Throws: ``MergeParameterError`` when the method does not take the values or the inputs.
    init(_ parameters: MergeParameters, layout: MergeLayout, random: RandomKey) throws(MergeParameterError)

    /// What the edges of a block must keep together.
    var granularity: MergeGranularity { get }

    /// Whether its inputs are handed over with the base taken away from them.
    var usesDifferences: Bool { get }

    /// How many rows of scratch it wants for a block.
    var scratchRowCount: Int { get }

    /// The most passes over the tensor that it may ask for before it can combine.
    var maximumSurveyCount: Int { get }

    /// The bytes that its largest pass needs for statistics, in each worker.
    var statisticsByteCount: Int { get }

    /// The bytes of what a pass collects from all workers together, which may grow with the tensor.
    var collectedByteCount: Int { get }

    /// The next pass it needs, or `nil` when it can combine.
    var pendingSurvey: SurveyPass? { get }

    /// Decisions that may change this very tensor, as far as its values and its layout tell.
    var possibleDecisions: [MergeDecision] { get }

    /// Decisions of the descriptor that change this very tensor: here its result is not mergekit's.
    var appliedDecisions: [MergeDecision] { get }

    /// Adds what one block tells to the statistics of the pending pass.
    ///
    /// - Parameters:
    ///   - block: The inputs; their numbers may be overwritten.
    ///   - scratch: ``scratchRowCount`` rows of the block's length, holding anything.
    ///   - statistics: What the block's chunk has told so far.
    func survey(_ block: inout MergeBlock, scratch: inout MergeScratch, adding statistics: inout MergeStatistics)

    /// Takes what the pending pass learned; after it comes the next pass, or none.
    mutating func absorb(_ statistics: MergeStatistics)

    /// Writes the merged block.
    ///
    /// - Parameters:
    ///   - block: The inputs; their numbers may be overwritten.
    ///   - scratch: ``scratchRowCount`` rows of the block's length, holding anything.
    ///   - output: As long as the block, holding anything.
    func combine(_ block: inout MergeBlock, scratch: inout MergeScratch, into output: inout MutableSpan<Float>)
}

/// What the edges of a block must keep together.
package enum MergeGranularity: Hashable, Sendable {
    /// Nothing: a block may start and end anywhere.
    case elements

    /// Rows: a block is whole rows.
    case rows

    /// The tensor: it is one block, for that reason.
    case wholeTensor(reason: String)
}

extension MergeMethod {
    package static func algebra(of values: MergeParameters, in version: MergekitVersion?) -> MergeAlgebra {
        MergeAlgebra()
    }

    package var granularity: MergeGranularity { .elements }
    package var usesDifferences: Bool { false }
    package var scratchRowCount: Int { 0 }
    package var maximumSurveyCount: Int { 0 }
    package var statisticsByteCount: Int { 0 }
    package var collectedByteCount: Int { 0 }
    package var pendingSurvey: SurveyPass? { nil }
    package var possibleDecisions: [MergeDecision] { Self.descriptor.ownDecisions }
    package var appliedDecisions: [MergeDecision] { [] }

    package func survey(
        _ block: inout MergeBlock,
        scratch: inout MergeScratch,
        adding statistics: inout MergeStatistics
    ) {}

    package mutating func absorb(_ statistics: MergeStatistics) {}
}
