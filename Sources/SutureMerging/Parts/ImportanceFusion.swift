package import SutureKernels

/// Takes from the second input the elements whose importance is at least `median + 1.5·(Q3 − Q1)` of the tensor's.
///
/// An element's importance is its difference times the divergence of its row.
package struct ImportanceFusion: TensorMerge {
    private enum Stage: Sendable {
        case divergences
        case selecting(MagnitudeSelection)
        case done
    }

    private let layout: MergeLayout
    private let isSigned: Bool
    private let rounding: StepRounding
    private let divergence: @Sendable (Span<Float>, Span<Float>) -> Double
    private var stage = Stage.divergences
    private var divergences: [Float] = []
    private var threshold: Float = 0

    /// Creates a fusion.
    ///
    /// - Parameters:
    ///   - layout: The tensor.
    ///   - isSigned: Whether divergences may be negative; then so is importance, and its quartiles are looked for above
    ///     zero and below.
    ///   - rounding: The rounding after each step.
    ///   - divergence: How far a row of the second input is from that of the first.
    package init(
        _ layout: MergeLayout,
        isSigned: Bool = false,
        _ rounding: StepRounding = .none,
        divergence: @escaping @Sendable (_ row: Span<Float>, _ base: Span<Float>) -> Double
    ) {
        self.layout = layout
        self.isSigned = isSigned
        self.rounding = rounding
        self.divergence = divergence
    }

    package var granularity: MergeGranularity { .rows }
    package var scratchRowCount: Int { sideCount }
    package var maximumSurveyCount: Int { 1 + MagnitudeSelection.maximumPassCount(ranks: 3 * sideCount) }

    package var collectedByteCount: Int {
        MagnitudeSelection.collectedByteCount(ranks: 3 * sideCount, elementCount: layout.elementCount)
    }

    package var statisticsByteCount: Int {
        MagnitudeSelection.byteCount(tensors: sideCount, ranks: 3 * sideCount)
            + layout.rowCount * MemoryLayout<Double>.stride
    }

    private var sideCount: Int { isSigned ? 2 : 1 }

    package var pendingSurvey: SurveyPass? {
        switch stage {
        case .divergences: SurveyPass()
        case .selecting(let selection): selection.pending
        case .done: nil
        }
    }

    package func survey(
        _ block: inout MergeBlock,
        scratch: inout MergeScratch,
        adding statistics: inout MergeStatistics
    ) {
        switch stage {
        case .divergences:
            for start in stride(from: 0, to: block.count, by: layout.rowLength) {
                let row = start..<min(start + layout.rowLength, block.count)
                let (other, base) = (block.input(1).extracting(row), block.input(0).extracting(row))
                statistics.records.append(divergence(other, base))
            }
        case .selecting(let selection):
            findImportance(block, &scratch)
            if isSigned { splitImportance(&scratch) }
            for side in 0..<sideCount {
                selection.survey(scratch.row(side), of: side, at: block.elements, adding: &statistics)
            }
        case .done: break
        }
    }

    package mutating func absorb(_ statistics: MergeStatistics) {
        switch stage {
        case .divergences:
            divergences = statistics.records.map { Float($0) }
            let places = [0.25, 0.5, 0.75].map { Int($0 * Float(max(0, layout.elementCount - 1))) }
            let above = places.map { (tensor: 0, rank: layout.elementCount - $0) }
            let below = isSigned ? places.map { (tensor: 1, rank: min(layout.elementCount, $0 + 1)) } : []
            stage = .selecting(
                MagnitudeSelection(
                    ranks: above + below,
                    tensorCount: sideCount,
                    elementCount: layout.elementCount,
                    needsIndices: false
                )
            )
            finishSelection()
        case .selecting(var selection):
            selection.absorb(statistics)
            stage = .selecting(selection)
            finishSelection()
        case .done: break
        }
    }

    private mutating func finishSelection() {
        guard case .selecting(let selection) = stage, selection.isDone else { return }
        let sizes = selection.cuts.map { Float(bitPattern: $0.magnitude) }
        let quartiles = (0..<3).map { sizes[$0] > 0 || !isSigned ? sizes[$0] : -sizes[$0 + 3] }
        threshold = rounding(quartiles[1] + rounding(rounding(quartiles[2] - quartiles[0]) * 1.5))
        stage = .done
    }

    private func findImportance(_ block: borrowing MergeBlock, _ scratch: inout MergeScratch) {
        let (a, b) = (block.input(0), block.input(1))
        var importance = scratch.mutableRow(0)
        var row = block.elements.lowerBound / layout.rowLength
        for start in stride(from: 0, to: block.count, by: layout.rowLength) {
            let divergence = row < divergences.count ? divergences[row] : 0
            for i in start..<min(start + layout.rowLength, block.count) {
                importance[i] = rounding(abs(rounding(b[i] - a[i])) * divergence)
            }
            row += 1
        }
    }

    /// Leaves importance above zero in the first row of scratch, and moves that below to the second.
    private func splitImportance(_ scratch: inout MergeScratch) {
        scratch.withRows(reading: 0, writing: 1) { importance, negative in
            for i in importance.indices { negative[i] = min(importance[i], 0) }
        }
        var positive = scratch.mutableRow(0)
        for i in positive.indices { positive[i] = max(positive[i], 0) }
    }

    package func combine(_ block: inout MergeBlock, scratch: inout MergeScratch, into output: inout MergeOutput) {
        findImportance(block, &scratch)
        let importance = scratch.row(0)
        let (a, b) = (block.input(0), block.input(1))
        for i in output.indices {
            output[i] = importance[i] >= threshold ? (rounding == .none ? b[i] : a[i] + rounding(b[i] - a[i])) : a[i]
        }
    }
}
