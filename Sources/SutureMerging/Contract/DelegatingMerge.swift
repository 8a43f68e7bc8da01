/// A merge whose work another does; what it does otherwise, it says itself.
package protocol DelegatingMerge: TensorMerge {
    /// The kind of the other.
    associatedtype Work: TensorMerge

    /// The other.
    var work: Work { get set }
}

extension DelegatingMerge {
    package var granularity: MergeGranularity { work.granularity }
    package var usesDifferences: Bool { work.usesDifferences }
    package var scratchRowCount: Int { work.scratchRowCount }
    package var maximumSurveyCount: Int { work.maximumSurveyCount }
    package var statisticsByteCount: Int { work.statisticsByteCount }
    package var collectedByteCount: Int { work.collectedByteCount }
    package var pendingSurvey: SurveyPass? { work.pendingSurvey }
    package var possibleDecisions: [MergeDecision] { work.possibleDecisions }
    package var appliedDecisions: [MergeDecision] { work.appliedDecisions }

    package func survey(
        _ block: inout MergeBlock,
        scratch: inout MergeScratch,
        adding statistics: inout MergeStatistics
    ) {
        work.survey(&block, scratch: &scratch, adding: &statistics)
    }

    package mutating func absorb(_ statistics: MergeStatistics) { work.absorb(statistics) }

    package func combine(_ block: inout MergeBlock, scratch: inout MergeScratch, into output: inout MergeOutput) {
        work.combine(&block, scratch: &scratch, into: &output)
    }
}
