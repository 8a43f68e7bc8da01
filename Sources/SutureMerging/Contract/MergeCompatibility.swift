import SutureKernels
package import SutureTensors

/// Whose meaning and whose rounding a blend follows.
package enum MergeCompatibility: Hashable, Sendable {
    /// The documented meaning, in float32, rounded once at the end.
    case documented

    /// A release of mergekit's numbers, defects and all, rounded at each step to the dtype in which it computes.
    ///
    /// That dtype is the merge's `dtype`, or where it has none follows from those of what is merged
    /// (``workingDType(of:in:requested:base:inputs:)``).
    case mergekit(MergekitVersion, DType)

    /// The dtype in which a release of mergekit computes.
    ///
    /// Without a `dtype` it is the one that holds what all models hold. Until 0.1.4 the task-arithmetic family cast all
    /// to the base's, and what is merged with nothing was given back as it is.
    package static func workingDType(
        of method: String,
        in version: MergekitVersion,
        requested: DType?,
        base: DType?,
        inputs: [DType]
    ) -> DType {
        if let requested { return requested }
        if version == .v014 {
            if let base, MergeRegistry[named: method] is any TaskVectorMethod.Type { return base }
            if method == MultiSlerpMerge.descriptor.name, inputs.count == 1 { return inputs[0] }
        }
        let all = (base.map { [$0] } ?? []) + inputs
        guard let first = all.first else { return .float32 }
        return all.dropFirst().reduce(first) { a, b in
            if a == b { return a }
            return a.bitWidth == b.bitWidth ? .float32 : (a.bitWidth > b.bitWidth ? a : b)
        }
    }

    /// The release whose numbers are asked for, where one's are.
    package var version: MergekitVersion? {
        if case .mergekit(let version, _) = self { version } else { nil }
    }

    /// Whether mergekit's numbers are asked for.
    package var isMergekit: Bool { version != nil }

    /// The rounding after each step: mergekit's, or none.
    var rounding: StepRounding {
        switch self {
        case .documented: .none
        case .mergekit(_, let dtype): StepRounding(dtype)
        }
    }
}
