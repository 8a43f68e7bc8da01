package import SutureKernels
package import SutureMerging
package import SutureTensors

/// What mergekit computes otherwise than documented, release by release.
package struct Mergekit: MergeEmulation {
    /// Its releases, the oldest first.
    package static let releases: [MergeRelease] = [.mergekit014, .mergekit015]

    /// The newest release that is known.
    package static let newest = MergeRelease.mergekit015

    /// Creates the emulation.
    package init() {}

    package var releases: [MergeRelease] { Self.releases }
    package var doubles: MergeDecision { .float64Steps }

    package func decisions(on method: any MergeMethod.Type) -> [MergeDecision] {
        method.descriptor.decisions + (MergekitMethod.of(method)?.decisions ?? [])
    }

    package func departures(from decision: MergeDecision) -> [MergeDeparture] { Self.departures[decision.id] ?? [] }

    /// The dtype that holds what all models hold.
    ///
    /// Until 0.1.4 the task-arithmetic family cast all to the base's, and what is merged with nothing was given back as it
    /// is.
    package func workingDType(
        of method: any MergeMethod.Type,
        in release: MergeRelease,
        base: DType?,
        inputs: [DType]
    ) -> DType {
        if release == .mergekit014 {
            if let base, method is any TaskVectorMethod.Type { return base }
            if method is MultiSlerpMerge.Type, inputs.count == 1 { return inputs[0] }
        }
        let all = (base.map { [$0] } ?? []) + inputs
        guard let first = all.first else { return .float32 }
        return all.dropFirst().reduce(first) { a, b in
            if a == b { return a }
            return a.bitWidth == b.bitWidth ? .float32 : (a.bitWidth > b.bitWidth ? a : b)
        }
    }

    /// Until 0.1.4, of an interpolation in float32 the result is cast to the dtype of its first end.
    package func resultDType(
        of method: any MergeMethod.Type,
        in release: MergeRelease,
        base: DType?,
        inputs: [DType]
    ) -> DType {
        if release == .mergekit014, method.descriptor.base == .firstInput { return inputs[0] }
        return workingDType(of: method, in: release, base: base, inputs: inputs)
    }

    package func writesFloat32(_ method: any MergeMethod.Type) -> Bool {
        MergekitMethod.of(method)?.decisions.contains(.float32Output) ?? false
    }

    /// What is documented, but that a weight is multiplied by and then divided by, which leaves its rounding there.
    package func algebra(of method: any MergeMethod.Type, _ values: MergeParameters) -> MergeAlgebra {
        var algebra = method.algebra(of: values)
        if method is LinearMerge.Type, let input = algebra.multiple?.input, values.inputs[input]["weight"] != 1 {
            algebra.multiple = nil
        }
        return algebra
    }

    package func make(
        _ method: any MergeMethod.Type,
        in release: MergeRelease,
        _ values: MergeValues,
        layout: MergeLayout,
        random: RandomKey,
        _ rounding: StepRounding
    ) throws(MergeParameterError) -> any TensorMerge {
        let steps = MergekitSteps(isOld: release == .mergekit014, rounding: rounding)
        if let family = method as? any TaskVectorMethod.Type {
            return try MergekitTaskVectors(family, values, layout, random, steps)
        }
        if let own = MergekitMethod.of(method)?.make(values, layout, steps) { return own }
        return try method.init(values, layout: layout, random: random)
    }
}

/// In which steps a release computes.
struct MergekitSteps: Sendable {
    /// Whether the release is 0.1.4.
    let isOld: Bool

    /// The rounding after each step.
    let rounding: StepRounding
}
