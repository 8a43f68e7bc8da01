package import SutureKernels

/// Gives the first tensor the mean length of the others, which averaging takes from it.
///
/// The first input is a tensor or another blend, so it wraps any method; the others, and the base where there is one,
/// are the measure. A first tensor of zeros stays as it is.
package struct RescaleNormMerge: MergeMethod {
    package static let descriptor = MergeDescriptor(
        name: "rescale_norm",
        title: "Rescale to Norm",
        summary: "a tensor with the mean length of others, around any blend",
        parameters: [
            .number("strength", .global, in: 0...1, default: 1, "0 leaves the length as it is, 1 gives the others'")
        ],
        base: .optional,
        inputs: 1 ... .max,
        fragment: "blend: {method: rescale_norm, inputs: [merged, a, b]}"
    )

    private let strength: Double
    private let layout: MergeLayout
    private var factor: Double?

    package init(_ values: MergeValues, layout: MergeLayout, random: RandomKey) {
        strength = values.number("strength")
        self.layout = layout
        if layout.inputCount == 1, !layout.hasBase { factor = 1 }
    }

    package var maximumSurveyCount: Int { factor == nil ? 1 : 0 }
    package var pendingSurvey: SurveyPass? { factor == nil ? SurveyPass(sums: measures.count + 1) : nil }

    /// The inputs that are measured, after the first; the base has the number behind the last.
    private var measures: Range<Int> { 1..<(layout.inputCount + (layout.hasBase ? 1 : 0)) }

    package func survey(
        _ block: inout MergeBlock,
        scratch: inout MergeScratch,
        adding statistics: inout MergeStatistics
    ) {
        for input in 0..<block.inputCount { statistics.sums[input] += dot(block.input(input), block.input(input)) }
        if block.hasBase { statistics.sums[block.inputCount] += dot(block.base, block.base) }
    }

    package mutating func absorb(_ statistics: MergeStatistics) {
        let lengths = statistics.sums.map { $0.squareRoot() }
        let mean = measures.reduce(0) { $0 + lengths[$1] } / Double(max(1, measures.count))
        factor = lengths[0] > 0 ? 1 + strength * (mean / lengths[0] - 1) : 1
    }

    package func combine(_ block: inout MergeBlock, scratch: inout MergeScratch, into output: inout MergeOutput) {
        copy(block.input(0), to: &output)
        scale(&output, by: Float(factor ?? 1))
    }
}
