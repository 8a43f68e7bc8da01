package import SutureKernels

/// Takes from the second model the elements that matter most: large differences in rows whose softmax moved far.
///
/// An element's importance is its difference times the divergence of its row; it is taken where that is at least
/// `median + 1.5·(Q3 − Q1)` of the tensor's.
///
/// - The quartiles are those of all elements. mergekit takes two random samples of a million of them.
/// - mergekit writes float32 whatever the dtype of the merge; here the result has the dtype of the output.
/// - Of embeddings with different numbers of rows, common rows are blended and the others kept. mergekit cuts them off.
package struct ArceeFusionMerge: MergeMethod {
    package static let descriptor = MergeDescriptor(
        name: "arcee_fusion",
        title: "Arcee Fusion",
        summary: "the most important changes of one model on top of another",
        paper: .init(
            title: "Arcee Fusion",
            url:
                "https://www.arcee.ai/blog/meet-mergekit-v0-1-arcee-fusion-expanded-model-support-multi-gpu-acceleration"
        ),
        base: .firstInput,
        inputs: 2...2,
        decisions: [sampling, .float32Output, .rowsCut],
        fragment: """
            blend: {method: arcee_fusion, inputs: [base, a]}
            """
    )

    private static let sampling = MergeDecision(
        "arcee-sampling",
        mergekit: "the quartiles of more than a million elements are those of random samples",
        documented: "the quartiles are those of all elements",
        isReproducible: false
    )

    private enum Stage: Sendable {
        case divergences
        case selecting(MagnitudeSelection)
        case done
    }

    private let isMergekit: Bool
    private let rounding: StepRounding
    private let layout: MergeLayout
    private var stage = Stage.divergences
    private var divergences: [Float] = []
    private var threshold: Float = 0
    package private(set) var appliedDecisions: [MergeDecision] = []

    package init(
        _ parameters: MergeParameters,
        layout: MergeLayout,
        random: RandomKey
    ) throws(MergeParameterError) {
        _ = try CheckedParameters(parameters, of: Self.descriptor, layout)
        isMergekit = parameters.compatibility.isMergekit
        rounding = parameters.compatibility.rounding
        self.layout = layout
        if layout.elementCount > 1_000_000 { appliedDecisions = [Self.sampling] }
    }

    package var granularity: MergeGranularity { .rows }
    package var scratchRowCount: Int { 1 }
    package var maximumSurveyCount: Int { 3 }

    package var statisticsByteCount: Int {
        MagnitudeSelection.byteCount(tensors: 1, ranks: 3) + layout.rowCount * MemoryLayout<Double>.stride
    }

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
                statistics.records.append(
                    isMergekit
                        ? Double(softmaxDivergence(of: other, from: base, steps: rounding))
                        : softmaxDivergence(of: other, from: base)
                )
            }
        case .selecting(let selection):
            findImportance(block, &scratch)
            selection.survey(scratch.row(0), of: 0, at: block.elements, adding: &statistics)
        case .done: break
        }
    }

    package mutating func absorb(_ statistics: MergeStatistics) {
        switch stage {
        case .divergences:
            // A divergence is never negative but for rounding.
            divergences = statistics.records.map { Float(max(0, $0)) }
            stage = .selecting(
                MagnitudeSelection(
                    ranks: [0.25, 0.5, 0.75].map { (0, rank(of: $0)) },
                    tensorCount: 1,
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

    /// How many elements are at least as large as the one that stands at a part of the ascending order.
    private func rank(of part: Float) -> Int {
        layout.elementCount - Int(part * Float(max(0, layout.elementCount - 1)))
    }

    private mutating func finishSelection() {
        guard case .selecting(let selection) = stage, selection.isDone else { return }
        let quartiles = selection.cuts.map { Float(bitPattern: $0.magnitude) }
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

    package func combine(
        _ block: inout MergeBlock,
        scratch: inout MergeScratch,
        into output: inout MutableSpan<Float>
    ) {
        findImportance(block, &scratch)
        let importance = scratch.row(0)
        let (a, b) = (block.input(0), block.input(1))
        for i in output.indices {
            output[i] = importance[i] >= threshold ? (rounding == .none ? b[i] : a[i] + rounding(b[i] - a[i])) : a[i]
        }
    }
}
