/// What a method wants to learn in one pass over its inputs before it can combine them.
package struct SurveyPass: Hashable, Sendable {
    /// How many sums in `Double` each chunk adds up.
    package let sumCount: Int

    /// How many counters each chunk counts in.
    package let counterCount: Int

    /// How many lists of keys each chunk collects.
    package let listCount: Int

    /// The elements to look at, in order and apart; `nil` for all of them.
    package let elements: [Range<Int>]?

    /// Creates a pass.
    package init(sums: Int = 0, counters: Int = 0, lists: Int = 0, over elements: [Range<Int>]? = nil) {
        sumCount = sums
        counterCount = counters
        listCount = lists
        self.elements = elements
    }
}

/// What a pass learned: of one block, of one chunk, and at last of the whole tensor.
///
/// A tensor is cut into the same chunks however many threads there are, and the chunks are folded in their order,
/// so a pass learns the same to the last bit at any width.
package struct MergeStatistics: Hashable, Sendable {
    /// Sums, added over the blocks of a chunk and then over the chunks in their order.
    package var sums: [Double]

    /// Counters, added in any order.
    package var counters: [Int]

    /// Lists of keys, joined in the order of the chunks.
    package var lists: [[UInt64]]

    /// Values noted down for each chunk or row, one after another in the order of the chunks.
    package var records: [Double] = []

    /// Creates what a pass knows before it has seen anything.
    package init(for pass: SurveyPass) {
        sums = Array(repeating: 0, count: pass.sumCount)
        counters = Array(repeating: 0, count: pass.counterCount)
        lists = Array(repeating: [], count: pass.listCount)
    }
}
