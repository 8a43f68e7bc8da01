public import SutureMerging

extension MergeRelease {
    /// mergekit's release of October 2025, and what was called so until the next one.
    public static let mergekit014 = MergeRelease("mergekit", "0.1.4")

    /// mergekit's release of October 2026.
    public static let mergekit015 = MergeRelease("mergekit", "0.1.5")
}
