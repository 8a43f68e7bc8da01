package import SutureKernels

/// Takes from the second model the elements that matter most: large differences in rows whose softmax moved far.
///
/// An element's importance is its difference times the divergence of its row; it is taken where that is at least
/// `median + 1.5·(Q3 − Q1)` of the tensor's.
///
/// - The quartiles are those of all elements. mergekit takes two random samples of a million of them.
/// - mergekit writes float32 whatever the dtype of the merge; here the result has the dtype of the output.
/// - Of embeddings with different numbers of rows, common rows are blended and the others kept. mergekit cuts them off.
package struct ArceeFusionMerge: MergeMethod, DelegatingMerge {
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
        decisions: [sampling],
        fragment: "blend: {method: arcee_fusion, inputs: [base, a]}"
    )

    /// Of which elements the quartiles are.
    package static let sampling = MergeDecision(
        "arcee-sampling",
        documented: "the quartiles are those of all elements"
    )

    package var work: ImportanceFusion
    package let appliedDecisions: [MergeDecision]

    package init(_ values: MergeValues, layout: MergeLayout, random: RandomKey) {
        self.init(layout, ImportanceFusion(layout, divergence: { max(0, softmaxDivergence(of: $0, from: $1)) }))
    }

    /// Creates the merge of a tensor by one way of weighing importance.
    package init(_ layout: MergeLayout, _ work: ImportanceFusion) {
        self.work = work
        appliedDecisions = layout.elementCount > 1_000_000 ? [Self.sampling] : []
    }

    package var possibleDecisions: [MergeDecision] { appliedDecisions }
}
