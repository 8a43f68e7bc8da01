/// A run of bytes of one output file, written by one part.
struct Stretch: Hashable, Sendable {
    /// The file, by its number in the plan.
    let shard: Int

    /// The bytes of the file.
    let range: Range<Int>
}
