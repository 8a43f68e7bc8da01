package import SutureKernels

/// Like ``RamMerge``, with what one input alone changed made larger the more that input shares with others.
///
/// An input's own changes are multiplied by `1 + r·min(S/U, alpha)`, where of its changes S are shared and U are not.
///
/// - mergekit writes float32 whatever the dtype of the merge; here the result has the dtype of the output.
package struct RamPlusMerge: MergeMethod {
    package static let descriptor = MergeDescriptor(
        name: "ramplus_tl",
        title: "Reinforced Agent Merging Plus (Tensor-Local)",
        summary: "changes of one model made larger by how much it shares, shared changes averaged",
        paper: .init(title: "Reinforced Agent Merging", url: "https://arxiv.org/abs/2601.13572"),
        parameters: [
            .number("r", .global, default: 0.1, "how strongly sharing makes own changes larger"),
            .number("alpha", .global, in: 0 ... .infinity, default: 0.2, "the largest ratio of sharing that counts"),
            .number("epsilon", .global, in: 0 ... .infinity, default: 1e-5, "the largest difference that is no change"),
        ],
        base: .required,
        inputs: 1 ... .max,
        fragment: "blend: {method: ramplus_tl, base: base, inputs: [a, b], params: {r: 0.1, alpha: 0.2}}"
    )

    private let r: Double
    private let alpha: Double
    private let epsilon: Double
    private let threshold: Float
    private let inputCount: Int

    /// What each input's own changes are multiplied by; `nil` until they are counted.
    package private(set) var factors: [Float]?

    package init(_ values: MergeValues, layout: MergeLayout, random: RandomKey) {
        self.init(values, layout, threshold: Float(values.number("epsilon")))
    }

    /// Creates the merge with the largest difference that is no change, rounded as it is compared.
    package init(_ values: MergeValues, _ layout: MergeLayout, threshold: Float) {
        r = values.number("r")
        alpha = values.number("alpha")
        epsilon = values.number("epsilon")
        self.threshold = threshold
        inputCount = layout.inputCount
    }

    package var usesDifferences: Bool { true }
    package var scratchRowCount: Int { 1 }
    package var maximumSurveyCount: Int { 1 }
    package var pendingSurvey: SurveyPass? { factors == nil ? SurveyPass(counters: 2 * inputCount) : nil }

    package func survey(
        _ block: inout MergeBlock,
        scratch: inout MergeScratch,
        adding statistics: inout MergeStatistics
    ) {
        countChanges(block, above: threshold, &scratch)
        let changes = scratch.row(0)
        for input in 0..<block.inputCount {
            let differences = block.input(input)
            var shared: Int32 = 0
            var own: Int32 = 0
            for i in differences.indices {
                let isChange = abs(differences[i]) > threshold
                shared &+= isChange && changes[i] > 1 ? 1 : 0
                own &+= isChange && changes[i] == 1 ? 1 : 0
            }
            statistics.counters[2 * input] += Int(shared)
            statistics.counters[2 * input + 1] += Int(own)
        }
    }

    package mutating func absorb(_ statistics: MergeStatistics) {
        factors = (0..<inputCount).map { input in
            let own = max(Double(statistics.counters[2 * input + 1]), epsilon)
            let ratio = own > 0 ? Double(statistics.counters[2 * input]) / own : 0
            return Float(1 + r * min(max(ratio, 0), alpha))
        }
    }

    package func combine(_ block: inout MergeBlock, scratch: inout MergeScratch, into output: inout MergeOutput) {
        countChanges(block, above: threshold, &scratch)
        addChanges(block, above: threshold, scratch, own: (factors ?? []).map { Double($0) }, into: &output)
    }
}
