import SutureKernels
import SutureMerging

/// How mergekit has one of the methods.
struct MergekitMethod: Sendable {
    /// Makes the merging of a tensor; `nil` where it is the documented one.
    typealias Maker = @Sendable (MergeValues, MergeLayout, MergekitSteps) -> (any TensorMerge)?

    /// Where it differs in what a method never sees.
    let decisions: [MergeDecision]

    let make: Maker

    init(_ decisions: [MergeDecision] = [], make: @escaping Maker = { _, _, _ in nil }) {
        self.decisions = decisions
        self.make = make
    }

    /// How mergekit has a method, where it has it otherwise.
    static func of(_ method: any MergeMethod.Type) -> MergekitMethod? {
        method is any TaskVectorMethod.Type ? MergekitMethod([.rowsOfBase]) : all[method.descriptor.name]
    }

    /// One line for each method, but those of the task-arithmetic family.
    private static let all: [String: MergekitMethod] = [
        "linear": MergekitMethod([.rowsCut]) { values, _, steps in MergekitLinear(values, steps) },
        "slerp": MergekitMethod([.rowsCut]) { values, _, steps in MergekitSlerp(values, steps) },
        "nuslerp": MergekitMethod([.mixedDTypes, .rowsCut]) { ArcWalk(mergekit: $0, $1, $2) },
        "multislerp": MergekitMethod([.mixedDTypes, .rowsStop], make: multiSlerp),
        "karcher": MergekitMethod([.mixedDTypes, .rowsStop], make: karcher),
        "model_stock": MergekitMethod([.mixedDTypes, .rowsCut]) { MergekitModelStock($0, $1, $2) },
        "sce": MergekitMethod([.mixedDTypes, .rowsStop]) { MergekitSce($0, $1, $2) },
        "ram": MergekitMethod([.mixedDTypes, .rowsStop]) { values, _, steps in
            steps.rounding == .none ? nil : MergekitRam(values, steps)
        },
        "ramplus_tl": MergekitMethod([.float32Output, .mixedDTypes, .rowsStop]) { values, layout, steps in
            steps.rounding == .none ? nil : MergekitRamPlus(values, layout, steps)
        },
        "nearswap": MergekitMethod([.rowsStop]) { values, _, steps in MergekitNearswap(values, steps) },
        "arcee_fusion": MergekitMethod([.float32Output, .mixedDTypes, .rowsCut], make: fusion),
        // It has none of these; they take the steps that it would.
        "lerp": MergekitMethod { values, _, steps in SteppedMerge(.lerp(t: values.number("t")), steps) },
        "add_difference": MergekitMethod { values, _, steps in
            SteppedMerge(.difference(alpha: values.number("alpha")), steps)
        },
        "lines": MergekitMethod { values, _, steps in SteppedMerge(.lines(scale: LinesMerge.scale(values)), steps) },
    ]

    /// In 16 bits the mean is a tensor that is rounded in each iteration.
    ///
    /// No input has a direction that is shorter than `tol`.
    private static let karcher: Maker = { values, layout, steps in
        guard steps.rounding != .none, layout.inputCount > 1 else {
            return KarcherMerge(values, inputCount: layout.inputCount, least: values.number("tol"))
        }
        return RoundedKarcher(values, inputCount: layout.inputCount, steps)
    }

    /// Of one input no base is taken away, and none is added.
    private static let multiSlerp: Maker = { values, layout, steps in
        let given = values.each("weight").map { steps.rounding($0) }
        let sum = steps.rounding(given.reduce(0, +))
        let weights = values.flag("normalize_weights") ? given.map { steps.rounding($0 / sum) } : given
        let usesBase = layout.hasBase && layout.inputCount > 1
        guard steps.rounding != .none, layout.inputCount > 1 else {
            let exact = weights.map { Double($0) }
            return MultiSlerpMerge(exact, epsilon: values.number("eps"), usesDifferences: usesBase)
        }
        return RoundedMultiSlerp(weights, epsilon: values.number("eps"), usesDifferences: usesBase, steps.rounding)
    }

    /// Noise of single steps makes divergences negative.
    private static let fusion: Maker = { _, layout, steps in
        let fusion = ImportanceFusion(layout, isSigned: true, steps.rounding) { row, base in
            Double(softmaxDivergence(of: row, from: base, steps: steps.rounding))
        }
        return ArceeFusionMerge(layout, fusion)
    }
}
