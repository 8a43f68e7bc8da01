package import SutureKernels

/// Moves each element of the base toward the other model by at most `t`.
///
/// Elements nearer than `t` are swapped: `b + min(1, t/|x − b|)·(x − b)`.
package struct NearswapMerge: MergeMethod {
    package static let descriptor = MergeDescriptor(
        name: "nearswap",
        title: "NearSwap",
        summary: "the base, moved toward another model where they are near",
        paper: .init(
            title: "QuartetAnemoi-70B-t0.0001",
            url: "https://huggingface.co/alchemonaut/QuartetAnemoi-70B-t0.0001"
        ),
        parameters: [
            .number("t", .global, in: 0 ... .infinity, usually: 0...5, "how far an element moves at most")
        ],
        base: .required,
        inputs: 1...1,
        decisions: [.rowsStop],
        fragment: """
            blend: {method: nearswap, base: base, inputs: [a], params: {t: 0.0001}}
            """
    )

    private let t: Float
    private let isMergekit: Bool
    private let rounding: StepRounding

    package init(
        _ parameters: MergeParameters,
        layout: MergeLayout,
        random: RandomKey
    ) throws(MergeParameterError) {
        t = Float(try CheckedParameters(parameters, of: Self.descriptor, layout).number("t"))
        isMergekit = parameters.compatibility.isMergekit
        rounding = parameters.compatibility.rounding
    }

    package func combine(
        _ block: inout MergeBlock,
        scratch: inout MergeScratch,
        into output: inout MutableSpan<Float>
    ) {
        let base = block.base
        let other = block.input(0)
        guard isMergekit else {
            for i in output.indices {
                let difference = other[i] - base[i]
                let distance = abs(difference)
                output[i] = distance <= t ? other[i] : base[i] + (difference < 0 ? -t : t)
            }
            return
        }
        let least = rounding(1e-6 as Float)
        for i in output.indices {
            let distance = rounding(abs(rounding(base[i] - other[i])))
            let weight = rounding(rounding(1 / (distance > least ? distance : least)) * t)
            let clamped = weight > 1 ? 1 : (weight < 0 ? 0 : weight)
            output[i] = rounding(clamped * other[i]) + rounding(rounding(1 - clamped) * base[i])
        }
    }
}
