package import SystemPackage

/// What a run made, and what it took.
package struct Receipt: Hashable, Sendable {
    /// The output folder, with symbolic links resolved.
    package var folder: FilePath

    /// The bytes of all files in it.
    package var logicalBytes: Int

    /// The bytes of them that were written; the others share blocks with a source.
    package var physicalBytes: Int

    /// The bytes that an earlier run had left.
    package var resumedBytes: Int

    /// Whether an earlier run had done all of it.
    package var wasDone = false

    /// The time from start to the last sync.
    package var duration: Duration

    /// The most memory the process has had in RAM so far, in bytes; `nil` where the system does not tell.
    package var peakMemory: Int?

    /// The threads that worked.
    package var threads: Int

    /// Where the result of a mergekit file is not mergekit's, as far as this run has computed it.
    package var decisions = AppliedDecisions()
}
