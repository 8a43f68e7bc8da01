package import SutureKernels

/// A way to make one tensor of several, by the name that recipes give it.
package protocol MergeMethod: TensorMerge {
    /// What a recipe must know to use the method.
    static var descriptor: MergeDescriptor { get }

    /// What its values tell of its result before a number is read.
    ///
    /// - Parameter values: As a plan has them, names and ranges checked.
    /// - Returns: No more than holds to the last bit of any tensors.
    static func algebra(of values: MergeParameters) -> MergeAlgebra

    /// Creates the method's merging of one output tensor.
    ///
    /// - Parameters:
    ///   - values: Its values, names and ranges checked and defaults filled in.
    ///   - layout: The tensor's shape and the number of inputs.
    ///   - random: Where random numbers come from, for methods that draw them.
    /// - Throws: ``MergeParameterError`` when the method does not take values that are each allowed together.
    init(_ values: MergeValues, layout: MergeLayout, random: RandomKey) throws(MergeParameterError)
}

/// The merging of one tensor.
///
/// It sees blocks of `Float` and never files, dtypes or names. It is a value: it learns what it must know of the whole
/// tensor in zero or more passes, and then combines blocks in any order and on any thread.
///
/// ```swift
/// var merge = try SlerpMerge(values, layout: layout, random: key)
/// while let pass = merge.pendingSurvey {
///     // merge.survey(block, …, adding: &statistics) for every block, statistics folded in order
///     merge.absorb(statistics)
/// }
/// merge.combine(block, …, into: &output)  // for every block
/// ```
package protocol TensorMerge: Sendable {
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

    /// Decisions that change this very tensor; complete when nothing is pending.
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
    func combine(_ block: inout MergeBlock, scratch: inout MergeScratch, into output: inout MergeOutput)
}

/// Where the numbers of a merged block are written.
package typealias MergeOutput = MutableSpan<Float>

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
    package static func algebra(of values: MergeParameters) -> MergeAlgebra { MergeAlgebra() }

    package var possibleDecisions: [MergeDecision] { Self.descriptor.decisions }
}

extension TensorMerge {
    package var granularity: MergeGranularity { .elements }
    package var usesDifferences: Bool { false }
    package var scratchRowCount: Int { 0 }
    package var maximumSurveyCount: Int { 0 }
    package var statisticsByteCount: Int { 0 }
    package var collectedByteCount: Int { 0 }
    package var pendingSurvey: SurveyPass? { nil }
    package var possibleDecisions: [MergeDecision] { [] }
    package var appliedDecisions: [MergeDecision] { [] }

    package func survey(
        _ block: inout MergeBlock,
        scratch: inout MergeScratch,
        adding statistics: inout MergeStatistics
    ) {}

    package mutating func absorb(_ statistics: MergeStatistics) {}
}

/// A method that computes each element from those in its place, and needs no room for anything.
package protocol ElementwiseMerge: MergeMethod {
    /// Writes the merged block.
    func combine(_ block: inout MergeBlock, into output: inout MergeOutput)
}

extension ElementwiseMerge {
    package func combine(_ block: inout MergeBlock, scratch: inout MergeScratch, into output: inout MergeOutput) {
        combine(&block, into: &output)
    }
}
