package import SutureKernels

/// Moves each element of the base toward the other model by at most `t`.
///
/// Elements nearer than `t` are swapped: `b + min(1, t/|x − b|)·(x − b)`.
package struct NearswapMerge: ElementwiseMerge {
    package static let descriptor = MergeDescriptor(
        name: "nearswap",
        title: "NearSwap",
        summary: "the base, moved toward another model where they are near",
        paper: .init(
            title: "QuartetAnemoi-70B-t0.0001",
            url: "https://huggingface.co/alchemonaut/QuartetAnemoi-70B-t0.0001"
        ),
        parameters: [.number("t", .global, in: 0 ... .infinity, usually: 0...5, "how far an element moves at most")],
        base: .required,
        inputs: 1...1,
        fragment: "blend: {method: nearswap, base: base, inputs: [a], params: {t: 0.0001}}"
    )

    private let t: Float

    package init(_ values: MergeValues, layout: MergeLayout, random: RandomKey) { t = Float(values.number("t")) }

    package func combine(_ block: inout MergeBlock, into output: inout MutableSpan<Float>) {
        let base = block.base
        let other = block.input(0)
        for i in output.indices {
            let difference = other[i] - base[i]
            let distance = abs(difference)
            output[i] = distance <= t ? other[i] : base[i] + (difference < 0 ? -t : t)
        }
    }
}
