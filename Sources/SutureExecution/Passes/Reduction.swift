/// What one pass over aligned tensors learns of their numbers, and no more than a few numbers of each chunk are kept.
///
/// A tensor is cut into the same chunks however many threads there are, and what chunks told is joined in their order,
/// so that a pass learns the same to the last bit at any width.
package protocol Reduction: Sendable {
    /// What is learned of one tensor, or of a part of it.
    associatedtype Finding: Sendable

    /// What is known of a tensor before any of its numbers.
    func begin(_ tensor: AlignedTensor) -> Finding

    /// Adds what a block tells.
    func add(_ block: NumberBlock, to finding: inout Finding)

    /// Adds what a later chunk of the same tensor told.
    func join(_ later: Finding, to finding: inout Finding)
}

/// The same elements of all tensors that lie side by side, as float32.
package struct NumberBlock: Sendable {
    /// The numbers of each; those from ``count`` on are left over from another block.
    package fileprivate(set) var rows: [[Float]]

    /// How many elements there are.
    package fileprivate(set) var count: Int

    init(rowCount: Int, capacity: Int) {
        rows = Array(repeating: Array(repeating: 0, count: capacity), count: rowCount)
        count = 0
    }

    /// Fills the rows.
    mutating func fill<Failure: Error>(
        count: Int,
        _ body: (_ row: Int, _ numbers: inout MutableSpan<Float>) throws(Failure) -> Void
    ) throws(Failure) {
        self.count = count
        for row in rows.indices {
            var whole = rows[row].mutableSpan
            var numbers = whole._mutatingExtracting(0..<count)
            try body(row, &numbers)
        }
    }
}
