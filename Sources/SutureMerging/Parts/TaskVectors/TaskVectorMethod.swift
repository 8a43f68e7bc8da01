import SutureKernels

/// A method of the task-arithmetic family: its descriptor and its parameters are all that is its own.
protocol TaskVectorMethod: MergeMethod {
    /// What does the work.
    var taskVectors: TaskVectors { get set }
}

extension TaskVectorMethod {
    package var granularity: MergeGranularity { taskVectors.thinning.needsRows ? .rows : .elements }
    package var usesDifferences: Bool { true }
    package var scratchRowCount: Int { taskVectors.scratchRowCount }
    package var maximumSurveyCount: Int { taskVectors.thinning.maximumSurveyCount }
    package var statisticsByteCount: Int { taskVectors.thinning.statisticsByteCount }

    package var collectedByteCount: Int { taskVectors.thinning.collectedByteCount }
    package var pendingSurvey: SurveyPass? { taskVectors.thinning.pending }
    package var possibleDecisions: [MergeDecision] { taskVectors.appliedDecisions }
    package var appliedDecisions: [MergeDecision] { taskVectors.appliedDecisions }

    package func survey(
        _ block: inout MergeBlock,
        scratch: inout MergeScratch,
        adding statistics: inout MergeStatistics
    ) {
        taskVectors.survey(&block, &scratch, adding: &statistics)
    }

    package mutating func absorb(_ statistics: MergeStatistics) { taskVectors.absorb(statistics) }

    package func combine(
        _ block: inout MergeBlock,
        scratch: inout MergeScratch,
        into output: inout MutableSpan<Float>
    ) {
        taskVectors.combine(&block, &scratch, into: &output)
    }
}

extension [MergeParameter] {
    /// The parameters of a method of the family, with the defaults that it does not share.
    static func taskVectors(
        normalize: Bool = false,
        rescale: Bool? = nil,
        thinned: Bool = true,
        _ own: [MergeParameter] = []
    ) -> [MergeParameter] {
        var all: [MergeParameter] = [
            .number("weight", .perInput, usually: -5...5, "how much an input's difference from the base counts")
        ]
        if thinned {
            all.append(
                .number("density", .perInput, in: 0...1, default: 1, "which part of an input's differences is kept")
            )
        }
        all += own
        all.append(
            .number("lambda", .global, usually: -5...5, default: 1, "what the summed differences are multiplied by")
        )
        all.append(.flag("normalize", default: normalize, "divide by the sum of the weights"))
        if let rescale {
            all.append(.flag("rescale", default: rescale, "restore the size that the differences had before thinning"))
        }
        return all
    }
}
