import SutureTensors

/// What evaluating one tensor takes, known from its tree alone.
package struct MergeCost: Hashable, Sendable {
    /// The most passes over some or all of the sources before the first block of the result.
    package let surveyCount: Int

    /// The most stored bytes that are read, over all passes.
    package let readByteCount: Int

    /// The bytes that each worker needs: a block of each source and rows of numbers.
    package let workspaceByteCount: Int

    /// The bytes of statistics that each worker needs while surveying.
    package let statisticsByteCount: Int

    /// The bytes that a survey collects from all workers together.
    package let collectedByteCount: Int

    /// Ranges to evaluate that start at multiples of it waste nothing.
    package let granule: Int

    /// Why a block is the whole tensor, where it is.
    package let wholeTensorReason: String?

    init(_ program: MergeProgram, _ cutting: BlockCutting) {
        func bytes(_ steps: Range<Int>) -> Int {
            var seen: Set<Int> = []
            return program.steps[steps].reduce(into: 0) { total, step in
                guard case .load(let leaf) = step.work, seen.insert(leaf).inserted else { return }
                total += program.leaves[leaf].block.bytes(of: step.elements).count
            }
        }
        surveyCount = program.blends.reduce(0) { $0 + $1.method.maximumSurveyCount }
        readByteCount = program.blends.reduce(bytes(0..<program.steps.count)) { total, blend in
            let (passes, isTooMuch) = blend.method.maximumSurveyCount.multipliedReportingOverflow(
                by: bytes(blend.steps)
            )
            let (sum, overflows) = total.addingReportingOverflow(passes)
            return isTooMuch || overflows ? .max : sum
        }
        wholeTensorReason =
            program.blends.lazy.compactMap {
                guard case .wholeTensor(let reason) = $0.method.granularity else { return nil }
                return reason
            }.first
        workspaceByteCount =
            program.rowCount * cutting.tileCount * 4
            + program.leaves.reduce(0) { $0 + $1.block.bytes(of: 0..<cutting.blockCount).count }
            // Of n workers' windows, each may end one tensor and begin another, and of both the result is kept.
            + (wholeTensorReason == nil ? 0 : 2 * program.elementCount * MemoryLayout<Double>.stride)
        statisticsByteCount = program.blends.map { $0.method.statisticsByteCount }.max() ?? 0
        collectedByteCount = program.blends.map { $0.method.collectedByteCount }.max() ?? 0
        granule = cutting.granule
    }
}
