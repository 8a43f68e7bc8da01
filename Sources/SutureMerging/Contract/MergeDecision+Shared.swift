/// Decisions that several methods have.
extension MergeDecision {
    /// What dtype a method writes that mergekit computes in float32.
    package static let float32Output = MergeDecision(
        "float32-output",
        on: .dtype,
        documented: "the result has the dtype of the output",
        .always("the result of 16-bit inputs is written as float32, unless `out_dtype` is given")
    )

    /// What becomes of rows that only some embeddings have.
    package static let rowsCut = MergeDecision(
        "rows-cut",
        on: .rows,
        documented: rowsKept,
        .until(
            .v014,
            "embeddings with different numbers of rows are cut to those that all have; the config is not told"
        ),
        .since(.v015, rowsRefused, isReproducible: false)
    )

    /// The same for methods that stop there in every release.
    static let rowsStop = MergeDecision(
        "rows-stop",
        on: .rows,
        documented: rowsKept,
        .always(rowsRefused, isReproducible: false)
    )

    /// The same for the task-arithmetic family, which used to take rows beyond the base's for nothing.
    static let rowsOfBase = MergeDecision(
        "rows-of-base",
        on: .rows,
        documented: rowsKept,
        .until(.v014, "a model with fewer rows than the base stops the merge", isReproducible: false),
        .since(.v015, rowsRefused, isReproducible: false)
    )

    private static let rowsKept =
        "rows that all have are blended, the base's (or the first input's) others kept; the config follows"
    private static let rowsRefused = "embeddings with different numbers of rows stop the merge"

    /// Which differences a random method keeps.
    static let draws = MergeDecision(
        "random-masks",
        on: .draws,
        documented: "which differences are kept follows from the seed, the node, the tensor and the element",
        .always(
            "which differences are kept is drawn from torch's generator, in the order of the run",
            isReproducible: false
        )
    )

    /// In what numbers tensors of float64 are merged, by any method.
    package static let float64Steps = MergeDecision(
        "float64-steps",
        on: .models,
        documented: "steps are those of float32, sums over a tensor those of float64",
        .always("tensors of float64 are merged in float64", isReproducible: false)
    )

    /// In what numbers tensors of several dtypes are merged.
    package static let mixedDTypes = MergeDecision(
        "mixed-dtypes",
        on: .models,
        documented: "tensors of several dtypes are widened first",
        .until(.v014, "each tensor's own steps are rounded to its own dtype", isReproducible: false)
    )
}
