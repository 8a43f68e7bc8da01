import SutureMerging
import SutureTensors

extension Mergekit {
    /// What releases compute instead of what is decided here, by the decisions' names.
    static let departures: [String: [MergeDeparture]] = [
        SlerpMerge.zeroVector: [
            .always("a tensor of zeros stands at a right angle: at t 0.5 the other is multiplied by 0.7071, not 0.5")
        ],
        NuSlerpMerge.noArc: [
            .old("zeros stand at a right angle to anything; opposite vectors give rounding noise made large"),
            .new("zeros stand at a right angle to anything; nearly opposite vectors give rounding noise made large"),
        ],
        NuSlerpMerge.parallelHalves: [
            .old("in float16, vectors whose angle has a sine that rounds to 0 give NaN", onlyIn: .float16)
        ],
        NuSlerpMerge.stackedColumns: [
            .always("with `nuslerp_row_wise`, vectors of a stack of matrices go across the stack")
        ],
        MultiSlerpMerge.cancelled: [
            .always("directions of more than two models that cancel out stop the merge", isReproducible: false)
        ],
        KarcherMerge.zeroInput: [
            .always("an input shorter than `tol` has no direction but counts in the mean length")
        ],
        .randomRescale: [.always(sumKept)],
        .rankedRescale: [.always(sumKept)],
        .rankedStack: [
            .always(
                "in a stack of matrices, differences are ranked along the second of its dimensions",
                isReproducible: false
            )
        ],
        .noOutliers: [.old("where gamma of the elements is less than one element, every difference is dropped")],
        .nothingKept: [
            .old("a density that keeps no element of a tensor stops the merge", isReproducible: false),
            .new("a density above 0 keeps at least one element of a tensor"),
        ],
        .draws: [
            .always(
                "which differences are kept is drawn from torch's generator, in the order of the run",
                isReproducible: false
            )
        ],
        ModelStockMerge.negativeCosine: [
            .old("a negative mean cosine gives a negative ratio, at -1/(N-1) a division by zero"),
            .new("a negative mean cosine gives a negative ratio, but at -1/(N-1) the base"),
        ],
        ModelStockMerge.smallDifferences: [
            .always("the cosine of two differences is taken for 0 where the product of their lengths is below 1e-6")
        ],
        SceMerge.nothingSelected: [
            .old("where no element is selected, a tensor of a wrong shape is written", isReproducible: false)
        ],
        SceMerge.smallDifferences: [
            .always("inputs count equally where the mean squares of their differences sum to less than 1e-6")
        ],
        ArceeFusionMerge.sampling: [
            .always("the quartiles of more than a million elements are those of random samples", isReproducible: false)
        ],
        .float32Output: [
            .always("the result of 16-bit inputs is written as float32, unless `out_dtype` is given")
        ],
        .rowsCut: [
            .old("embeddings with different numbers of rows are cut to those that all have; the config is not told"),
            .new(rowsRefused, isReproducible: false),
        ],
        .rowsStop: [.always(rowsRefused, isReproducible: false)],
        .rowsOfBase: [
            .old("a model with fewer rows than the base stops the merge", isReproducible: false),
            .new(rowsRefused, isReproducible: false),
        ],
        .float64Steps: [.always("tensors of float64 are merged in float64", isReproducible: false)],
        .mixedDTypes: [.old("each tensor's own steps are rounded to its own dtype", isReproducible: false)],
    ].reduce(into: [:]) { $0[$1.key.id] = $1.value }

    private static let sumKept =
        "kept differences are scaled so that the sum of their magnitudes is what it was (L1)"
    private static let rowsRefused = "embeddings with different numbers of rows stop the merge"
}

/// What a method never sees.
extension MergeDecision {
    /// What dtype a method writes that mergekit computes in float32.
    static let float32Output = MergeDecision(
        "float32-output",
        on: .dtype,
        documented: "the result has the dtype of the output"
    )

    /// What becomes of rows that only some embeddings have.
    static let rowsCut = MergeDecision("rows-cut", on: .rows, documented: rowsKept)

    /// The same for methods that stop there in every release.
    static let rowsStop = MergeDecision("rows-stop", on: .rows, documented: rowsKept)

    /// The same for the task-arithmetic family, which used to take rows beyond the base's for nothing.
    static let rowsOfBase = MergeDecision("rows-of-base", on: .rows, documented: rowsKept)

    private static let rowsKept =
        "rows that all have are blended, the base's (or the first input's) others kept; the config follows"

    /// In what numbers tensors of float64 are merged, by any method.
    static let float64Steps = MergeDecision(
        "float64-steps",
        on: .models,
        documented: "steps are those of float32, sums over a tensor those of float64"
    )

    /// In what numbers tensors of several dtypes are merged.
    static let mixedDTypes = MergeDecision(
        "mixed-dtypes",
        on: .models,
        documented: "tensors of several dtypes are widened first"
    )
}

extension MergeDeparture {
    /// What every release computes.
    fileprivate static func always(_ words: String, isReproducible: Bool = true) -> Self {
        Self(of: Mergekit.releases, words, isReproducible: isReproducible)
    }

    /// What 0.1.4 computes.
    fileprivate static func old(_ words: String, isReproducible: Bool = true, onlyIn dtype: DType? = nil) -> Self {
        Self(of: [.mergekit014], words, isReproducible: isReproducible, onlyIn: dtype)
    }

    /// What releases from 0.1.5 on compute.
    fileprivate static func new(_ words: String, isReproducible: Bool = true) -> Self {
        Self(of: [.mergekit015], words, isReproducible: isReproducible)
    }
}
