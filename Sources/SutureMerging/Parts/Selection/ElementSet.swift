/// Some of the elements of a tensor.
package struct ElementSet: Sendable {
    private var words: [UInt64]

    /// Creates a set of none of so many elements.
    package init(elementCount: Int) {
        words = Array(repeating: 0, count: (elementCount + 63) / 64)
    }

    /// Adds an element.
    package mutating func insert(_ element: Int) { words[element >> 6] |= 1 << UInt64(element & 63) }

    /// Whether an element is among them.
    private func contains(_ element: Int) -> Bool { words[element >> 6] >> UInt64(element & 63) & 1 == 1 }

    /// Sets to zero the numbers of a block whose elements are not among them.
    func keep(_ values: inout MutableSpan<Float>, at elements: Range<Int>) {
        for i in values.indices where !contains(elements.lowerBound + i) { values[i] = 0 }
    }
}
